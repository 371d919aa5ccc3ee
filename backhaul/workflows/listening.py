"""One look at the messages for all workflows that wait, where the engine looks once for each of them.

On SQLite nothing tells a process of a new message: DBOS 3.4 asks for every waiting workflow by itself, four
times a second here. With 3,000 returns that wait for their parcels that is a whole core for nothing; see
docs/decisions/0009. PostgreSQL notifies, and needs none of this.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
import structlog
from dbos._sys_db_sqlite import SQLiteSystemDatabase
from sqlalchemy.exc import SQLAlchemyError

from backhaul.domain.errors import ConnectorUnavailable
from backhaul.store.unit_of_work import Store

_NEWS = sa.Table(
    "notifications",
    sa.MetaData(),
    sa.Column("rowid", sa.Integer),
    sa.Column("destination_uuid"),
    sa.Column("topic"),
)

_POLLING = "_notification_listener"
log = structlog.get_logger("backhaul.durable")


@dataclass(slots=True)
class _News:
    """Messages by the order in which they were written, which is that of SQLite's row numbers."""

    store: Store
    last: int | None = None

    def new(self) -> set[tuple[str, str]]:
        """Destination and topic of what was written since the last look; nothing at the first one.

        Who begins to wait looks for what is there already.
        A number may be given again once old messages were deleted: then everything counts as new. What is
        missed all the same, the engine finds when it looks again by itself, after a minute.
        """
        with self.store.read() as uow:
            newest = uow.session.scalar(sa.select(sa.func.max(_NEWS.c.rowid))) or 0
            since = newest if self.last is None else self.last if newest >= self.last else 0
            rows = uow.session.execute(
                sa.select(_NEWS.c.destination_uuid, _NEWS.c.topic).where(_NEWS.c.rowid > since)
            ).all()
        self.last = newest
        return {(str(row.destination_uuid), str(row.topic)) for row in rows}


def listen_once_for_all(store: Store) -> None:
    """Replace the engine's own polling, before it is launched. It reads private names of a pinned version.

    Where the engine polls under another name nothing is replaced. The test of this module tells whether an
    update still has the names that are read here.
    """
    if not store.is_postgres and hasattr(SQLiteSystemDatabase, _POLLING):
        setattr(SQLiteSystemDatabase, _POLLING, _listener(_News(store)))


def _listener(news: _News) -> Callable[[Any], None]:
    def listen(engine: Any) -> None:
        while engine._run_background_processes:  # noqa: SLF001
            time.sleep(engine._notification_listener_polling_interval_sec)  # noqa: SLF001
            try:
                _tell(engine, news.new())
            except (ConnectorUnavailable, SQLAlchemyError) as fault:
                log.warning("messages not read", fault=type(fault).__name__)

    return listen


def _tell(engine: Any, new: set[tuple[str, str]]) -> None:
    for _, (destination, topic, _), waiting in engine.notifications_map.snapshot() if new else ():
        if (destination, topic) in new:
            waiting.set()
