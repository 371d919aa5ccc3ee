"""`backhaul intake` and `backhaul key` as they are typed."""

import csv
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from backhaul.bootstrap import stores
from backhaul.cli.main import app
from backhaul.settings import Settings
from backhaul.store import api_keys
from backhaul.store.note_tables import NotedItemRow, ServiceNoteRow
from backhaul.store.tables import CaseRow, MessageRow, ReviewRow, ThreadRow
from tests.house import settings_for

pytestmark = pytest.mark.slow  # kept out of the time of a build

NOTES = """Ticket,Customer,Work done
T-1,A-1001,"SO-15086: 3 ea 6205 brgs noisy after 1 wk,
credit pls"
T-2,Nobody Inc,relay dead
T-3,A-1003,"e-stop cracked on SO-15118, dmg in transit, need repl"
T-1,A-1001,sent twice
"""


@pytest.fixture
def home(seeded_home: Path, reader_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    settings = settings_for(seeded_home, reader_cache, tmp_path, "")
    monkeypatch.setenv("BACKHAUL_HOME", str(settings.home))
    return settings


def run(*arguments: str) -> Any:
    return CliRunner().invoke(app, list(arguments))


def counted(settings: Settings) -> dict[str, int]:
    with closing(stores.open_store(settings)) as store, store.read() as uow:
        tables = (ServiceNoteRow, CaseRow, ThreadRow, MessageRow, ReviewRow)
        return {
            one.__tablename__: uow.session.scalar(sa.select(sa.func.count()).select_from(one)) or 0
            for one in tables
        }


def test_a_file_is_taken_in_and_every_row_is_accounted_for(home: Settings, put: Any) -> None:
    done = run("intake", "notes", str(put("notes.csv", NOTES)), "--json")

    told = json.loads(done.stdout)
    assert done.exit_code == 1
    assert {name: told[name] for name in ("rows", "done", "cases", "duplicates", "bad")} == {
        "rows": 4,
        "done": 4,
        "cases": 2,
        "duplicates": 1,
        "bad": 1,
    }
    assert [(one["line"], one["state"]) for one in told["told"]] == [(4, "bad"), (6, "duplicate")]
    assert set(counted(home).values()) == {2}


def test_bad_rows_come_back_with_the_reason_and_go_in_once_they_are_mended(
    home: Settings, put: Any, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.csv"
    first = run("intake", "notes", str(put("notes.csv", NOTES)), "--errors", str(bad))
    written = bad.read_text("utf-8-sig")
    (row,) = csv.DictReader(written.splitlines())
    bad.write_text(written.replace("Nobody Inc", "A-1002"), encoding="utf-8")
    second = run("intake", "notes", str(bad), "--json")

    assert (first.exit_code, second.exit_code) == (1, 0)
    assert (row["Ticket"], row["what is wrong"], row["line before"]) == ("T-2", "no account Nobody Inc", "4")
    assert json.loads(second.stdout)["cases"] == 1
    assert set(counted(home).values()) == {3}


def test_a_plan_shows_columns_and_first_rows_and_takes_nothing_in(home: Settings, put: Any) -> None:
    done = run("intake", "notes", str(put("notes.csv", NOTES)), "--dry-run", "--json")

    plan = json.loads(done.stdout)
    assert plan["columns"] == {"note": "Work done", "account": "Customer", "external_id": "Ticket"}
    assert plan["first"][1]["account"] == "Nobody Inc"
    assert set(counted(home).values()) == {0}


@pytest.mark.usefixtures("home")
def test_a_file_that_cannot_be_used_ends_with_two_and_names_its_headings(put: Any) -> None:
    done = run("intake", "notes", str(put("notes.csv", "Blurb,Customer\nx,A-1001\n")))

    assert done.exit_code == 2
    assert "no column holds the note; there are: Blurb, Customer" in " ".join(done.output.split())


def test_open_rmas_are_taken_in_by_the_same_command(home: Settings, put: Any) -> None:
    rows = "RMA,Order,Line,Qty,Reason\n20031,SO-15086,1,4,DOA\n20031,SO-15086,2,2,not needed\n"
    first = run("intake", "rmas", str(put("rmas.csv", rows)), "--json")
    again = run("intake", "rmas", str(put("rmas.csv", rows)), "--json")

    assert (first.exit_code, json.loads(first.stdout)["cases"]) == (0, 1)
    assert (again.exit_code, json.loads(again.stdout)["duplicates"]) == (0, 2)
    assert set(counted(home).values()) == {1}


def test_a_key_is_shown_once_kept_as_a_hash_and_ends_when_it_is_revoked(home: Settings) -> None:
    secret = run("key", "add", "field-service", "--scope", "notes:write").stdout.strip()
    listed = run("key", "list").stdout
    with closing(stores.open_store(home)) as store, store.read() as uow:
        before = api_keys.key_of(uow, secret)
        kept = str([vars(row) for row in api_keys.all_keys(uow)])
    run("key", "revoke", "field-service")
    with closing(stores.open_store(home)) as store, store.read() as uow:
        after = api_keys.key_of(uow, secret)

    assert (before is not None, after) == (True, None)
    assert secret.startswith("bhk_")
    assert secret not in kept
    assert "field-service" in listed
    assert run("key", "revoke", "field-service").exit_code == 2
    assert run("key", "add", "field-service", "--scope", "notes:write").exit_code == 2
    assert run("key", "add", "other", "--scope", "money:take").exit_code == 2


MANY = 40
_LOADING_SECONDS = 300


def many_notes(tmp_path: Path) -> Path:
    path = tmp_path / "many.csv"
    rows = [
        f'T-{at},A-1001,"SO-15086: {at % 5 + 1} ea 6205 brg noisy, visit no {at}, credit"'
        for at in range(MANY)
    ]
    path.write_text("\n".join(["Ticket,Customer,Work done", *rows]), encoding="utf-8")
    return path


def started(settings: Settings, file: Path) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "backhaul.cli.main", "intake", "notes", str(file)],
        env={**os.environ, "BACKHAUL_HOME": str(settings.home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def wait_for_notes(settings: Settings, running: "subprocess.Popen[bytes]", number: int) -> None:
    deadline = time.monotonic() + _LOADING_SECONDS
    with closing(sqlite3.connect(settings.sqlite_path)) as database:
        while database.execute("SELECT count(*) FROM service_note").fetchone()[0] < number:
            assert time.monotonic() < deadline, "nothing came in"
            assert running.poll() is None, "it ended too early"
            time.sleep(0.1)


@pytest.mark.processes
def test_killed_in_the_middle_of_a_file_nothing_is_lost_or_doubled(home: Settings, tmp_path: Path) -> None:
    file = many_notes(tmp_path)
    with started(home, file) as running:
        wait_for_notes(home, running, 5)
        running.kill()
    midway = counted(home)
    done = run("intake", "notes", str(file), "--json")

    told = json.loads(done.stdout)
    assert 5 <= midway["service_note"] < MANY
    # Each note is whole: none without its case, its words or its review.
    assert len(set(midway.values())) == 1
    assert (done.exit_code, told["duplicates"], told["cases"]) == (
        0,
        midway["service_note"],
        MANY - midway["service_note"],
    )
    assert set(counted(home).values()) == {MANY}
    with closing(stores.open_store(home)) as store, store.read() as uow:
        numbers = uow.session.scalars(sa.select(ServiceNoteRow.external_id)).all()
        things = uow.session.scalar(sa.select(sa.func.count()).select_from(NotedItemRow))
    assert sorted(numbers) == sorted(f"T-{at}" for at in range(MANY))
    assert things == MANY


@pytest.mark.processes
def test_interrupted_it_ends_between_two_rows_and_says_how_to_go_on(home: Settings, tmp_path: Path) -> None:
    file = many_notes(tmp_path)
    with started(home, file) as running:
        wait_for_notes(home, running, 3)
        running.send_signal(signal.SIGINT)
        said = running.communicate()[0].decode()

    assert running.returncode == 130
    assert f"of {MANY} rows are done" in said
    assert f"backhaul intake notes {file}" in said
    assert len(set(counted(home).values())) == 1
