"""The daily comparison with the ERP: what was booked there directly, and what of ours is not there."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from backhaul.connectors.ports import ErpReads
from backhaul.domain.audit import Tag
from backhaul.domain.clock import Ids
from backhaul.domain.reconciliation import (
    Difference,
    booking_differences,
    credit_differences,
    move_differences,
    return_differences,
)
from backhaul.store import cases, review_deadlines, reviews
from backhaul.store import reconcile as books
from backhaul.store.money_tables import ReconciliationRow
from backhaul.store.reconcile import OurOrder
from backhaul.store.unit_of_work import Store, UnitOfWork, in_turn

DUE = "reconciliation"
_LOOKS_BACK = timedelta(days=90)
"""An order that nothing was entered on for so long is not compared any more"""


def reconcile(store: Store, erp: ErpReads, ids: Ids, day: date) -> ReconciliationRow:
    """Compare every order that we entered anything on lately, and keep what differs under that day.

    Orders that we know nothing of are not looked at: the ERP is asked order by order.

    Raises:
        ConnectorUnavailable: The ERP did not answer; nothing is kept.
    """
    since = datetime.combine(day, time(), UTC) - _LOOKS_BACK
    with store.read() as uow:
        ours = [books.our_order(uow, number) for number in books.orders_since(uow, since)]
    found = [one for order in ours for one in differences(erp, order)]
    with store.begin() as uow:
        in_turn(uow, f"books of {day}")
        row, is_news = books.keep(uow, ids, day, compared=len(ours), found=found)
        facts = {"compared": len(ours), "differences": len(found)}
        uow.record(Tag.BOOKS_COMPARED, actor="worker:reconciliation", subject=day.isoformat(), facts=facts)
        if is_news:
            _open_task(uow, ids, day, found)
    return row


def differences(erp: ErpReads, order: OurOrder) -> Iterator[Difference]:
    """What one order's books differ in."""
    memos = erp.credit_memos(order.number)
    yield from credit_differences(
        order.number, order.credits, memos, case_id=order.case_id, under_way=order.under_way
    )
    yield from move_differences(order.moves, _pieces_by_reference(erp, order))
    yield from return_differences(order.number, order.returns, _pieces_by_rma(erp, order))
    shown = {one.key: erp.booked_under(one.key) for one in order.documents}
    yield from booking_differences(
        order.documents, {key: booked.number for key, booked in shown.items() if booked}
    )


def _pieces_by_reference(erp: ErpReads, order: OurOrder) -> Counter[str]:
    """A receipt is a move out of nowhere; a move leaves quarantine. Both carry our own reference."""
    pieces: Counter[str] = Counter()
    for sku in sorted({one.sku for one in order.moves}):
        for move in erp.stock_moves(sku):
            pieces[move.reference] += move.quantity
    return pieces


def _pieces_by_rma(erp: ErpReads, order: OurOrder) -> dict[str, int]:
    """What each RMA of the order holds there; a cancelled one holds nothing."""
    return {
        booked.number: 0
        if booked.cancelled
        else sum(line.quantity for line in booked.lines if line.order_number == order.number)
        for booked in erp.returns_on(order.number)
    }


def _open_task(uow: UnitOfWork, ids: Ids, day: date, found: list[Difference]) -> None:
    """One task for all differences of a day, on the first case that has one."""
    case_id = next((one.case_id for one in found if one.case_id), "")
    if not case_id:
        return
    case = cases.case(uow, case_id)
    kinds = Counter(one.what for one in found)
    told = ", ".join(f"{number} x {what}" for what, number in kinds.most_common())
    reviews.open_review(
        uow,
        ids,
        case_id=case.id,
        thread_id=case.thread_id,
        why=f"Our books and the ERP's differ on {day:%d %B %Y}: {told}. The page Finance has the list.",
        due_at=review_deadlines.due(uow),
    )
