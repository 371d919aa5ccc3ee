"""Living workers, by the clock of the database.

Neither a moved business clock nor a host whose own clock is off may make a worker look dead.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from backhaul.store.house_tables import HeartbeatRow, ReapRow
from backhaul.store.unit_of_work import UnitOfWork, insert_unless_there

DEAD_AFTER_SECONDS = 15
NO_BUNDLE = ""
"""The bundle of a worker that has no documents to decide by"""
WHOLE_BLAME = 12
"""Of one crash"""
_QUICK_SUCCESSION = timedelta(minutes=15)


def beat(uow: UnitOfWork, executor_id: str, *, bundle_hash: str, policy_problem: str | None) -> None:
    """Say that this worker lives, and under which policy it decides."""
    now = _now(uow)
    row = uow.session.get(HeartbeatRow, executor_id)
    if row is None:
        row = HeartbeatRow(executor_id=executor_id, started_at=now, beat_at=now, bundle_hash=bundle_hash)
        uow.session.add(row)
    row.beat_at, row.bundle_hash, row.policy_problem = now, bundle_hash, policy_problem


def living(uow: UnitOfWork, *, within: int = DEAD_AFTER_SECONDS) -> Sequence[HeartbeatRow]:
    """Workers heard of within the last so many seconds."""
    since = _now(uow) - timedelta(seconds=within)
    return uow.session.scalars(sa.select(HeartbeatRow).where(HeartbeatRow.beat_at >= since)).all()


def executors(uow: UnitOfWork) -> Sequence[HeartbeatRow]:
    """All workers that ever spoke and were not buried."""
    return uow.session.scalars(sa.select(HeartbeatRow)).all()


def bury(uow: UnitOfWork, executor_id: str) -> None:
    """Forget a worker whose work was taken over, or that said goodbye."""
    uow.session.execute(sa.delete(HeartbeatRow).where(HeartbeatRow.executor_id == executor_id))


def blame(uow: UnitOfWork, workflow_id: str, *, suspects: int, step: str = "") -> int:
    """How much of the crashes of one quarter of an hour is laid to this workflow, now included, in twelfths.

    What kills its worker does so in the same `step` every time: one that has come to another step since did
    not cause the crashes before, and begins anew.

    All that were in a step when their worker died share the blame: who is there by chance has ended before it
    adds up, and what kills its worker every time is soon alone. A return waits for weeks and may live through
    many crashes that it did not cause; only crashes in quick succession speak against it.
    """
    now, share = _now(uow), max(WHOLE_BLAME // max(suspects, 1), 1)
    # Two workers may see the same death at once.
    first = insert_unless_there(uow, ReapRow).values(workflow_id=workflow_id, times=0, last_at=now, step=step)
    uow.session.execute(first)
    row = uow.session.get_one(ReapRow, workflow_id, with_for_update={"key_share": True})
    goes_on = bool(step and row.step) and step != row.step
    row.times = row.times + share if now - row.last_at < _QUICK_SUCCESSION and not goes_on else share
    row.last_at, row.step = now, step or row.step
    return row.times


def _now(uow: UnitOfWork) -> datetime:
    """Aware UTC; what the machine of the database says, which all who beat have in common."""
    if uow.session.get_bind().dialect.name == "postgresql":
        told_there: datetime = uow.session.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
        return told_there.astimezone(UTC)
    told = uow.session.execute(sa.select(sa.func.strftime("%Y-%m-%dT%H:%M:%f+00:00", "now"))).scalar_one()
    return datetime.fromisoformat(told)
