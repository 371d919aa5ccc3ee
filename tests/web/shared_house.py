"""A house for tests that change nothing another would notice: put together once a module."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backhaul.store.database import sqlite_url
from tests.web import conftest


@pytest.fixture(scope="module")
def shared_house(
    tmp_path_factory: pytest.TempPathFactory, seeded_erp: Path, sqlite_template: Path
) -> Iterator[Any]:
    """A desk behind its doors, on SQLite, with everybody who works there."""
    home = tmp_path_factory.mktemp("shared")
    shutil.copyfile(seeded_erp, home / "erp.db")
    shutil.copyfile(sqlite_template, home / "backhaul.db")
    house: Any = conftest.build_house(home, sqlite_url(home / "backhaul.db"))
    conftest.add_people(house.store)
    house.beat()
    yield house
    house.store.close()
    house.erp.close()
