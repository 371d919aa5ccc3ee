"""Opening the database: SQLite with its pragmas, PostgreSQL with its pool. The URL decides."""

import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from backhaul.domain.errors import ConnectorUnavailable

READS_ONLY = "backhaul_reads_only"
"""Execution option: this transaction will not write, so on SQLite it need not wait for the writer."""

BOOKMARK_SCHEMA = "langgraph"
"""PostgreSQL schema of the agent's bookmarks, apart from the business tables."""

_BUSY_TIMEOUT_MS = 30_000
_SUBSEC_UNIXEPOCH_SINCE = (3, 42)


def sqlite_url(path: Path) -> str:
    """URL of an SQLite file."""
    return f"sqlite:///{path}"


def open_engine_without_waiting_for_the_disk(url: str) -> Engine:
    """An SQLite file that may be lost with the power; for what is made up and can be made again."""
    engine = open_engine(url)
    event.listen(engine, "connect", _do_not_wait)
    return engine


def _do_not_wait(connection: sqlite3.Connection, _record: ConnectionPoolEntry) -> None:
    connection.execute("PRAGMA synchronous=OFF").close()


def open_engine(url: str, *, pool_size: int = 20, for_durable_engine: bool = False) -> Engine:
    """An engine whose transactions begin as writers on SQLite, so that two of them queue instead of failing.

    The durable engine polls, and its many small reads must not queue for the writer's lock: its own engine
    on the same file leaves beginning to the driver, which begins when something is written.

    Errors hide the parameters of statements: these are what customers wrote, and errors end up in logs.
    """
    if url.startswith("sqlite"):
        engine = sa.create_engine(url, pool_size=pool_size, max_overflow=20, hide_parameters=True)
        event.listen(
            engine, "connect", _prepare_for_durable_engine if for_durable_engine else _prepare_sqlite
        )
        if not for_durable_engine:
            event.listen(engine, "begin", _begin_sqlite)
        return engine
    return sa.create_engine(
        driver_url(url), pool_size=pool_size, max_overflow=10, pool_pre_ping=True, hide_parameters=True
    )


@contextmanager
def answering() -> Iterator[None]:
    """Tell a database that is being restarted, or that ended a deadlock, like any peer that does not answer.

    Raises:
        ConnectorUnavailable: The connection was lost or not to be had, or the transaction had to give way.
    """
    try:
        yield
    except DBAPIError as error:
        if error.connection_invalidated or isinstance(error, OperationalError):
            raise ConnectorUnavailable("database", str(error.orig).partition("\n")[0]) from error
        raise


def check_answers(engine: Engine) -> None:
    """Connect once, so that a wrong address is told at the start and in one line.

    Raises:
        ConnectorUnavailable: The database does not answer.
    """
    try:
        engine.connect().close()
    except OperationalError as error:
        engine.dispose()
        place = engine.url.render_as_string(hide_password=True)
        said = str(error.orig).partition("\n")[0]
        raise ConnectorUnavailable("database", f"{place} does not answer: {said}") from error


def driver_url(url: str) -> str:
    """The same PostgreSQL URL with the one driver in use, psycopg 3."""
    for scheme in ("postgresql://", "postgres://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    return url


def _prepare_sqlite(connection: sqlite3.Connection, _record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        f"busy_timeout={_BUSY_TIMEOUT_MS}",
        "foreign_keys=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
    # The durable engine's schema asks for unixepoch('subsec'), which older SQLite answers with NULL.
    if sqlite3.sqlite_version_info < _SUBSEC_UNIXEPOCH_SINCE and sys.version_info >= (3, 12):
        connection.create_function("unixepoch", 1, _unixepoch)


def _prepare_for_durable_engine(connection: sqlite3.Connection, record: ConnectionPoolEntry) -> None:
    _prepare_sqlite(connection, record)
    connection.isolation_level = "IMMEDIATE"


def _begin_sqlite(connection: sa.Connection) -> None:
    reads_only = connection.get_execution_options().get(READS_ONLY, False)
    connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")


def _unixepoch(modifier: str) -> float:
    return time.time() if modifier == "subsec" else int(time.time())
