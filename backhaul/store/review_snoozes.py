"""Reviews that are set aside: they come back by themselves at a moment, or when something changes."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa

from backhaul.domain.audit import Tag
from backhaul.domain.errors import BadInput, InvalidTransition
from backhaul.domain.returns import ReviewState
from backhaul.store import review_leases
from backhaul.store.queue_tables import ReviewSnoozeRow
from backhaul.store.tables import ReviewRow, ThreadRow
from backhaul.store.unit_of_work import UnitOfWork, existing

LONGEST = timedelta(days=30)


def snooze(uow: UnitOfWork, review_id: str, *, user_id: str, until: datetime) -> None:
    """Set a review aside; whoever has it lets go of it.

    A new verdict on it, an answer, or anything that is said in its conversation brings it back at once.

    Raises:
        BadInput: The moment is past, or further off than a month.
        HeldByAnother: A colleague works on it.
        InvalidTransition: It does not wait for the desk.
    """
    row = _locked(uow, review_id)
    now = uow.clock.now()
    if not now < until <= now + LONGEST:
        raise BadInput("Choose a moment to come, within 30 days.", field="until")
    review_leases.settle(uow, row, user_id=user_id)
    thread = existing(uow, ThreadRow, row.thread_id, "conversation")
    set_aside = ReviewSnoozeRow(review_id=row.id, until=until, by=user_id, set_at=now, version=row.version)
    set_aside.verdict_id, set_aside.thread_id = row.verdict_id or "", thread.id
    set_aside.last_seq = thread.last_seq
    uow.session.merge(set_aside)
    uow.record(
        Tag.REVIEW_SNOOZED,
        actor=f"staff:{user_id}",
        subject=row.id,
        case_id=row.case_id,
        facts={"until": until},
    )


def wake(uow: UnitOfWork, review_id: str, *, user_id: str) -> None:
    """Take up again what was set aside; of what was not, nothing changes."""
    row = _locked(uow, review_id)
    found = uow.session.get(ReviewSnoozeRow, review_id)
    if found is None:
        return
    uow.session.delete(found)
    uow.record(Tag.REVIEW_WOKEN, actor=f"staff:{user_id}", subject=row.id, case_id=row.case_id)


def asleep(uow: UnitOfWork) -> sa.ColumnElement[bool]:
    """The condition that a review is set aside now, and nothing has changed since."""
    return _asleep(uow).where(ReviewSnoozeRow.review_id == ReviewRow.id).correlate(ReviewRow).exists()


def asleep_among(uow: UnitOfWork, review_ids: Collection[str]) -> Mapping[str, ReviewSnoozeRow]:
    """What is set aside now of these reviews, by review."""
    if not review_ids:
        return {}
    query = (
        _asleep(uow)
        .join(ReviewRow, ReviewRow.id == ReviewSnoozeRow.review_id)
        .where(ReviewSnoozeRow.review_id.in_(review_ids))
    )
    return {row.review_id: row for row in uow.session.scalars(query)}


def _asleep(uow: UnitOfWork) -> sa.Select[ReviewSnoozeRow]:
    return (
        sa.select(ReviewSnoozeRow)
        .join(ThreadRow, ThreadRow.id == ReviewSnoozeRow.thread_id)
        .where(
            ReviewSnoozeRow.until > uow.clock.now(),
            ReviewSnoozeRow.version == ReviewRow.version,
            ReviewSnoozeRow.verdict_id == sa.func.coalesce(ReviewRow.verdict_id, ""),
            ReviewSnoozeRow.last_seq == ThreadRow.last_seq,
        )
    )


def _locked(uow: UnitOfWork, review_id: str) -> ReviewRow:
    row = existing(uow, ReviewRow, review_id, "review", lock=True)
    if row.state != ReviewState.OPEN.value:
        raise InvalidTransition(f"review {review_id}", state=row.state, event="setting aside")
    return row
