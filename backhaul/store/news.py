"""How a process hears that threads have news: one listener each, cheap enough to run all the time."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol, cast

import sqlalchemy as sa
from sqlalchemy.pool import PoolProxiedConnection

from backhaul.domain.returns import RmaState
from backhaul.store.conversation import NEWS_CHANNEL, newest_event_id, threads_with_news
from backhaul.store.effect_tables import RmaRow
from backhaul.store.heartbeat import DEAD_AFTER_SECONDS, NO_BUNDLE
from backhaul.store.house_tables import HeartbeatRow
from backhaul.store.tables import ReviewRow
from backhaul.store.unit_of_work import Store, UnitOfWork

if TYPE_CHECKING:
    import psycopg

_LOOK_SECONDS = 0.03
"""How often SQLite's change counter is read; one read takes some ten microseconds."""


class NewsListener(Protocol):
    """Tells which threads have news. Used by one thread of the process."""

    def wait(self, seconds: float) -> Sequence[str]:
        """Threads with news, at the latest after `seconds`; empty when nothing happened."""
        ...

    def close(self) -> None: ...


@dataclass(slots=True)
class _SqliteListener:
    store: Store
    _connection: PoolProxiedConnection = field(init=False)
    _version: int = field(init=False)
    _newest: int = field(init=False)

    def __post_init__(self) -> None:
        self._connection = self.store.engine.raw_connection()
        self._version = self._data_version()
        with self.store.read() as uow:
            self._newest = newest_event_id(uow)

    def wait(self, seconds: float) -> Sequence[str]:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if (version := self._data_version()) != self._version:
                self._version = version
                if threads := self._look():
                    return threads
            time.sleep(_LOOK_SECONDS)
        return ()

    def _look(self) -> Sequence[str]:
        with self.store.read() as uow:
            newest = newest_event_id(uow)
            threads = threads_with_news(uow, self._newest) if newest > self._newest else ()
        self._newest = max(newest, self._newest)
        return threads

    def _data_version(self) -> int:
        cursor = self._connection.cursor()
        cursor.execute("PRAGMA data_version")
        (version,) = cursor.fetchone() or (0,)
        cursor.close()
        return int(version)

    def close(self) -> None:
        self._connection.close()


@dataclass(slots=True)
class _PostgresListener:
    store: Store
    _connection: "psycopg.Connection[Any]" = field(init=False)

    def __post_init__(self) -> None:
        from psycopg import sql  # noqa: PLC0415 - on SQLite nobody needs the driver

        pooled = self.store.engine.raw_connection()
        self._connection = cast("psycopg.Connection[Any]", pooled.driver_connection)
        # LISTEN lives as long as its connection: taken out of the pool, so that no other user inherits it.
        pooled.detach()
        self._connection.autocommit = True
        self._connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(NEWS_CHANNEL)))

    def wait(self, seconds: float) -> Sequence[str]:
        return [notice.payload for notice in self._connection.notifies(timeout=seconds, stop_after=1)]

    def close(self) -> None:
        self._connection.close()


def listen(store: Store) -> NewsListener:
    """A listener of its own connection: SQLite's change counter, or LISTEN on PostgreSQL."""
    return _PostgresListener(store) if store.is_postgres else _SqliteListener(store)


@dataclass(frozen=True, slots=True)
class WorkerSign:
    """The last sign of life of any worker.

    `policy_problem` says why one of them decides by older documents, which `bundle_hash` names; where none
    `decides`, it says why there is nothing to decide by.
    """

    beat_at: datetime
    policy_problem: str | None
    bundle_hash: str
    decides: bool


def newest_sign_of_worker(uow: UnitOfWork) -> WorkerSign | None:
    """The youngest heartbeat, on the machine's time; `None` when no worker ever ran."""
    rows = uow.session.scalars(sa.select(HeartbeatRow).order_by(HeartbeatRow.beat_at.desc())).all()
    if not rows:
        return None
    alive = [row for row in rows if rows[0].beat_at - row.beat_at < timedelta(seconds=DEAD_AFTER_SECONDS)]
    speaks = next((row for row in alive if row.policy_problem), rows[0])
    decides = any(row.bundle_hash != NO_BUNDLE for row in alive)
    return WorkerSign(rows[0].beat_at, speaks.policy_problem, speaks.bundle_hash, decides)


def review_counts(uow: UnitOfWork) -> dict[str, int]:
    """How many reviews are in each state."""
    query = sa.select(ReviewRow.state, sa.func.count().label("reviews")).group_by(ReviewRow.state)
    return {row.state: row.reviews for row in uow.session.execute(query)}


def expected_rmas(uow: UnitOfWork, *, limit: int = 100) -> Sequence[RmaRow]:
    """RMAs whose goods have yet to arrive, the earliest date first."""
    query = sa.select(RmaRow).where(
        RmaRow.erp_number.is_not(None),
        RmaRow.cancelled_at.is_(None),
        # A late parcel is on its way all the same.
        sa.or_(RmaRow.expired_at.is_(None), RmaRow.state == RmaState.IN_TRANSIT.value),
    )
    return uow.session.scalars(query.order_by(RmaRow.return_by, RmaRow.id).limit(limit)).all()
