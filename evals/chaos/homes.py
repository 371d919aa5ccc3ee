"""Homes to wreck: seeded once, copied for every round, on SQLite or each with a PostgreSQL database."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

from backhaul.bootstrap.setup import ensure_ready
from backhaul.settings import Settings
from evals.bench_postgres import empty_database


def _keep_what_is_committed(url: str) -> None:
    """A server for tests may forget its last commits when it is killed; here that would be our own fault."""
    with psycopg.connect(url, autocommit=True) as connection:
        name = sql.Identifier(connection.info.dbname)
        connection.execute(sql.SQL("ALTER DATABASE {} SET synchronous_commit = on").format(name))


@dataclass(slots=True)
class Homes:
    """Makes them under a folder. `server_url` is a PostgreSQL server that may create databases, or empty."""

    root: Path
    server_url: str = ""
    _made: int = field(default=0, init=False)

    @property
    def database(self) -> str:
        """What the homes keep their records in."""
        return "PostgreSQL" if self.server_url else "SQLite"

    @contextmanager
    def fresh(self) -> Iterator[Settings]:
        """A seeded home that nothing has happened in."""
        seeded = self.root / "seeded"
        if not seeded.exists():
            ensure_ready(Settings(home=seeded, database_url=""))
        self._made += 1
        home = self.root / f"home-{self._made}"
        shutil.copytree(seeded, home)
        if not self.server_url:
            # Nobody would read what is drawn to be read blind.
            yield Settings(home=home, database_url="", blind_share_permille=0, blind_escalated_permille=0)
            return
        with empty_database(self.server_url) as url:
            _keep_what_is_committed(url)
            settings = Settings(
                home=home, database_url=url, blind_share_permille=0, blind_escalated_permille=0
            )
            ensure_ready(settings)
            yield settings
