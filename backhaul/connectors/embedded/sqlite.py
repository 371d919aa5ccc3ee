"""One SQLite file per embedded system: writers queue, readers never wait, and a key is obeyed once."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import OperationalError

from backhaul.domain.canonical import digest
from backhaul.domain.errors import ConnectorRejected, ConnectorUnavailable

_BUSY_TIMEOUT_SECONDS = 30.0


_synchronous: ContextVar[str] = ContextVar("synchronous", default="FULL")


@contextmanager
def without_waiting_for_the_disk() -> Iterator[None]:
    """Files opened meanwhile may be lost with the power; for what is made up and can be made again."""
    before = _synchronous.set("OFF")
    try:
        yield
    finally:
        _synchronous.reset(before)


def writing_engine(path: Path) -> Engine:
    """For the one process that may change the file; each transaction takes the write lock when it begins.

    A transaction that reads first and asks for the lock later fails at once when another was quicker,
    whatever the time-out says; one that asks first waits its turn.
    """
    engine, synchronous = _engine(lambda: _open(path, "rwc"), begin="BEGIN IMMEDIATE"), _synchronous.get()

    @event.listens_for(engine, "connect")
    def _durable(connection: sqlite3.Connection, _record: object) -> None:
        for pragma in ("journal_mode=WAL", f"synchronous={synchronous}", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}").close()

    return engine


def reading_engine(path: Path) -> Engine:
    """For everybody else: SQLite itself refuses every change, and a read sees one moment throughout."""
    return _engine(lambda: _open(path, "ro"), begin="BEGIN")


def open_to_read(path: Path) -> sqlite3.Connection:
    """A bare connection that cannot write; `sqlite3.OperationalError` when the file is missing."""
    return _open(path, "ro")


@contextmanager
def talking_to(peer: str, engine: Engine) -> Iterator[Connection]:
    """One transaction with an embedded system.

    Raises:
        ConnectorUnavailable: the file is missing, has no tables yet, or stayed locked for 30 seconds.
    """
    try:
        with engine.begin() as connection:
            yield connection
    except OperationalError as error:
        raise ConnectorUnavailable(peer, f"its file does not answer ({error.orig})") from error


def command_table(metadata: sa.MetaData) -> sa.Table:
    """Remembers which key asked for what and which document came of it."""
    return sa.Table(
        "command_key",
        metadata,
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("operation", sa.String, nullable=False),
        sa.Column("request_hash", sa.String, nullable=False),
        sa.Column("document", sa.String, nullable=False),
    )


def series_table(metadata: sa.MetaData) -> sa.Table:
    """Number series of a system's documents: the last number given out of each."""
    return sa.Table(
        "series",
        metadata,
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("last", sa.Integer, nullable=False),
    )


class Commands:
    """The keys a system has obeyed, so that a repeated command finds its first result."""

    def __init__(self, peer: str, table: sa.Table) -> None:
        self._peer, self._table = peer, table

    def once(
        self, connection: Connection, operation: str, request: Any, key: str, act: Callable[[], str]
    ) -> str:
        """The document of this key: made by `act` the first time, looked up afterwards.

        Raises:
            ConnectorRejected: the key already stands for another request.
        """
        document = self.obeyed(connection, operation, request, key)
        if document is None:
            document = act()
            self.record(connection, operation, request, key, document)
        return document

    def obeyed(self, connection: Connection, operation: str, request: Any, key: str) -> str | None:
        """What this very command led to, or `None` when it is new; another request is ConnectorRejected."""
        row = connection.execute(sa.select(self._table).where(self._table.c.key == key)).one_or_none()
        if row is None:
            return None
        if (row.operation, row.request_hash) != (operation, digest(request)):
            raise ConnectorRejected(
                self._peer, f"key {key} already stands for another request; use a new key for a new request"
            )
        return str(row.document)

    def record(self, connection: Connection, operation: str, request: Any, key: str, document: str) -> None:
        """Remember the result in the transaction that made it."""
        values = {
            "key": key,
            "operation": operation,
            "request_hash": digest(request),
            "document": document,
        }
        connection.execute(sa.insert(self._table).values(values))

    def document(self, connection: Connection, operation: str, key: str) -> str | None:
        """The document a key led to, for those who know only the key."""
        table = self._table
        query = sa.select(table.c.document).where(table.c.key == key, table.c.operation == operation)
        return connection.scalar(query)


def next_number(connection: Connection, series: sa.Table, name: str, *, first: int) -> int:
    """The next number of a series; the transaction holds the write lock, so no number is given twice."""
    statement = (
        insert(series)
        .values(name=name, last=first)
        .on_conflict_do_update(index_elements=["name"], set_={"last": series.c.last + 1})
        .returning(series.c.last)
    )
    return int(connection.execute(statement).scalar_one())


def _engine(connect: Callable[[], sqlite3.Connection], *, begin: str) -> Engine:
    engine = sa.create_engine(
        "sqlite://", creator=connect, poolclass=sa.QueuePool, max_overflow=20, hide_parameters=True
    )

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _open(path: Path, mode: str) -> sqlite3.Connection:
    # Autocommit: transactions begin with the words above and not with the driver's guess.
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=_BUSY_TIMEOUT_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )
