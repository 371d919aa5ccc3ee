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
    return _before(uow, row), _after(uow, row)


def _after(uow: UnitOfWork, row: ReviewRow) -> str | None:
    """Of the same priority, which is seldom shared, and then of a lower one: each is one step in an index."""
    later = sa.or_(
        ReviewRow.due_at > row.due_at, sa.and_(ReviewRow.due_at == row.due_at, ReviewRow.id > row.id)
    )
    of_the_same = _decidable(ReviewRow.priority == row.priority, later)
    found = uow.session.scalar(of_the_same.order_by(ReviewRow.due_at, ReviewRow.id).limit(1))
    lower = _decidable(ReviewRow.priority < row.priority)
    in_order = lower.order_by(ReviewRow.priority.desc(), ReviewRow.due_at, ReviewRow.id)
    return found or uow.session.scalar(in_order.limit(1))


def _before(uow: UnitOfWork, row: ReviewRow) -> str | None:
    earlier = sa.or_(
        ReviewRow.due_at < row.due_at, sa.and_(ReviewRow.due_at == row.due_at, ReviewRow.id < row.id)
    )
    of_the_same = _decidable(ReviewRow.priority == row.priority, earlier)
    found = uow.session.scalar(of_the_same.order_by(ReviewRow.due_at.desc(), ReviewRow.id.desc()).limit(1))
    higher = _decidable(ReviewRow.priority > row.priority)
    backwards = higher.order_by(ReviewRow.priority, ReviewRow.due_at.desc(), ReviewRow.id.desc())
    return found or uow.session.scalar(backwards.limit(1))


def _decidable(*more: sa.ColumnElement[bool]) -> sa.Select[str]:
    return sa.select(ReviewRow.id).where(*_DECIDABLE, *more)
