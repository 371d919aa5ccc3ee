"""What the dock does, as its pages do it: count, inspect, settle on a disposition; the worker acts."""

from typing import Any

from backhaul.domain.receiving import (
    DISPOSITION_PREFIX,
    RECEIPT_PREFIX,
    Disposition,
    Finding,
    Grade,
    ReceiptKind,
)
from backhaul.store import dock, rmas, staff
from backhaul.store.dock_tables import DispositionRow, ReceiptRow
from backhaul.store.effect_tables import RmaLineRow, RmaRow
from tests.house import House

INSPECTOR = "dora.dock@halden.example"


def staff_id(house: House, email: str = INSPECTOR) -> str:
    with house.store.read() as uow:
        person = staff.staff_by_email(uow, email)
    assert person is not None
    return person.id


def line_of(house: House, rma: RmaRow, number: int = 0) -> RmaLineRow:
    with house.store.read() as uow:
        return rmas.rma_lines(uow, rma.id)[number]


def counts(
    house: House,
    rma: RmaRow | None,
    quantity: int,
    *,
    kind: ReceiptKind = ReceiptKind.EXPECTED,
    line: RmaLineRow | None = None,
    sku: str | None = None,
    serials: tuple[str, ...] = (),
    receipt_id: str = "",
    facility_id: str = "CMH1",
    **more: Any,
) -> ReceiptRow:
    """Count what came for a line of an RMA, or without papers, and let the worker book it."""
    on = line or (line_of(house, rma) if rma else None)
    empty = kind in {ReceiptKind.EMPTY_BOX, ReceiptKind.REFUSED}
    counted = dock.Counted(
        receipt_id=receipt_id or house.desk.ids.new(RECEIPT_PREFIX),
        kind=kind,
        facility_id=rma.facility_id if rma else facility_id,
        counted_by=staff_id(house),
        rma_id=rma.id if rma else None,
        rma_line_id=on.id if on else None,
        sku=sku if sku is not None else ("" if empty or on is None else on.sku),
        quantity=quantity,
        serials=serials,
        **more,
    )
    with house.store.begin() as uow:
        row = dock.count(uow, counted)
        house.engine.start(uow, workflow="receive", workflow_id=f"receive-{row.id}", args=[row.id])
    return receipt(house, row.id)


def receipt(house: House, receipt_id: str) -> ReceiptRow:
    with house.store.read() as uow:
        return dock.receipt(uow, receipt_id)


def settles(
    house: House,
    came: ReceiptRow,
    chosen: Disposition,
    *,
    grade: Grade = Grade.A,
    quantity: int | None = None,
    finding: Finding = Finding.CONFIRMED,
    found_reason: str | None = None,
    seal_intact: bool | None = True,
    carried_out: bool = True,
) -> DispositionRow:
    """Inspect pieces of a receipt, settle on what becomes of them, and let the worker act on it if wanted."""
    who = staff_id(house)
    pieces = came.quantity if quantity is None else quantity
    with house.store.begin() as uow:
        seen = dock.inspect(
            uow,
            dock.Inspected(
                inspection_id=house.desk.ids.new("IN"),
                receipt_id=came.id,
                quantity=pieces,
                serials=tuple(came.serials[:pieces]),
                grade=grade,
                finding=finding,
                found_reason=found_reason,
                seal_intact=seal_intact,
                inspected_by=who,
            ),
        )
        row = dock.settle_on(
            uow,
            dock.SettledOn(house.desk.ids.new(DISPOSITION_PREFIX), seen.id, chosen, chosen, {}, who),
        )
        if carried_out:
            house.engine.start(uow, workflow="dispose", workflow_id=f"dispose-{row.id}", args=[row.id])
    return disposition(house, row.id)


def disposition(house: House, disposition_id: str) -> DispositionRow:
    with house.store.read() as uow:
        return dock.disposition(uow, disposition_id)
