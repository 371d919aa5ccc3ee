"""What the dock has before it: announced returns, goods to inspect, to settle, held, without papers."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from backhaul.domain.errors import NotFound
from backhaul.domain.receiving import ReceiptKind, ReceiptState
from backhaul.domain.returns import OVER, RmaState
from backhaul.store import ledger
from backhaul.store.dock_tables import DispositionRow, InspectionRow, OutcomeRow, ReceiptRow
from backhaul.store.effect_tables import LabelRow, LedgerEntryRow, RmaLineRow, RmaRow
from backhaul.store.tables import ReturnLineRow
from backhaul.store.unit_of_work import UnitOfWork

_UNDER_WAY = tuple(state.value for state in RmaState if state.value not in OVER)
PAGE = 100
"""Rows that a list shows at once"""
_ONE_OF_EACH = 50
"""More hits than anybody at a dock looks through"""


def expected(uow: UnitOfWork, *, after: int = 0) -> Sequence[RmaRow]:
    """A page of RMAs with pieces still to come, the earliest date first; `after` so many of them."""
    query = sa.select(RmaRow).where(*_is_expected()).order_by(RmaRow.return_by, RmaRow.id)
    return uow.session.scalars(query.limit(PAGE).offset(after)).all()


def to_inspect(uow: UnitOfWork, *, after: int = 0) -> Sequence[ReceiptRow]:
    """A page of receipts in quarantine with pieces that nobody has inspected, oldest first."""
    return _receipts(uow, *waits_for_inspection(), after=after)


def lying(uow: UnitOfWork, state: ReceiptState, *, after: int = 0) -> Sequence[ReceiptRow]:
    """A page of receipts that stand somewhere, oldest first."""
    return _receipts(uow, ReceiptRow.state == state.value, after=after)


def to_settle(uow: UnitOfWork, *, after: int = 0) -> Sequence[InspectionRow]:
    """A page of inspections with pieces that have no disposition, oldest first."""
    query = sa.select(InspectionRow).where(has_no_disposition())
    in_order = query.order_by(InspectionRow.inspected_at, InspectionRow.id)
    return uow.session.scalars(in_order.limit(PAGE).offset(after)).all()


def counts(uow: UnitOfWork) -> Mapping[str, int]:
    """How much lies in each list: expected, inspect, settle, held, unmatched."""
    of_receipts = sa.select(sa.func.count()).select_from(ReceiptRow)
    queries = {
        "expected": sa.select(sa.func.count()).select_from(RmaRow).where(*_is_expected()),
        "inspect": of_receipts.where(*waits_for_inspection()),
        "settle": sa.select(sa.func.count()).select_from(InspectionRow).where(has_no_disposition()),
        "held": of_receipts.where(ReceiptRow.state == ReceiptState.HELD.value),
        "unmatched": of_receipts.where(ReceiptRow.state == ReceiptState.UNMATCHED.value),
    }
    return {name: uow.session.scalar(query) or 0 for name, query in queries.items()}


def came(uow: UnitOfWork, rma_line_id: str) -> int:
    """Pieces of a line of an RMA that were counted as announced, booked or not yet."""
    waiting = sa.select(sa.func.coalesce(sa.func.sum(ReceiptRow.quantity), 0)).where(
        ReceiptRow.rma_line_id == rma_line_id, *_not_booked_yet()
    )
    return ledger.on_rma_line(uow, rma_line_id)[ledger.RECEIVED] + (uow.session.scalar(waiting) or 0)


def rmas_numbered(uow: UnitOfWork, number: str) -> Sequence[RmaRow]:
    """RMAs that a number belongs to: their own, the ERP's, a label's, or their order's. Oldest first.

    One look for each kind of number: joined by OR, PostgreSQL would read every RMA there is.
    """
    by_label = sa.select(LabelRow.rma_id).where(
        sa.or_(LabelRow.tracking_number == number, LabelRow.sscc == number)
    )
    by_order = sa.select(RmaLineRow.rma_id).where(RmaLineRow.order_number == number)
    mine = sa.select(RmaRow.id).where(sa.or_(RmaRow.id == number, RmaRow.erp_number == number))
    return _rmas(uow, RmaRow.id.in_(mine.union(by_label, by_order)))


def rmas_with_article(uow: UnitOfWork, sku: str) -> Sequence[RmaRow]:
    """Expected RMAs that an article should come with, as ordered or as what was sent instead."""
    query = sa.select(RmaLineRow.id).join(ReturnLineRow, ReturnLineRow.id == RmaLineRow.line_id)
    lines = query.where(sa.or_(RmaLineRow.sku == sku, ReturnLineRow.received_sku == sku))
    # Asked of each RMA under way: what of an article ever came back is far more.
    return _rmas(uow, lines.where(RmaLineRow.rma_id == RmaRow.id).exists(), *_is_expected())


def rmas_on_line(uow: UnitOfWork, order_number: str, order_line: int) -> Sequence[RmaRow]:
    """Expected RMAs of one line of an order."""
    lines = sa.select(RmaLineRow.rma_id).where(
        RmaLineRow.order_number == order_number, RmaLineRow.order_line == order_line
    )
    return _rmas(uow, RmaRow.id.in_(lines), *_is_expected())


def rmas_of_accounts(uow: UnitOfWork, account_ids: Collection[str]) -> Sequence[RmaRow]:
    """Expected RMAs of these accounts."""
    return _rmas(uow, RmaRow.account_id.in_(account_ids), *_is_expected())


def receipts_with_serials(uow: UnitOfWork, rma_id: str) -> Mapping[str, str]:
    """Serials that came with an RMA, each with its receipt."""
    query = sa.select(ReceiptRow).where(
        ReceiptRow.rma_id == rma_id, ReceiptRow.state != ReceiptState.REFUSED.value
    )
    return {serial: row.id for row in uow.session.scalars(query) for serial in row.serials}


def see_outcome(uow: UnitOfWork, outcome_id: str, *, user_id: str, at: datetime) -> None:
    """The person who had decided has looked at it; a second time changes nothing.

    Raises:
        NotFound: None of that person's.
    """
    row = uow.session.get(OutcomeRow, outcome_id)
    if row is None or row.decided_by != user_id:
        raise NotFound("outcome", outcome_id)
    row.seen_at = row.seen_at or at


def _receipts(uow: UnitOfWork, *where: sa.ColumnElement[bool], after: int) -> Sequence[ReceiptRow]:
    query = sa.select(ReceiptRow).where(*where).order_by(ReceiptRow.counted_at, ReceiptRow.id)
    return uow.session.scalars(query.limit(PAGE).offset(after)).all()


def _rmas(uow: UnitOfWork, *where: sa.ColumnElement[bool]) -> Sequence[RmaRow]:
    query = sa.select(RmaRow).where(*where).order_by(RmaRow.return_by, RmaRow.id)
    return uow.session.scalars(query.limit(_ONE_OF_EACH)).all()


def _not_booked_yet() -> tuple[sa.ColumnElement[bool], ...]:
    return (
        ReceiptRow.state == ReceiptState.COUNTED.value,
        ReceiptRow.kind == ReceiptKind.EXPECTED.value,
    )


def _is_expected() -> tuple[sa.ColumnElement[bool], ...]:
    booked = sa.select(sa.func.coalesce(sa.func.sum(LedgerEntryRow.quantity), 0)).where(
        LedgerEntryRow.rma_line_id == RmaLineRow.id, LedgerEntryRow.kind == ledger.RECEIVED
    )
    counted = sa.select(sa.func.coalesce(sa.func.sum(ReceiptRow.quantity), 0)).where(
        ReceiptRow.rma_line_id == RmaLineRow.id, *_not_booked_yet()
    )
    to_come = sa.select(RmaLineRow.id).where(
        RmaLineRow.rma_id == RmaRow.id,
        RmaLineRow.quantity > booked.scalar_subquery() + counted.scalar_subquery(),
    )
    return (
        RmaRow.erp_number.is_not(None),
        RmaRow.cancelled_at.is_(None),
        RmaRow.expired_at.is_(None),
        # Named one by one, an index leads to them past all that has ended.
        RmaRow.state.in_(_UNDER_WAY),
        to_come.exists(),
    )


def waits_for_inspection() -> tuple[sa.ColumnElement[bool], ...]:
    """What a booked receipt with pieces that nobody has inspected fulfils."""
    inspected = sa.select(sa.func.coalesce(sa.func.sum(InspectionRow.quantity), 0)).where(
        InspectionRow.receipt_id == ReceiptRow.id
    )
    return (
        ReceiptRow.state == ReceiptState.BOOKED.value,
        ReceiptRow.rma_id.in_(_returns_under_way()),
        ReceiptRow.quantity > inspected.scalar_subquery(),
    )


def _returns_under_way() -> sa.Select[str]:
    """An index leads to them, past all that has ended: of that nothing waits at the dock."""
    return sa.select(RmaRow.id).where(RmaRow.state.in_(_UNDER_WAY))


def has_no_disposition() -> sa.ColumnElement[bool]:
    """What an inspection with pieces that nobody has settled on fulfils."""
    settled = sa.select(sa.func.coalesce(sa.func.sum(DispositionRow.quantity), 0)).where(
        DispositionRow.inspection_id == InspectionRow.id, DispositionRow.state != "refused"
    )
    lying_here = sa.select(ReceiptRow.id).where(ReceiptRow.rma_id.in_(_returns_under_way()))
    return sa.and_(
        InspectionRow.receipt_id.in_(lying_here), InspectionRow.quantity > settled.scalar_subquery()
    )


def cases_with_held_goods(uow: UnitOfWork) -> set[str]:
    """Cases of which something lies at the dock that is not as announced, or that nobody announced."""
    query = sa.select(RmaRow.case_id).join(ReceiptRow, ReceiptRow.rma_id == RmaRow.id)
    states = (ReceiptState.HELD.value, ReceiptState.UNMATCHED.value)
    return set(uow.session.scalars(query.where(ReceiptRow.state.in_(states))))
