"""`backhaul autonomy`: what labels prove, in the words of a terminal, and the edition drafted from them."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from backhaul.bootstrap.policy_shelf import read_documents
from backhaul.bootstrap.worker import Replaced
from backhaul.cli.main import app
from backhaul.domain.autonomy import Segment
from backhaul.store import autonomy
from policies.book import PolicyBook
from tests.house import House, open_house
from tests.labelled import label_many
from tests.tools.racers import SureOfReasons

pytestmark = pytest.mark.slow  # kept out of the time of a build


@pytest.fixture
def house(seeded_home: Path, reader_cache: Path, tmp_path: Path) -> Iterator[House]:
    yield from open_house(seeded_home, reader_cache, tmp_path, "", Replaced(scorer=SureOfReasons()))


def run(house: House, *words: str) -> Result:
    env = {"COLUMNS": "200", "BACKHAUL_HOME": str(house.settings.home), "BACKHAUL_DEMO": "1"}
    return CliRunner().invoke(app, ["autonomy", *words], env=env)


def test_without_labels_the_report_says_so_and_nothing_is_proposed(house: House, tmp_path: Path) -> None:
    told, proposed = run(house, "report").stdout, run(house, "propose", "--out", str(tmp_path / "new"))
    assert "nothing is proved: the floors are a choice" in told
    assert "BACKHAUL_BLIND_SHARE_PERMILLE" in told
    assert proposed.exit_code == 0
    assert proposed.stdout.startswith("Nothing is proposed")
    assert not (tmp_path / "new").exists()


def test_too_few_labels_propose_nothing_and_say_what_is_missing(house: House, tmp_path: Path) -> None:
    label_many(house, [False] * 100)
    told = run(house, "report").stdout
    everything = next(line for line in told.splitlines() if line.strip().startswith("everything"))
    assert "needs 1,000 more labels, all right" in everything
    assert "a choice, not proved" in everything
    assert "Nothing is proposed" in run(house, "propose", "--out", str(tmp_path / "new")).stdout


def test_what_is_proved_becomes_an_edition_for_its_owner_to_sign(house: House, tmp_path: Path) -> None:
    label_many(house, [False] * 1_200)
    report = json.loads(run(house, "report", "--json").stdout)
    everything = report["segments"][0]
    assert (everything["labels"], everything["basis"], everything["earned_floor"]) == (1_200, "proved", 500)
    out = tmp_path / "new"
    done = run(house, "propose", "--out", str(out))
    assert done.exit_code == 0, done.output
    assert "hand tool, small value: 60 % -> 50 %" in done.stdout
    assert "policy sign" in done.stdout
    book = PolicyBook.load(read_documents(out))
    latest = book.bundle.policies["controls"][-1]
    assert latest.grids["earned_floor_small"].cells["hand_tool",] == 500
    assert latest.policy.signed == ()
    again = run(house, "propose", "--out", str(out))
    assert again.exit_code == 2
    assert "holds something already" in again.output


def test_a_hold_stands_in_the_report_until_a_policy_owner_lifts_it_with_a_reason(house: House) -> None:
    with house.store.begin() as uow:
        autonomy.hold(uow, Segment("chemical"), why="5 of 40 blind labels are wrong", figures={"wrong": 5})
    assert "Hold 1: chemical decides nothing by itself" in run(house, "report").stdout
    assert run(house, "lift", "1", "--as", "rita.reviewer@halden.example", "--why", "x").exit_code == 2
    petra = ("--as", "petra.policy@halden.example")
    assert run(house, "lift", "1", *petra, "--why", " ").exit_code == 2
    assert run(house, "lift", "2", *petra, "--why", "new exemplars").exit_code == 2
    done = run(house, "lift", "1", *petra, "--why", "new exemplars")
    assert done.exit_code == 0, done.output
    assert "Hold" not in run(house, "report").stdout
    assert run(house, "lift", "1", *petra, "--why", "again").exit_code == 2
