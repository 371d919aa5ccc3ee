"""Goods without papers find their RMA: somebody at the dock knows whose they are."""

from backhaul.domain.audit import Tag
from backhaul.domain.errors import NotFound
from backhaul.domain.money import Money
from backhaul.domain.receiving import ReceiptState
from backhaul.store import dock, ledger, rmas, tasks
from backhaul.store.dock_tables import ReceiptRow
from backhaul.store.effect_tables import RmaLineRow, RmaRow
from backhaul.store.unit_of_work import UnitOfWork
from backhaul.workflows.dock_staff import works_at_the_dock
from backhaul.workflows.receive_steps import announced, may_come, receive_on
from backhaul.workflows.rma_steps import refresh
from backhaul.workflows.runner import Json
from backhaul.workflows.stops import forged
from backhaul.workflows.world import WorkerWorld

_NOT = "; not matched with "


def match(world: WorkerWorld, receipt_id: str, rma_line_id: str, staff_id: str) -> Json:
    """Somebody knows whose unmatched goods these are: receive them on that line, if it still awaits them."""
    try:
        with world.store.begin() as uow:
            row = dock.receipt(uow, receipt_id, lock=True)
            line = rmas.rma_line(uow, rma_line_id)
            rma = rmas.rma(uow, line.rma_id, lock=True)
            why = _why_no_match(uow, row, rma, line, staff_id)
            if why is None:
                _matched(uow, row, rma, line, staff_id)
                return {"state": "booked", "receipts": []}
            if row.state == ReceiptState.BOOKED.value:
                return {"state": "booked before"}
            # Why it lies here stays in front.
            kept = (row.why or "").partition(_NOT)[0]
            row.why = f"{kept}{_NOT}{rma.erp_number or rma.id}: {why}"
            # The page that asked waits for the next version.
            row.version += 1
            return {"state": "not matched", "why": why}
    except NotFound as missing:
        return forged(world, receipt_id, str(missing))


def _why_no_match(
    uow: UnitOfWork, row: ReceiptRow, rma: RmaRow, line: RmaLineRow, staff_id: str
) -> str | None:
    awaited = may_come(uow, rma, line)
    wanted = announced(uow, line)
    checks = {
        "not asked for by the dock": works_at_the_dock(uow, staff_id),
        "it is matched already": row.state in {ReceiptState.UNMATCHED.value, ReceiptState.HELD.value},
        f"{wanted.sku} is awaited, not {row.sku or row.described}": row.sku == wanted.sku,
        f"{awaited} pieces are awaited, {row.quantity} lie here": 0 < row.quantity <= awaited,
        "other serial numbers are authorised": not wanted.serials or set(row.serials) <= wanted.serials,
    }
    return next((why for why, holds in checks.items() if not holds), None)


def _matched(uow: UnitOfWork, row: ReceiptRow, rma: RmaRow, line: RmaLineRow, staff_id: str) -> None:
    ledger.enter(uow, ledger.Entry(ledger.MATCHED, row.quantity, Money(0), cause=row.id))
    held_for = rmas.find(uow, row.rma_id) if row.rma_id else None
    if held_for is not None and held_for.case_id == rma.case_id:
        # Whoever was promised an answer about another's goods hears nothing of this match: that task stays.
        note = f"matched with {rma.erp_number or rma.id}"
        tasks.moved_on(uow, held_for.case_id, row.id, user_id=staff_id, note=note)
    receive_on(uow, row, rma, line)
    row.why = None
    row.version += 1
    uow.record(
        Tag.GOODS_MATCHED,
        actor=f"staff:{staff_id}",
        subject=row.id,
        case_id=rma.case_id,
        facts={"rma": rma.id, "quantity": row.quantity},
    )
    refresh(uow, rma)
