"""`/api/v1/rmas`: RMAs with their lines, and what may be asked for about one: its end, or a new label."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from pydantic import BaseModel, Field

from backhaul.domain.returns import RmaState
from backhaul.store import api_keys, api_lists, rmas
from backhaul.store.api_lists import Place
from backhaul.store.effect_tables import RmaRow
from backhaul.store.unit_of_work import UnitOfWork
from tools import writes
from web.api_access import Program, program_with
from web.api_labels import Label, label_of
from web.api_once import Once, OnceHere, done_once
from web.api_pages import AskedHere, Page, paged
from web.who import DoorsHere
from web.world import Doors

router = APIRouter(prefix="/api/v1/rmas", tags=["rmas"])

Reader = Annotated[Program, Depends(program_with(api_keys.RMAS_READ))]
Writer = Annotated[Program, Depends(program_with(api_keys.RMAS_WRITE))]


class RmaLine(BaseModel):
    """One line of an RMA."""

    order: str
    order_line: int
    sku: str
    quantity: int


class Rma(BaseModel):
    """A return merchandise authorisation."""

    id: str
    number: str | None = Field(description="The ERP's, which stands on the parcel; null until it gave one")
    case: str
    account: str
    facility: str
    state: RmaState
    parcel: str | None = Field(description="What the carrier said last of the parcel")
    return_by: date
    created_at: datetime
    cancelled_at: datetime | None
    expired_at: datetime | None
    closed_at: datetime | None


class Replacement(BaseModel):
    """A free order that sends the right goods."""

    order: str
    sku: str
    quantity: int
    ships_on: date


class WholeRma(Rma):
    """An RMA with its lines, its labels (the newest first) and what was sent in exchange."""

    lines: list[RmaLine]
    labels: list[Label]
    replacements: list[Replacement]


class AskedFor(BaseModel):
    """Work that was handed to the worker; what comes of it stands on the RMA, and is told by webhooks."""

    rma: str
    work: str


@router.get("")
def list_rmas(
    program: Reader,
    wanted: AskedHere,
    doors: DoorsHere,
    state: Annotated[RmaState | None, Query(description="Only those in this state")] = None,
) -> Page[Rma]:
    """RMAs, the newest first."""
    with doors.desk.store.read() as uow:
        found = api_lists.rmas(uow, wanted.of(program, state.value if state else None))
    return paged(found, wanted, lambda row: Place(row.created_at, row.id), _rma)


@router.get("/{rma_id}")
def read_rma(program: Reader, rma_id: str, doors: DoorsHere) -> WholeRma:
    """One RMA."""
    with doors.desk.store.read() as uow:
        row = _own(uow, program, rma_id)
        return WholeRma(
            **_rma(row).model_dump(),
            lines=[
                RmaLine(
                    order=line.order_number, order_line=line.order_line, sku=line.sku, quantity=line.quantity
                )
                for line in rmas.rma_lines(uow, rma_id)
            ],
            labels=[label_of(label) for label in rmas.labels(uow, rma_id)],
            replacements=[
                Replacement(
                    order=sent.erp_number, sku=sent.sku, quantity=sent.quantity, ships_on=sent.ships_on
                )
                for sent in rmas.replacements(uow, rma_id)
            ],
        )


@router.post("/{rma_id}/cancel", status_code=202, response_model=AskedFor)
def cancel(program: Writer, rma_id: str, asked: OnceHere, doors: DoorsHere) -> Response:
    """Ask for an RMA to be cancelled and its label voided, while its parcel has not moved.

    The policy decides; a person may have to agree.
    """
    return _ask(program, rma_id, asked, doors, writes.ask_cancelling)


@router.post("/{rma_id}/labels", status_code=202, response_model=AskedFor)
def new_label(program: Writer, rma_id: str, asked: OnceHere, doors: DoorsHere) -> Response:
    """Ask for another label while the parcel has not moved; the one before is voided."""
    return _ask(program, rma_id, asked, doors, writes.ask_label)


def _ask(program: Program, rma_id: str, asked: Once, doors: Doors, verb: writes.AskOfRma) -> Response:
    def deed(uow: UnitOfWork) -> tuple[int, dict[str, Any]]:
        row = _own(uow, program, rma_id)
        work = verb(uow, doors.desk, row, api_keys.speaks_as(program.name, row.account_id))
        return 202, AskedFor(rma=row.id, work=work).model_dump()

    return done_once(doors, program, asked, deed)


def _own(uow: UnitOfWork, program: Program, rma_id: str) -> RmaRow:
    row = rmas.rma(uow, rma_id)
    program.own(row.account_id, "RMA", rma_id)
    return row


def _rma(row: RmaRow) -> Rma:
    return Rma(
        id=row.id,
        number=row.erp_number,
        case=row.case_id,
        account=row.account_id,
        facility=row.facility_id,
        state=RmaState(row.state),
        parcel=row.parcel,
        return_by=row.return_by,
        created_at=row.created_at,
        cancelled_at=row.cancelled_at,
        expired_at=row.expired_at,
        closed_at=row.closed_at,
    )
