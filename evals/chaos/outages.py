"""Taking the database away from everybody for a moment, as a restart does."""

import sqlite3
import time
from contextlib import closing
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from backhaul.settings import Settings

AWAY_SECONDS = 1.5


def cut_the_database(settings: Settings) -> None:
    """PostgreSQL: every connection is ended and none is let in. SQLite: the file is locked."""
    if settings.database_url:
        _cut_postgres(settings.database_url)
    else:
        with closing(sqlite3.connect(settings.sqlite_path, timeout=30, isolation_level=None)) as file:
            file.execute("BEGIN EXCLUSIVE")
            time.sleep(AWAY_SECONDS)
            file.execute("ROLLBACK")


def _cut_postgres(url: str) -> None:
    plain = urlsplit(url.replace("+psycopg", "", 1))
    name = plain.path.removeprefix("/")
    allow = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
    with psycopg.connect(plain._replace(path="/postgres").geturl(), autocommit=True) as server:
        server.execute(allow.format(sql.Identifier(name), sql.SQL("false")))
        server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
        time.sleep(AWAY_SECONDS)
        server.execute(allow.format(sql.Identifier(name), sql.SQL("true")))
