"""The books of one case, as they are looked at from a figure: ledger, RMAs, reviews."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from backhaul.store import cases, reviews
from backhaul.store.effect_tables import LedgerEntryRow, RmaRow
from backhaul.store.insight_facts import Fact
from backhaul.store.limbo import Limbo
from backhaul.store.tables import CaseRow, ReturnLineRow, ReviewRow
from backhaul.store.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Books:
    """Everything about one case that money hangs on."""

    case: CaseRow
    lines: Sequence[ReturnLineRow]
    rmas: Sequence[RmaRow]
    entries: Sequence[LedgerEntryRow]
    reviews: Sequence[ReviewRow]
    shares: Sequence[Fact]
    """Where the authorised value of its lines stands; the parts are stages"""


def books(uow: UnitOfWork, case_id: str) -> Books:
    """Read them.

    Raises:
        NotFound: There is no such case.
    """
    run = uow.session.scalars
    lines = sa.select(ReturnLineRow).where(ReturnLineRow.case_id == case_id).order_by(ReturnLineRow.position)
    rmas = sa.select(RmaRow).where(RmaRow.case_id == case_id).order_by(RmaRow.created_at, RmaRow.id)
    entries = sa.select(LedgerEntryRow).where(LedgerEntryRow.case_id == case_id).order_by(LedgerEntryRow.id)
    return Books(
        case=cases.case(uow, case_id),
        lines=run(lines).all(),
        rmas=run(rmas).all(),
        entries=run(entries).all(),
        reviews=reviews.reviews_of_case(uow, case_id),
        shares=Limbo(uow, case_id).behind(None),
    )
