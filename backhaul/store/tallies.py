"""How many returns, claims and reviews stand where."""

from collections import Counter
from dataclasses import dataclass

import sqlalchemy as sa

from backhaul.store.effect_tables import RmaRow
from backhaul.store.money_tables import VendorClaimRow
from backhaul.store.reviews import OPEN_STATES
from backhaul.store.tables import ProposalRow, ReviewRow
from backhaul.store.unit_of_work import UnitOfWork

_NO_RMA = ("denied", "asked", "review")
"""Proposals that led to no RMA, or not yet"""


@dataclass(frozen=True, slots=True)
class Tally:
    """Counted by state; a proposal without an RMA counts under its own."""

    returns: Counter[str]
    claims: Counter[str]
    open_reviews: int


def tally(uow: UnitOfWork) -> Tally:
    """Count all there are."""
    return Tally(
        returns=_by_state(uow, RmaRow.state) + _by_state(uow, ProposalRow.state, *_NO_RMA),
        claims=_by_state(uow, VendorClaimRow.state),
        open_reviews=_by_state(uow, ReviewRow.state, *OPEN_STATES).total(),
    )


def _by_state(uow: UnitOfWork, column: sa.orm.InstrumentedAttribute[str], *only: str) -> Counter[str]:
    query = sa.select(column, sa.func.count()).group_by(column)
    if only:
        query = query.where(column.in_(only))
    return Counter({str(state): int(number) for state, number in uow.session.execute(query)})
