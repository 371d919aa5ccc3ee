"""What finance looks at: credits with where they went, credits that wait, and cases behind an order."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import sqlalchemy as sa

from backhaul.domain.codes import Action
from backhaul.domain.money import Money
from backhaul.store import reviews
from backhaul.store.house_tables import StaffRow
from backhaul.store.money_tables import CreditMemoRow
from backhaul.store.tables import CaseRow, ProposalRow, ReviewRow
from backhaul.store.unit_of_work import UnitOfWork

_CREDITS = (Action.CREDIT_MEMO.value, Action.RETURNLESS_REFUND.value)


def credits_since(uow: UnitOfWork, *, days: int, limit: int | None = None) -> Sequence[CreditMemoRow]:
    """Credits posted in so many days, the newest first; all of them without a `limit`."""
    since = (uow.clock.now() - timedelta(days=days)).date()
    query = sa.select(CreditMemoRow).where(CreditMemoRow.posted_on >= since)
    newest = query.order_by(CreditMemoRow.created_at.desc(), CreditMemoRow.id).limit(limit)
    return uow.session.scalars(newest).all()


@dataclass(slots=True)
class Sums:
    """Credits of one currency, in its minor units."""

    credits: int = 0
    goods_minor: int = 0
    tax_minor: int = 0
    fees_minor: int = 0
    amount_minor: int = 0
    went_to: Counter[str] = field(default_factory=Counter)


def totals(rows: Iterable[CreditMemoRow]) -> Mapping[str, Sums]:
    """Sums by currency, and by where the money went."""
    sums: defaultdict[str, Sums] = defaultdict(Sums)
    for row in rows:
        one = sums[row.currency]
        one.credits += 1
        one.goods_minor += row.goods_minor
        one.tax_minor += row.tax_minor
        one.fees_minor += row.restocking_fee_minor + row.return_freight_minor
        one.amount_minor += row.amount_minor
        for share in row.shares:
            one.went_to[str(share["goes_to"])] += share_amount(share, row.currency).minor
    return sums


def share_amount(share: Mapping[str, object], currency: str) -> Money:
    """What went to one place, in the currency of its credit."""
    amount = share["amount"]
    return Money(int(amount["minor"]), currency)  # type: ignore[index]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A credit that waits for a person. Who let the goods in may not credit them."""

    review: ReviewRow
    order_number: str
    authorised_by: str | None
    authorised_by_name: str


def credits_that_wait(uow: UnitOfWork) -> Sequence[Waiting]:
    """Open reviews of credits, the nearest deadline first."""
    query = (
        sa.select(ReviewRow, ProposalRow)
        .join(ProposalRow, ProposalRow.id == ReviewRow.proposal_id)
        .where(ReviewRow.state.in_(reviews.OPEN_STATES), ReviewRow.action.in_(_CREDITS))
        .order_by(ReviewRow.due_at, ReviewRow.id)
    )
    return [_waiting(uow, review, proposal) for review, proposal in uow.session.execute(query)]


def _waiting(uow: UnitOfWork, review: ReviewRow, proposal: ProposalRow) -> Waiting:
    let_in = reviews.review_of_proposal(uow, proposal.id)
    by = let_in.decided_by if let_in is not None and let_in.id != review.id else None
    person = uow.session.get(StaffRow, by) if by else None
    return Waiting(review, proposal.order_number, by, person.name if person else by or "")


def cases_on_order(uow: UnitOfWork, order_number: str) -> Sequence[str]:
    """Cases that ask for something on an order and were not credited yet."""
    credited = sa.select(CreditMemoRow.id).where(CreditMemoRow.proposal_id == ProposalRow.id)
    query = (
        sa.select(CaseRow.id)
        .join(ProposalRow, ProposalRow.case_id == CaseRow.id)
        .where(ProposalRow.order_number == order_number, ~credited.exists())
    )
    return uow.session.scalars(query.distinct().order_by(CaseRow.id)).all()


def latest_review(uow: UnitOfWork, case_id: str) -> str | None:
    """Where a case is looked at, or `None` when nobody ever had to."""
    query = sa.select(ReviewRow.id).where(ReviewRow.case_id == case_id)
    return uow.session.scalars(query.order_by(ReviewRow.opened_at.desc()).limit(1)).first()
