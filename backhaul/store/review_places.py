"""Which review comes next in the queue, and which before: one row looked up, however many wait."""

import sqlalchemy as sa

from backhaul.domain.returns import ReviewState
from backhaul.store.tables import ReviewRow
from backhaul.store.unit_of_work import UnitOfWork

_DECIDABLE = (ReviewRow.state == ReviewState.OPEN.value, ReviewRow.posts_at.is_(None))


def beside(uow: UnitOfWork, row: ReviewRow) -> tuple[str | None, str | None]:
    """The reviews to decide before and after this one in the order of the queue; None at its ends."""
    return _before(uow, row), _after(uow, row)


def _after(uow: UnitOfWork, row: ReviewRow) -> str | None:
    """Of the same place, which is seldom shared, and then of a later one: each is one step in an index."""
    later = sa.or_(
        ReviewRow.due_at > row.due_at, sa.and_(ReviewRow.due_at == row.due_at, ReviewRow.id > row.id)
    )
    of_the_same = _decidable(ReviewRow.place == row.place, later)
    found = uow.session.scalar(of_the_same.order_by(ReviewRow.due_at, ReviewRow.id).limit(1))
    lower = _decidable(ReviewRow.place > row.place)
    in_order = lower.order_by(ReviewRow.place, ReviewRow.due_at, ReviewRow.id)
    return found or uow.session.scalar(in_order.limit(1))


def _before(uow: UnitOfWork, row: ReviewRow) -> str | None:
    earlier = sa.or_(
        ReviewRow.due_at < row.due_at, sa.and_(ReviewRow.due_at == row.due_at, ReviewRow.id < row.id)
    )
    of_the_same = _decidable(ReviewRow.place == row.place, earlier)
    found = uow.session.scalar(of_the_same.order_by(ReviewRow.due_at.desc(), ReviewRow.id.desc()).limit(1))
    higher = _decidable(ReviewRow.place < row.place)
    backwards = higher.order_by(ReviewRow.place.desc(), ReviewRow.due_at.desc(), ReviewRow.id.desc())
    return found or uow.session.scalar(backwards.limit(1))


def _decidable(*more: sa.ColumnElement[bool]) -> sa.Select[str]:
    return sa.select(ReviewRow.id).where(*_DECIDABLE, *more)
