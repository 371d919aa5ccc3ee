"""Business deadlines as rows, swept by the worker; the engine's own clock serves technical retries only."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

import sqlalchemy as sa

from backhaul.store.house_tables import DueRow, InboxEventRow
from backhaul.store.unit_of_work import UnitOfWork, insert_unless_there


def end_of(day: date) -> datetime:
    """The first moment after that day, UTC: a deadline on a day includes the day."""
    return datetime.combine(day + timedelta(days=1), time(), UTC)


_LEAST_NOTICE = timedelta(days=14)
_REMIND_BEFORE = timedelta(days=5)


def with_notice(uow: UnitOfWork, day: date) -> date:
    """That day, or a fortnight from now when it would be sooner: nobody can meet a deadline that is past."""
    return max(day, (uow.clock.now() + _LEAST_NOTICE).date())


def remind_at(day: date) -> datetime:
    """When a reminder of a deadline on that day is due."""
    return end_of(day) - _REMIND_BEFORE


def set_due(uow: UnitOfWork, *, kind: str, subject: str, at: datetime) -> None:
    """Set or move a deadline; one that has already passed off is not set again."""
    row = _due(uow, kind, subject)
    if row is None:
        # Another worker may set it at the same moment.
        uow.session.execute(insert_unless_there(uow, DueRow).values(kind=kind, subject=subject, due_at=at))
    elif row.fired_at is None:
        row.due_at = at


def set_again(uow: UnitOfWork, *, kind: str, subject: str, at: datetime) -> None:
    """Set a deadline anew, also one that was met or has passed: what it waits for is awaited again."""
    row = _due(uow, kind, subject)
    if row is not None:
        row.fired_at = None
    set_due(uow, kind=kind, subject=subject, at=at)


def is_set(uow: UnitOfWork, *, kind: str, subject: str) -> bool:
    """Whether that deadline was ever set."""
    return _due(uow, kind, subject) is not None


def drop_due(uow: UnitOfWork, *, kind: str, subject: str) -> None:
    """The deadline no longer matters."""
    row = _due(uow, kind, subject)
    if row is not None and row.fired_at is None:
        row.fired_at = uow.clock.now()


def _due(uow: UnitOfWork, kind: str, subject: str) -> DueRow | None:
    return uow.session.scalars(
        sa.select(DueRow).where(DueRow.kind == kind, DueRow.subject == subject)
    ).first()


def passed(uow: UnitOfWork, kind: str, *, limit: int = 100) -> Sequence[DueRow]:
    """Deadlines of a kind that have passed and were not dealt with, the oldest first."""
    query = (
        sa.select(DueRow)
        .where(DueRow.kind == kind, DueRow.fired_at.is_(None), DueRow.due_at <= uow.clock.now())
        .order_by(DueRow.due_at)
        .limit(limit)
    )
    return uow.session.scalars(query.with_for_update(key_share=True, skip_locked=True)).all()


def open_subjects(uow: UnitOfWork, kind: str, *, beginning: str) -> Sequence[str]:
    """What deadlines of a kind are still about, whether they have passed or not."""
    query = sa.select(DueRow.subject).where(
        DueRow.kind == kind, DueRow.fired_at.is_(None), DueRow.subject.startswith(beginning, autoescape=True)
    )
    return uow.session.scalars(query.order_by(DueRow.subject)).all()


def fire(uow: UnitOfWork, kind: str) -> Sequence[DueRow]:
    """Take the deadlines of a kind that have passed; each is taken once."""
    rows = passed(uow, kind)
    for row in rows:
        row.fired_at = uow.clock.now()
    return rows


def renew(uow: UnitOfWork, *, kind: str, subject: str, at: datetime) -> None:
    """Set a deadline anew, also one that has passed off: what it was about has begun again."""
    row = _due(uow, kind, subject)
    if row is None:
        set_due(uow, kind=kind, subject=subject, at=at)
    else:
        row.due_at, row.fired_at = at, None


def seen_before(uow: UnitOfWork, source: str, event_id: str, payload: dict[str, object]) -> bool:
    """Take an event from outside into the inbox; True when it stood there already.

    Of two transactions that take the same event at once, one waits and then finds it.
    """
    values = {
        "source": source,
        "event_id": event_id,
        "payload": payload,
        "received_at": uow.clock.now(),
    }
    new = insert_unless_there(uow, InboxEventRow).values(values).returning(InboxEventRow.event_id)
    return uow.session.scalar(new) is None
