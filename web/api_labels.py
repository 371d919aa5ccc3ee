"""`/api/v1/labels`: a return label, and its prints."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import Response
from pydantic import BaseModel, Field

from backhaul.domain.errors import NotFound
from backhaul.store import api_keys, rmas
from backhaul.store.effect_tables import LabelRow
from backhaul.store.unit_of_work import UnitOfWork
from web.api_access import Program, program_with
from web.label_prints import PRINTS, label_file
from web.who import DoorsHere

router = APIRouter(prefix="/api/v1/labels", tags=["labels"])

Reader = Annotated[Program, Depends(program_with(api_keys.LABELS_READ))]


class Print(StrEnum):
    """A print of a label; `qr` is the code that a carrier's counter scans from a phone."""

    PDF = "pdf"
    PNG = "png"
    ZPL = "zpl"
    QR = "qr"


class Label(BaseModel):
    """A return label. Its prints are at `/api/v1/labels/{id}/{print}`."""

    id: str
    rma: str
    carrier: str
    service: str
    tracking_number: str
    sscc: str
    ship_by: date
    voided_at: datetime | None = Field(description="Since when it must not be used")


_PRINTS_OF: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The print",
        "content": {
            kind: {"schema": {"type": "string", "format": "binary"}}
            for kind in sorted({media_type for _, media_type in PRINTS.values()})
        },
    }
}


@router.get("/{label_id}")
def read_label(program: Reader, label_id: str, doors: DoorsHere) -> Label:
    """One label."""
    with doors.desk.store.read() as uow:
        return label_of(_own(uow, program, label_id))


@router.get("/{label_id}/{kind}", response_class=Response, responses=_PRINTS_OF)
def print_label(program: Reader, label_id: str, kind: Print, doors: DoorsHere) -> Response:
    """A label as it is printed, or shown at a counter."""
    with doors.desk.store.read() as uow:
        row = _own(uow, program, label_id)
    return label_file(doors, row, kind.value)


def label_of(row: LabelRow) -> Label:
    """A label as programs see it."""
    return Label(
        id=row.id,
        rma=row.rma_id,
        carrier=row.carrier,
        service=row.service,
        tracking_number=row.tracking_number,
        sscc=row.sscc,
        ship_by=row.ship_by,
        voided_at=row.voided_at,
    )


def _own(uow: UnitOfWork, program: Program, label_id: str) -> LabelRow:
    row = rmas.label(uow, label_id)
    if row is None:
        raise NotFound("label", label_id)
    program.own(rmas.rma(uow, row.rma_id).account_id, "label", label_id)
    return row
