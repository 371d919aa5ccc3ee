"""Notes taken in by the very code of the command line, over a seeded home with a real reader."""

from pathlib import Path

import pytest

from agent.understanding.offline import OfflineReader
from backhaul.bootstrap import stores
from backhaul.intake.accounts import Accounts
from backhaul.intake.notes import NotesIntake
from backhaul.intake.open_rmas import OpenRmasIntake
from tests.house import House


@pytest.fixture
def intake(sqlite_house: House) -> NotesIntake:
    reader = OfflineReader(stores.cache_folder(sqlite_house.settings))
    return NotesIntake(sqlite_house.desk, reader, "cli:ann", Accounts(sqlite_house.desk.erp))


@pytest.fixture
def open_rmas(sqlite_house: House) -> OpenRmasIntake:
    return OpenRmasIntake(sqlite_house.desk, "cli:ann", Accounts(sqlite_house.desk.erp))


@pytest.fixture
def put(tmp_path: Path) -> object:
    """Writes a file and gives its path."""

    def write(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write
