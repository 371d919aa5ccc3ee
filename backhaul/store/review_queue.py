"""The queue of the exception desk: which reviews, in which order, a page at a time, however many there are.

Every list is read in the order of an index, and what is counted is counted up to a bound: a page costs about
the same with a thousand cases and with a hundred thousand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from backhaul.domain.returns import ReviewState
from backhaul.store import review_leases, review_search, review_snoozes
from backhaul.store.due import end_of
from backhaul.store.queue_tables import ReviewLeaseRow, ReviewSnoozeRow
from backhaul.store.review_search import Term
from backhaul.store.tables import ReviewRow
from backhaul.store.unit_of_work import UnitOfWork

PAGE = 50
COUNTED = 1_000
"""What is more is said to be more: nobody works through a list by its last hundred"""
_OPEN, _WAITING = ReviewState.OPEN.value, ReviewState.WAITING_FOR_CUSTOMER.value


class Place(StrEnum):
    """Where a review stands, as the desk sorts them."""

    OPEN = "open"
    WAITING = "waiting"
    SNOOZED = "snoozed"
    DECIDED = "decided"


class Holder(StrEnum):
    """Whose reviews are wanted, of those that wait."""

    ANYBODY = ""
    MINE = "mine"
    NOBODY = "free"


class Due(StrEnum):
    """By when; only what waits for the desk can be due."""

    ANY = ""
    TODAY = "today"
    """Until the end of the day, UTC; what is late already is among it"""
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the queue is looked at. An empty text is no condition."""

    user_id: str
    place: Place = Place.OPEN
    holder: Holder = Holder.ANYBODY
    due: Due = Due.ANY
    kind: str = ""
    product_class: str = ""
    account_id: str = ""
    terms: Sequence[Term] = ()
    """All of them have to be found"""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last review of a page; the next page begins after it, whatever has been decided meanwhile."""

    place: int
    at: datetime
    review_id: str


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the wanted reviews, where they go on, and how many there are: at most COUNTED and one."""

    rows: Sequence[ReviewRow]
    onward: Cursor | None
    count: int


@dataclass(slots=True)
class _Conditions:
    """What a review has to meet, and whether few do, so that they are looked up before they are sorted."""

    all: list[sa.ColumnElement[bool]] = field(default_factory=list)
    few: bool = False


def page(uow: UnitOfWork, wanted: Wanted, *, after: Cursor | None = None, size: int = PAGE) -> Page:
    """One page, the most pressing first; of what is decided, the latest first."""
    met = _met(uow, wanted)
    query = sa.select(ReviewRow).where(*met.all)
    if wanted.place is Place.DECIDED:
        query = query.order_by(ReviewRow.decided_at.desc(), ReviewRow.id.desc())
    else:
        query = query.order_by(ReviewRow.place, ReviewRow.due_at, ReviewRow.id)
    if after is not None:
        query = query.where(_behind(wanted.place, after))
    rows = uow.session.scalars(query.limit(size + 1)).all()
    return Page(
        rows=rows[:size],
        onward=_cursor(wanted.place, rows[size - 1]) if len(rows) > size else None,
        count=_count(uow, met),
    )


def count(uow: UnitOfWork, wanted: Wanted) -> int:
    """How many there are, at most COUNTED and one; the same as the list holds."""
    return _count(uow, _met(uow, wanted))


def _count(uow: UnitOfWork, met: _Conditions) -> int:
    some = sa.select(ReviewRow.id).where(*met.all).limit(COUNTED + 1).subquery()
    return uow.session.scalar(sa.select(sa.func.count()).select_from(some)) or 0


def next_for(uow: UnitOfWork, user_id: str, *, but: str) -> ReviewRow | None:
    """The most pressing review that nobody else works on, other than the one just dealt with.

    What is decided and can still be taken back, and what an expert was asked for, is nobody's next.
    """
    anothers = sa.and_(_leased(uow), ReviewLeaseRow.holder != user_id)
    met = _met(uow, Wanted(user_id))
    query = sa.select(ReviewRow).where(
        *met.all,
        ReviewRow.id != but,
        ReviewRow.posts_at.is_(None),
        ReviewRow.expert.is_(None),
        ~sa.select(1).where(anothers).exists(),
    )
    return uow.session.scalars(
        query.order_by(ReviewRow.place, ReviewRow.due_at, ReviewRow.id).limit(1)
    ).first()


def kinds(uow: UnitOfWork, place: Place) -> Sequence[str]:
    """Every kind of review that stands there."""
    return _values(uow, ReviewRow.kind, place)


def classes(uow: UnitOfWork, place: Place) -> Sequence[str]:
    """Every class of goods that a review there is about."""
    return [value for value in _values(uow, ReviewRow.product_class, place) if value]


def _values(uow: UnitOfWork, column: InstrumentedAttribute[str], place: Place) -> Sequence[str]:
    """Each value once, found by stepping through the index from one to the next: there are some dozens."""
    of_place = ReviewRow.state == (_WAITING if place is Place.WAITING else _OPEN)
    first = sa.select(sa.func.min(column).label("value")).where(of_place).cte("found", recursive=True)
    following = sa.select(sa.func.min(column)).where(of_place, column > first.c.value).scalar_subquery()
    found = first.union_all(sa.select(following).where(first.c.value.is_not(None)))
    return uow.session.scalars(sa.select(found.c.value).where(found.c.value.is_not(None))).all()


def _met(uow: UnitOfWork, wanted: Wanted) -> _Conditions:
    met = _Conditions(few=wanted.place is Place.SNOOZED or wanted.holder is Holder.MINE)
    for term in wanted.terms:
        condition, is_few = review_search.found(uow, term)
        met.all.append(condition)
        met.few = met.few or is_few
    met.all += _about(wanted)
    met.all += [*_stands(uow, wanted.place, few=met.few), *_held(uow, wanted), *_due(uow, wanted)]
    return met


def _about(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    """One of the conditions is looked up by its index: that which fewest meet."""
    asked = [
        (ReviewRow.account_id, wanted.account_id),
        (ReviewRow.kind, wanted.kind),
        (ReviewRow.product_class, wanted.product_class),
    ]
    given = [(column, value) for column, value in asked if value]
    return [
        (sa.type_coerce(column, sa.String).concat("") if at else column) == value
        for at, (column, value) in enumerate(given)
    ]


def _stands(uow: UnitOfWork, place: Place, *, few: bool) -> list[sa.ColumnElement[bool]]:
    if place is Place.DECIDED:
        return [ReviewRow.decided_at.is_not(None), ReviewRow.state.not_in((_OPEN, _WAITING))]
    # An expression takes the state out of the reach of the index: what is few is looked up by itself.
    state: sa.ColumnElement[str] = sa.type_coerce(ReviewRow.state, sa.String)
    state = state.concat("") if few else state
    if place is Place.WAITING:
        return [state == _WAITING]
    asleep = review_snoozes.asleep(uow)
    if place is Place.SNOOZED:
        return [state == _OPEN, ReviewRow.id.in_(sa.select(ReviewSnoozeRow.review_id)), asleep]
    return [state == _OPEN, ~asleep]


def _held(uow: UnitOfWork, wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    if wanted.holder is Holder.MINE:
        mine = sa.select(ReviewLeaseRow.review_id).where(
            ReviewLeaseRow.holder == wanted.user_id, review_leases.in_force(uow)
        )
        return [ReviewRow.id.in_(mine)]
    return [~sa.select(1).where(_leased(uow)).exists()] if wanted.holder is Holder.NOBODY else []


def _leased(uow: UnitOfWork) -> sa.ColumnElement[bool]:
    return sa.and_(ReviewLeaseRow.review_id == ReviewRow.id, review_leases.in_force(uow))


def _due(uow: UnitOfWork, wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    now = uow.clock.now()
    if wanted.due is Due.ANY or wanted.place in {Place.WAITING, Place.DECIDED}:
        return []
    return [ReviewRow.due_at < (now if wanted.due is Due.LATE else end_of(now.date()))]


def _behind(place: Place, after: Cursor) -> sa.ColumnElement[bool]:
    if place is Place.DECIDED:
        return sa.tuple_(ReviewRow.decided_at, ReviewRow.id) < sa.tuple_(
            sa.literal(after.at, ReviewRow.decided_at.type), sa.literal(after.review_id)
        )
    return sa.tuple_(ReviewRow.place, ReviewRow.due_at, ReviewRow.id) > sa.tuple_(
        sa.literal(after.place), sa.literal(after.at, ReviewRow.due_at.type), sa.literal(after.review_id)
    )


def _cursor(place: Place, last: ReviewRow) -> Cursor:
    at = last.decided_at if place is Place.DECIDED and last.decided_at else last.due_at
    return Cursor(last.place, at, last.id)


def counts(uow: UnitOfWork, user_id: str) -> Mapping[Place, int]:
    """How many stand in each place, at most COUNTED and one."""
    return {place: count(uow, Wanted(user_id, place)) for place in Place}
