"""Which review comes next in the queue, and which before: one row looked up, however many wait."""

import sqlalchemy as sa

from backhaul.domain.returns import ReviewState
from backhaul.store.tables import ReviewRow
from backhaul.store.unit_of_work import UnitOfWork

_DECIDABLE = (ReviewRow.state == ReviewState.OPEN.value, ReviewRow.posts_at.is_(None))


def first_to_decide(uow: UnitOfWork, *, but: str = "") -> str | None:
    """The review that stands first in the queue, other than this one, and that nobody has just decided.

    One that waits for an expert comes after all others.
    """
    query = sa.select(ReviewRow.id).where(*_DECIDABLE, ReviewRow.id != but)
    in_order = query.order_by(
        ReviewRow.expert.is_not(None), ReviewRow.priority.desc(), ReviewRow.due_at, ReviewRow.id
    )
    return uow.session.scalar(in_order.limit(1))


def beside(uow: UnitOfWork, row: ReviewRow) -> tuple[str | None, str | None]:
    """The reviews to decide before and after this one in the order of the queue; None at its ends."""
    key = (-ReviewRow.priority, ReviewRow.due_at, ReviewRow.id)
    place = sa.tuple_(
        sa.literal(-row.priority), sa.literal(row.due_at, ReviewRow.due_at.type), sa.literal(row.id)
    )
    query = sa.select(ReviewRow.id).where(*_DECIDABLE)
    after = query.where(sa.tuple_(*key) > place).order_by(*key).limit(1)
    backwards = (ReviewRow.priority, ReviewRow.due_at.desc(), ReviewRow.id.desc())
    before = query.where(sa.tuple_(*key) < place).order_by(*backwards).limit(1)
    return uow.session.scalar(before), uow.session.scalar(after)
