"""Who works on a review, and until when: claimed, extended by working on it, handed over, taken over.

Whoever holds a review is the only one who decides on it. A lease that nobody extends is over by itself, so
that nothing lies locked. Every change is made under the lock of the review's row: of two people who claim it
at once exactly one has it.
"""

from collections.abc import Collection, Mapping
from datetime import timedelta
from enum import StrEnum

import sqlalchemy as sa

from backhaul.domain.audit import Tag
from backhaul.domain.errors import BadInput, HeldByAnother, InvalidTransition
from backhaul.domain.returns import ReviewState
from backhaul.store.house_tables import StaffRow
from backhaul.store.queue_tables import ReviewLeaseRow
from backhaul.store.tables import ReviewRow
from backhaul.store.unit_of_work import UnitOfWork, existing

LASTS = timedelta(minutes=10)
"""From the last sign of work on it"""
WAITS_FOR_COLLEAGUE = timedelta(hours=1)
"""How long a review that was handed over waits for whom it was handed to"""
_OPEN = {ReviewState.OPEN.value, ReviewState.WAITING_FOR_CUSTOMER.value}


class How(StrEnum):
    """How somebody came to hold a review."""

    OPENED = "opened"
    """By looking at it; looking at the next one gives it back"""
    CLAIMED = "claimed"
    HANDED_OVER = "handed_over"
    TAKEN_OVER = "taken_over"


def held(uow: UnitOfWork, review_id: str) -> ReviewLeaseRow | None:
    """The lease in force, or `None` when nobody works on it."""
    row = _not_ended(uow, review_id)
    return row if row is not None and row.until > uow.clock.now() else None


def held_among(uow: UnitOfWork, review_ids: Collection[str]) -> Mapping[str, ReviewLeaseRow]:
    """The leases in force on these reviews, by review."""
    query = sa.select(ReviewLeaseRow).where(ReviewLeaseRow.review_id.in_(review_ids), in_force(uow))
    return {row.review_id: row for row in uow.session.scalars(query)} if review_ids else {}


def in_force(uow: UnitOfWork) -> sa.ColumnElement[bool]:
    """The condition that a lease has neither ended nor run out."""
    return sa.and_(ReviewLeaseRow.ended_at.is_(None), ReviewLeaseRow.until > uow.clock.now())


def claim(uow: UnitOfWork, review_id: str, *, user_id: str, how: How = How.CLAIMED) -> ReviewLeaseRow:
    """Take a review that nobody works on, or go on with one's own.

    Raises:
        HeldByAnother: A colleague has it.
        InvalidTransition: It is decided already.
    """
    review = _locked(uow, review_id, "claim")
    found = held(uow, review_id)
    if found is not None:
        _refuse_others(uow, found, user_id)
        found.until = max(found.until, uow.clock.now() + LASTS)
        found.how = how.value if found.how == How.OPENED.value else found.how
        return found
    if how is How.OPENED:
        _give_back_opened(uow, user_id)
    before = _end(uow, review_id)
    facts = {"how": how.value, "before": before.holder if before else None}
    return _take(
        uow, review, Tag.REVIEW_CLAIMED, user_id, ReviewLeaseRow(holder=user_id, how=how.value), facts
    )


def hand_over(uow: UnitOfWork, review_id: str, *, user_id: str, to: str, said: str = "") -> ReviewLeaseRow:
    """Give a review to a colleague, who finds it as their own for an hour; one that nobody has is assigned.

    Raises:
        HeldByAnother: It is not one's own to give.
        InvalidTransition: It is decided already.
    """
    review = _locked(uow, review_id, "handing over")
    found = held(uow, review_id)
    if found is not None:
        _refuse_others(uow, found, user_id)
    _end(uow, review_id)
    given = ReviewLeaseRow(holder=to, how=How.HANDED_OVER.value, given_by=user_id, why=said or None)
    given.until = uow.clock.now() + WAITS_FOR_COLLEAGUE
    return _take(uow, review, Tag.REVIEW_HANDED_OVER, user_id, given, {"to": to})


def take_over(uow: UnitOfWork, review_id: str, *, user_id: str, why: str) -> ReviewLeaseRow:
    """Take a review from a colleague who still has it, with a reason that stays on record.

    Raises:
        BadInput: There is no reason.
        InvalidTransition: It is decided already.
    """
    review = _locked(uow, review_id, "taking over")
    found = held(uow, review_id)
    if found is None or found.holder == user_id:
        return claim(uow, review_id, user_id=user_id)
    if not why:
        raise BadInput("Say why you take it over; your colleague reads it.", field="why")
    _end(uow, review_id)
    taken = ReviewLeaseRow(holder=user_id, how=How.TAKEN_OVER.value, given_by=found.holder, why=why)
    return _take(uow, review, Tag.REVIEW_TAKEN_OVER, user_id, taken, {"from": found.holder})


def give_back(uow: UnitOfWork, review_id: str, *, user_id: str) -> None:
    """Let go of one's own review; of what is not one's own nothing changes."""
    _locked(uow, review_id, "giving back")
    found = held(uow, review_id)
    if found is not None and found.holder == user_id:
        _give_back(uow, found)


def settle(uow: UnitOfWork, row: ReviewRow, *, user_id: str) -> None:
    """Somebody decides on a review, whose row is locked: whoever else has it is asked first.

    Raises:
        HeldByAnother: A colleague has it.
    """
    refuse_others(uow, row.id, user_id=user_id)
    _end(uow, row.id)


def refuse_others(uow: UnitOfWork, review_id: str, *, user_id: str) -> None:
    """See that nobody but this person has the review.

    Raises:
        HeldByAnother: A colleague has it.
    """
    found = held(uow, review_id)
    if found is not None:
        _refuse_others(uow, found, user_id)


def over(uow: UnitOfWork, review_id: str) -> None:
    """Nobody need work on it any more, whoever has it."""
    _end(uow, review_id)


def taken_from(uow: UnitOfWork, user_id: str, *, limit: int = 5) -> Collection[ReviewLeaseRow]:
    """Leases in force on reviews that colleagues took over from this person, newest first."""
    query = sa.select(ReviewLeaseRow).where(
        ReviewLeaseRow.given_by == user_id, ReviewLeaseRow.how == How.TAKEN_OVER.value, in_force(uow)
    )
    return uow.session.scalars(query.order_by(ReviewLeaseRow.id.desc()).limit(limit)).all()


def _locked(uow: UnitOfWork, review_id: str, event: str) -> ReviewRow:
    row = existing(uow, ReviewRow, review_id, "review", lock=True)
    if row.state not in _OPEN or row.posts_at is not None:
        state = "decided" if row.posts_at is not None else row.state
        raise InvalidTransition(f"review {review_id}", state=state, event=event)
    return row


def _not_ended(uow: UnitOfWork, review_id: str) -> ReviewLeaseRow | None:
    query = sa.select(ReviewLeaseRow).where(
        ReviewLeaseRow.review_id == review_id, ReviewLeaseRow.ended_at.is_(None)
    )
    # What was read before the review was locked may have changed until the lock was given.
    return uow.session.scalars(query.execution_options(populate_existing=True)).first()


def _refuse_others(uow: UnitOfWork, found: ReviewLeaseRow, user_id: str) -> None:
    if found.holder != user_id:
        person = uow.session.get(StaffRow, found.holder)
        raise HeldByAnother(
            found.review_id, holder=person.name if person else "A colleague", until=found.until
        )


def _end(uow: UnitOfWork, review_id: str) -> ReviewLeaseRow | None:
    """End the lease that has not ended, whether it is in force or has run out."""
    row = _not_ended(uow, review_id)
    if row is not None:
        row.ended_at = min(row.until, uow.clock.now())
        # A second one is refused by the database until this one is known to have ended.
        uow.session.flush()
    return row


def _give_back_opened(uow: UnitOfWork, user_id: str) -> None:
    """Whoever looks at one review has left the one before."""
    mine = sa.select(ReviewLeaseRow).where(
        ReviewLeaseRow.holder == user_id, ReviewLeaseRow.how == How.OPENED.value, in_force(uow)
    )
    for row in uow.session.scalars(mine.order_by(ReviewLeaseRow.id)).all():
        _give_back(uow, row)


def _give_back(uow: UnitOfWork, row: ReviewLeaseRow) -> None:
    row.ended_at = uow.clock.now()
    case_id = existing(uow, ReviewRow, row.review_id, "review").case_id
    uow.record(Tag.REVIEW_GIVEN_BACK, actor=f"staff:{row.holder}", subject=row.review_id, case_id=case_id)


def _take(
    uow: UnitOfWork,
    review: ReviewRow,
    tag: Tag,
    user_id: str,
    lease: ReviewLeaseRow,
    facts: Mapping[str, str | None],
) -> ReviewLeaseRow:
    now = uow.clock.now()
    lease.review_id, lease.taken_at, lease.until = review.id, now, lease.until or now + LASTS
    uow.session.add(lease)
    uow.session.flush()
    uow.record(tag, actor=f"staff:{user_id}", subject=review.id, case_id=review.case_id, facts=facts)
    return lease
