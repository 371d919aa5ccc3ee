"""Where the graph keeps its bookmarks, and how they are kept small: one per conversation episode, never a
history.
"""

import sqlite3
from collections.abc import Iterable
from pathlib import Path

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.postgres import PostgresSaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite import SqliteSaver
from psycopg import Connection
from psycopg.rows import DictRow, dict_row
from psycopg_pool import ConnectionPool

SCHEMA = "langgraph"
"""PostgreSQL schema of the bookmarks, apart from the business tables."""

Saver = BaseCheckpointSaver[str]
_MOST_CONNECTIONS = 10


def sqlite_bookmarks(path: Path) -> SqliteSaver:
    """Bookmarks in a file of their own, so that they never wait for the business tables.

    A bookmark can be rebuilt from the messages, so a power cut may cost the last one: the disk is not
    waited for.
    """
    connection = sqlite3.connect(path, check_same_thread=False)
    connection.execute("PRAGMA busy_timeout=30000")
    connection.execute("PRAGMA synchronous=NORMAL")
    saver = SqliteSaver(connection, serde=_strict())
    saver.setup()
    return saver


def postgres_bookmarks(url: str) -> PostgresSaver:
    """Bookmarks in PostgreSQL. The tables must exist: `prepare_postgres` makes them in the migrate
    command.
    """
    pool: ConnectionPool[Connection[DictRow]] = ConnectionPool(
        _plain(url),
        max_size=_MOST_CONNECTIONS,
        kwargs={
            "autocommit": True,
            "prepare_threshold": 0,
            "row_factory": dict_row,
            "options": f"-c search_path={SCHEMA}",
        },
        open=True,
    )
    return PostgresSaver(pool, serde=_strict())


def prepare_postgres(url: str) -> None:
    """Create the bookmark tables. Two processes doing this at once would fail, so only `migrate` does."""
    options = f"-c search_path={SCHEMA}"
    with Connection.connect(
        _plain(url), autocommit=True, prepare_threshold=0, row_factory=dict_row, options=options
    ) as connection:
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        PostgresSaver(connection).setup()


def prune(saver: BaseCheckpointSaver[str], graph_thread: str) -> None:
    """Forget all but the newest bookmark of a graph thread."""
    if isinstance(saver, SqliteSaver):
        _prune_sqlite(saver, graph_thread)
    else:
        saver.prune([graph_thread])


def forget(saver: BaseCheckpointSaver[str], graph_threads: Iterable[str]) -> None:
    """Forget these graph threads altogether; one that is not there is no fault."""
    for name in graph_threads:
        saver.delete_thread(name)


def close(saver: BaseCheckpointSaver[str]) -> None:
    """Give the connections back."""
    if isinstance(saver, SqliteSaver | PostgresSaver):
        saver.conn.close()


def _prune_sqlite(saver: SqliteSaver, graph_thread: str) -> None:
    newest = "(SELECT MAX(checkpoint_id) FROM checkpoints WHERE thread_id = ?)"
    with saver.cursor() as cursor:
        for table in ("checkpoints", "writes"):
            cursor.execute(
                f"DELETE FROM {table} WHERE thread_id = ? AND checkpoint_id < {newest}",  # noqa: S608 - both names stand above
                (graph_thread, graph_thread),
            )


def _strict() -> JsonPlusSerializer:
    """Reads back plain data and LangGraph's own records only, whatever the environment says."""
    return JsonPlusSerializer(allowed_msgpack_modules=None)


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://", 1)
