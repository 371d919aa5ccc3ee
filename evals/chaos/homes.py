"""Homes to wreck: seeded once, copied for every round, on SQLite or each with a PostgreSQL database."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from backhaul.bootstrap.setup import ensure_ready
from backhaul.settings import Settings
from evals.bench_postgres import empty_database


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
            yield Settings(home=home, database_url="")
            return
        with empty_database(self.server_url) as url:
            settings = Settings(home=home, database_url=url)
            ensure_ready(settings)
            yield settings
