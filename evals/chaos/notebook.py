"""What the supervisor and the doomed workers tell each other: a small file that outlives every kill."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from evals.chaos.faults import Fault

_BUSY_SECONDS = 30.0
_TABLES = """
CREATE TABLE IF NOT EXISTS cell (
    case_id TEXT PRIMARY KEY, fault TEXT, workflow TEXT, step TEXT, moment TEXT
);
CREATE TABLE IF NOT EXISTS happened (key TEXT PRIMARY KEY, times INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS passed (
    place INTEGER PRIMARY KEY, case_id TEXT, workflow TEXT, step TEXT, UNIQUE (case_id, workflow, step)
);
"""


@dataclass(frozen=True, slots=True)
class Point:
    """Where a worker dies: a moment of a step of a workflow."""

    workflow: str
    step: str
    moment: str

    def __str__(self) -> str:
        return f"{self.moment} {self.workflow}: {self.step}"


@dataclass(frozen=True, slots=True)
class Doom:
    """What is in store for one case."""

    fault: Fault
    point: Point | None


class Notebook:
    """One file; every method is one short transaction."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._open() as notes:
            notes.execute("PRAGMA journal_mode=WAL")
            notes.executescript(_TABLES)

    def doom(self, case_id: str, doom: Doom) -> None:
        """Say what is in store for a case, before anybody works on it."""
        at = doom.point or Point("", "", "")
        with self._open() as notes:
            row = (case_id, doom.fault.value, at.workflow, at.step, at.moment)
            notes.execute("INSERT OR REPLACE INTO cell VALUES (?, ?, ?, ?, ?)", row)

    def doom_of(self, case_id: str) -> Doom:
        """What is in store for a case; nothing for one that nobody doomed."""
        with self._open() as notes:
            row = notes.execute("SELECT * FROM cell WHERE case_id = ?", (case_id,)).fetchone()
        if row is None:
            return Doom(Fault.NONE, None)
        return Doom(Fault(row[1]), Point(*row[2:]) if row[3] else None)

    def count(self, key: str) -> int:
        """How often this has happened, now included."""
        with self._open() as notes:
            row = notes.execute(
                "INSERT INTO happened VALUES (?, 1)"
                " ON CONFLICT (key) DO UPDATE SET times = times + 1 RETURNING times",
                (key,),
            ).fetchone()
        return int(row[0])

    def passed(self, case_id: str, workflow: str, step: str) -> None:
        """Write down that a case came through a step."""
        with self._open() as notes:
            row = (case_id, workflow, step)
            notes.execute("INSERT OR IGNORE INTO passed (case_id, workflow, step) VALUES (?, ?, ?)", row)

    def way_of(self, case_id: str) -> Sequence[tuple[str, str]]:
        """The steps a case came through, as (workflow, step), in their order."""
        with self._open() as notes:
            rows = notes.execute(
                "SELECT workflow, step FROM passed WHERE case_id = ? ORDER BY place", (case_id,)
            )
            return [(str(workflow), str(step)) for workflow, step in rows]

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=_BUSY_SECONDS)) as notes, notes:
            notes.execute("PRAGMA synchronous=OFF")
            yield notes
