"""`backhaul stuck` and `backhaul reconcile` in a terminal."""

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from backhaul.bootstrap import stores
from backhaul.cli.main import app
from backhaul.settings import Settings
from backhaul.store import broken_work


def run(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), env={"BACKHAUL_HOME": str(home)})


@pytest.fixture
def home(seeded_home: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    shutil.copytree(seeded_home, folder)
    return folder


def test_a_home_where_nothing_stands_still_says_so(home: Path) -> None:
    done = run(home, "stuck")

    assert (done.exit_code, done.stdout.strip()) == (0, "0 stuck")


def test_work_that_broke_off_is_listed_with_what_may_be_done(home: Path) -> None:
    store = stores.open_store(Settings(home=home))
    with store.begin() as uow:
        broken_work.keep(uow, "decide-PR-1", name="decide", why="ValueError: no JSON")
    store.close()

    done = run(home, "stuck")

    assert done.exit_code == 1
    assert "Decide broke off: ValueError: no JSON" in done.stdout
    assert "resume" in done.stdout


def test_books_that_nothing_was_entered_in_do_not_differ(home: Path) -> None:
    done = run(home, "reconcile", "--day", "2026-11-26")

    assert (done.exit_code, done.stdout.strip()) == (0, "0 orders compared, 0 differences")
