"""`/api/v1/events`: what carriers and the warehouse's own system saw, kept at once for the worker."""

from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from backhaul.connectors import webhooks
from backhaul.domain.canonical import digest
from backhaul.domain.clock import id_from
from backhaul.domain.errors import BadInput
from backhaul.domain.receiving import RECEIPT_PREFIX, ParcelEvent, ParcelStatus, ReceiptKind
from backhaul.store import api_keys, api_lists, rmas
from backhaul.store.dock import Counted
from backhaul.store.unit_of_work import UnitOfWork
from web.api_access import Program, program_with
from web.api_once import OnceHere, done_once
from web.dock_form import named
from web.dock_receive import book
from web.dock_receive_view import AnnouncedLine, announced
from web.who import DoorsHere
from web.world import Doors

router = APIRouter(prefix="/api/v1/events", tags=["events"])
_MOST_NUMBERS = 500
_MOST_PIECES = 1_000_000

Writer = Annotated[Program, Depends(program_with(api_keys.EVENTS_WRITE))]
Number = Annotated[str, Field(min_length=1, max_length=60)]


class ScanOfParcel(BaseModel):
    """One scan of a parcel. The same `event_id` of a carrier counts once, however often it comes."""

    model_config = ConfigDict(extra="forbid")
    carrier: str = Field(
        pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60, description="overland-parcel, ..."
    )
    event_id: str = Field(pattern=r"^[A-Za-z0-9_.:-]{1,100}$")
    tracking_number: str = Field(pattern=r"^[A-Za-z0-9_.-]{1,60}$")
    status: ParcelStatus
    at: AwareDatetime = Field(description="When it was scanned")
    place: str = Field(default="", max_length=100)


class Came(StrEnum):
    """What the dock found."""

    GOODS = "goods"
    EMPTY_BOX = "empty_box"
    REFUSED = "refused"


class ReceiptOfGoods(BaseModel):
    """What the warehouse counted of one article out of one parcel.

    With an RMA, or the tracking number of its label, it is held against what was announced; without either
    the goods are kept as unmatched until somebody knows whose they are. What was counted is never refused.
    """

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)
    event_id: str = Field(pattern=r"^[A-Za-z0-9_.:-]{1,100}$", description="The warehouse's own")
    came: Came = Came.GOODS
    rma: str = Field(default="", max_length=60, description="Our id, or the ERP's number")
    tracking_number: str = Field(default="", max_length=60)
    facility: str = Field(default="", max_length=60, description="Needed for what came without papers")
    sku: str = Field(default="", max_length=200)
    quantity: int = Field(default=0, ge=0, le=_MOST_PIECES)
    serials: list[Number] = Field(default_factory=list, max_length=_MOST_NUMBERS)
    lots: list[Number] = Field(default_factory=list, max_length=_MOST_NUMBERS)
    note: str = Field(default="", max_length=2_000)


class Kept(BaseModel):
    """An event that is kept; the worker takes it."""

    event: str
    receipt: str | None = None


@router.post("/parcels", status_code=202, response_model=Kept)
def parcel_scanned(program: Writer, asked: OnceHere, scan: ScanOfParcel, doors: DoorsHere) -> Response:
    """A parcel was scanned. Carriers that sign their messages send them to `/hooks/carrier` instead."""
    event = ParcelEvent(scan.event_id, scan.tracking_number, scan.status, scan.at, scan.place)

    def deed(uow: UnitOfWork) -> tuple[int, dict[str, Any]]:
        doors.desk.starter.start(
            uow,
            workflow="carrier-event",
            workflow_id=f"event-{scan.carrier}-{scan.event_id}",
            args=[scan.carrier, webhooks.written(event)],
        )
        return 202, Kept(event=scan.event_id).model_dump()

    return done_once(doors, program, asked, deed)


@router.post("/receipts", status_code=202, response_model=Kept)
def goods_counted(program: Writer, asked: OnceHere, counted: ReceiptOfGoods, doors: DoorsHere) -> Response:
    """The warehouse counted goods. The worker books them; a person still inspects them."""
    receipt_id = id_from(RECEIPT_PREFIX, digest([program.actor, counted.event_id]))

    def deed(uow: UnitOfWork) -> tuple[int, dict[str, Any]]:
        book(uow, doors, _counted(uow, doors, program, counted, receipt_id))
        return 202, Kept(event=counted.event_id, receipt=receipt_id).model_dump()

    return done_once(doors, program, asked, deed)


def _counted(
    uow: UnitOfWork, doors: Doors, program: Program, sent: ReceiptOfGoods, receipt_id: str
) -> Counted:
    rma_id = _rma_of(uow, sent)
    _check(doors, sent, rma_id)
    page = announced(uow, doors, rma_id) if rma_id else None
    line = _line(page.lines, sent.sku) if page and sent.came is Came.GOODS else None
    article = named(doors.desk.erp, sent.sku)
    return Counted(
        receipt_id=receipt_id,
        kind=_kind(sent, line) if page else ReceiptKind.UNANNOUNCED,
        facility_id=page.rma.facility_id if page else sent.facility,
        counted_by=program.actor,
        rma_id=rma_id,
        rma_line_id=line.row.id if line else None,
        tracking_number=sent.tracking_number,
        sku=article.sku,
        described=article.described,
        quantity=sent.quantity,
        serials=tuple(dict.fromkeys(sent.serials)),
        lots=tuple(dict.fromkeys(sent.lots)),
        note=sent.note,
    )


def _rma_of(uow: UnitOfWork, sent: ReceiptOfGoods) -> str | None:
    """The RMA that was named, or the one whose label the parcel had.

    Raises:
        BadInput: One was named that does not exist.
    """
    if sent.rma:
        found = api_lists.rma_named(uow, sent.rma)
        if found is None:
            raise BadInput(f"No RMA {sent.rma}; leave it out for goods without papers.", field="rma")
        return found.id
    label = rmas.label_of(uow, sent.tracking_number) if sent.tracking_number else None
    return label.rma_id if label else None


def _check(doors: Doors, sent: ReceiptOfGoods, rma_id: str | None) -> None:
    """Raises BadInput for what cannot have been counted so."""
    is_goods = sent.came is Came.GOODS
    if is_goods != (sent.quantity > 0) or is_goods != bool(sent.sku):
        raise BadInput(
            "Goods have a sku and at least one piece; anything else has neither.", field="quantity"
        )
    if len(set(sent.serials)) > sent.quantity:
        raise BadInput(f"More serials than the {sent.quantity} pieces.", field="serials")
    if rma_id is None and not is_goods:
        raise BadInput("Which return is it? Name the RMA or the tracking number.", field="rma")
    if rma_id is None and sent.facility not in {one.facility_id for one in doors.desk.erp.facilities()}:
        raise BadInput("Which facility is this? Goods without papers need one.", field="facility")


def _line(lines: tuple[AnnouncedLine, ...], sku: str) -> AnnouncedLine | None:
    """The line that announces the article; for another article the only line there is."""
    fitting = [one for one in lines if one.article.sku == sku.upper()]
    still = [one for one in fitting if one.left] or fitting
    if still:
        return still[0]
    return lines[0] if len(lines) == 1 else None


def _kind(sent: ReceiptOfGoods, line: AnnouncedLine | None) -> ReceiptKind:
    if sent.came is Came.EMPTY_BOX:
        return ReceiptKind.EMPTY_BOX
    if sent.came is Came.REFUSED:
        return ReceiptKind.REFUSED
    fits = line is not None and line.article.sku == sent.sku.upper()
    return ReceiptKind.EXPECTED if fits else ReceiptKind.WRONG_ITEM
