"""What each building has before it: pieces announced, pieces lying, and how many it settles a day."""

from datetime import timedelta

import sqlalchemy as sa

from backhaul.domain.receiving import ReceiptState
from backhaul.domain.returns import OVER, RmaState
from backhaul.store.dock_tables import DispositionRow, ReceiptRow
from backhaul.store.effect_tables import RmaLineRow, RmaRow
from backhaul.store.unit_of_work import UnitOfWork

SETTLED_DAYS, _BUSINESS_DAYS = 28, 20
_UNDER_WAY = tuple(state.value for state in RmaState if state.value not in OVER)
_POSTED = "posted"


def let_in(uow: UnitOfWork) -> dict[str, int]:
    """Pieces of returns under way by building, arrived or not."""
    query = (
        sa.select(RmaRow.facility_id, sa.func.sum(RmaLineRow.quantity))
        .join(RmaLineRow, RmaLineRow.rma_id == RmaRow.id)
        .where(RmaRow.state.in_(_UNDER_WAY))
        .group_by(RmaRow.facility_id)
    )
    return {row[0]: row[1] for row in uow.session.execute(query)}


def arrived(uow: UnitOfWork) -> dict[str, int]:
    """Pieces of returns under way that came, by the building they came to."""
    query = (
        sa.select(ReceiptRow.facility_id, sa.func.sum(ReceiptRow.quantity))
        .join(RmaRow, RmaRow.id == ReceiptRow.rma_id)
        .where(RmaRow.state.in_(_UNDER_WAY), ReceiptRow.state == ReceiptState.BOOKED.value)
        .group_by(ReceiptRow.facility_id)
    )
    return {row[0]: row[1] for row in uow.session.execute(query)}


def moved_on(uow: UnitOfWork) -> dict[str, int]:
    """Of those that came, the pieces that left quarantine."""
    query = (
        sa.select(ReceiptRow.facility_id, sa.func.sum(DispositionRow.quantity))
        .join(ReceiptRow, ReceiptRow.id == DispositionRow.receipt_id)
        .join(RmaRow, RmaRow.id == DispositionRow.rma_id)
        .where(RmaRow.state.in_(_UNDER_WAY), DispositionRow.state == _POSTED)
        .group_by(ReceiptRow.facility_id)
    )
    return {row[0]: row[1] for row in uow.session.execute(query)}


def settled_a_day(uow: UnitOfWork) -> dict[str, float]:
    """Pieces settled a business day over the last four weeks, by building; none for one that settled none."""
    since = uow.clock.now() - timedelta(days=SETTLED_DAYS)
    query = (
        sa.select(ReceiptRow.facility_id, sa.func.sum(DispositionRow.quantity))
        .join(ReceiptRow, ReceiptRow.id == DispositionRow.receipt_id)
        .where(DispositionRow.state == _POSTED, DispositionRow.settled_at >= since)
        .group_by(ReceiptRow.facility_id)
    )
    return {row[0]: row[1] / _BUSINESS_DAYS for row in uow.session.execute(query)}
