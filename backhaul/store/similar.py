"""Decided cases that are like one to decide: vectors of the customer's words, by class of goods."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from backhaul.domain.returns import ReviewState
from backhaul.store import cases, reviews
from backhaul.store.desk_tables import ReviewVectorRow
from backhaul.store.reviews import FIRST_ACTS, OPEN_STATES
from backhaul.store.tables import ClaimRow, ProposalRow, ReviewRow
from backhaul.store.unit_of_work import UnitOfWork

_DECIDED = (ReviewState.APPROVED.value, ReviewState.REJECTED.value)
_STAYS_FRESH = timedelta(days=1)
_MOST_COMPARED = 5_000
"""Of a class of goods the newest are compared"""


@dataclass(frozen=True, slots=True)
class Words:
    """What a review is about: the customer's words, and the class of the goods as the guard saw it."""

    review_id: str
    words: str
    product_class: str


def unread_words(uow: UnitOfWork, *, limit: int) -> list[Words]:
    """Reviews of requests without a vector, newest first, with the words the request was read from."""
    query = (
        sa.select(ReviewRow, ClaimRow.words)
        .join(ProposalRow, ProposalRow.id == ReviewRow.proposal_id)
        .join(ClaimRow, ClaimRow.id == ProposalRow.claim_id)
        .join(ReviewVectorRow, ReviewVectorRow.review_id == ReviewRow.id, isouter=True)
        .where(ReviewVectorRow.review_id.is_(None), ReviewRow.action.in_(FIRST_ACTS), ClaimRow.words != "")
        .order_by(ReviewRow.opened_at.desc(), ReviewRow.id)
        .limit(limit)
    )
    return [Words(row.id, words, _class_of(uow, row)) for row, words in uow.session.execute(query).all()]


def _class_of(uow: UnitOfWork, row: ReviewRow) -> str:
    """Unknown goods are a class of their own: they are like nothing but each other."""
    verdict = reviews.newest_verdict(uow, row)
    return str(verdict.facts.get("product_class") or "") if verdict else ""


def keep(uow: UnitOfWork, one: Words, vector: bytes) -> None:
    """Keep the vector of a review; what it is like is looked up next."""
    row = ReviewVectorRow(
        review_id=one.review_id,
        product_class=one.product_class,
        vector=vector,
        nearest=[],
        looked_at=uow.clock.now() - 2 * _STAYS_FRESH,
    )
    uow.session.merge(row)
    uow.session.flush()


def to_compare(uow: UnitOfWork, *, limit: int) -> Sequence[ReviewVectorRow]:
    """Vectors of reviews that wait for a decision and were not held against the others for a day."""
    query = (
        sa.select(ReviewVectorRow)
        .join(ReviewRow, ReviewRow.id == ReviewVectorRow.review_id)
        .where(ReviewRow.state.in_(OPEN_STATES), ReviewVectorRow.looked_at < uow.clock.now() - _STAYS_FRESH)
        .order_by(ReviewVectorRow.looked_at, ReviewVectorRow.review_id)
        .limit(limit)
    )
    return uow.session.scalars(query).all()


def decided_like(uow: UnitOfWork, row: ReviewVectorRow) -> list[tuple[str, bytes]]:
    """Vectors of decided reviews of the same class of goods, but for the conversation it belongs to."""
    own = reviews.review(uow, row.review_id)
    query = (
        sa.select(ReviewVectorRow.review_id, ReviewVectorRow.vector)
        .join(ReviewRow, ReviewRow.id == ReviewVectorRow.review_id)
        .where(
            ReviewVectorRow.product_class == row.product_class,
            ReviewRow.state.in_(_DECIDED),
            ReviewRow.thread_id != own.thread_id,
        )
        .order_by(ReviewRow.decided_at.desc())
        .limit(_MOST_COMPARED)
    )
    return [(one, vector) for one, vector in uow.session.execute(query)]


def keep_nearest(uow: UnitOfWork, review_id: str, found: Sequence[tuple[str, int]]) -> None:
    """Keep what a review is like."""
    row = uow.session.get(ReviewVectorRow, review_id)
    if row is not None:
        row.nearest, row.looked_at = [list(one) for one in found], uow.clock.now()


def nearest_to(uow: UnitOfWork, review_id: str) -> list[tuple[ReviewRow, int]]:
    """Decided reviews that a review is like, nearest first, with their likeness in permille."""
    row = uow.session.get(ReviewVectorRow, review_id)
    found = [(reviews.review(uow, one), likeness) for one, likeness in (row.nearest if row else ())]
    return [(other, likeness) for other, likeness in found if other.state in _DECIDED]


def words_of(uow: UnitOfWork, row: ReviewRow) -> str:
    """The customer's words of a review; empty where it has none, or they were erased."""
    claim = cases.claim(uow, cases.proposal(uow, row.proposal_id).claim_id) if row.proposal_id else None
    return claim.words if claim else ""
