"""`backhaul policy shadow`, over decisions of a house that only watched."""

import json
import re
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from backhaul.cli.main import app
from backhaul.cli.policy_shadow import NO_SEGMENT, tell
from policies.shadow_report import Segment, ShadowReport
from tests.house import House
from tests.tools.test_watched import answer, ask, only_watch


def shadow(house: House, *words: str) -> Result:
    env = {"COLUMNS": "80", "BACKHAUL_HOME": str(house.settings.home)}
    return CliRunner().invoke(app, ["policy", "shadow", *words], env=env)


@pytest.fixture
def watched_house(sqlite_house: House, tmp_path: Path) -> House:
    """One agreed, one differed, one still open."""
    house = only_watch(sqlite_house, tmp_path / "documents")
    answer(house, ask(house, "SO-15086", 1, 1), yes=True)
    answer(house, ask(house, "SO-15086", 1, 2), yes=False)
    ask(house, "SO-14174", 1, 1)
    return house


def test_the_report_shows_agreement_money_and_every_case_that_differs(watched_house: House) -> None:
    done = shadow(watched_house)

    assert done.exit_code == 0, done.stderr
    assert "create RMA for bearing (SHADOW); the guard decides here by itself now" in done.stdout
    assert "2 decisions; 1 of 2 answered alike, 50.0 % (95 % interval 9.5 % to 90.5 %)." in done.stdout
    assert "1 decision, none that both guard and people answered." in done.stdout
    assert re.search(r"guard would permit, person refused +1 +17\.20 USD", done.stdout)
    assert re.search(r"no person has answered yet +1 +68\.00 USD", done.stdout)
    assert re.search(r"VD-\w+ +RC-\w+ +17\.20 USD +no longer needed +permitted +refused", done.stdout)
    assert "vendor claim for hand tool (SHADOW)" in done.stdout


def test_programs_get_every_figure_and_the_ids(watched_house: House) -> None:
    told = json.loads(shadow(watched_house, "--json").stdout)

    first, second = told["segments"]
    assert (first["rule"], first["action"], first["key"]) == (
        "SHADOW",
        "create_rma",
        ["create_rma", "bearing"],
    )
    assert (first["decisions"], first["compared"], first["agreement"]) == (2, 2, 0.5)
    low, high = first["interval_95"]
    assert 0 < low < 0.5 < high < 1
    (differing,) = first["differing"]
    assert first["person_refused"]["verdicts"] == [differing["verdict"]]
    assert first["person_refused"]["amount_usd_minor"] == differing["amount_usd_minor"] > 0
    assert first["by_reason"]["no_longer_needed"]["decisions"] == 2
    assert (second["undecided"]["cases"], second["agreement"]) == (1, None)
    assert {segment["action"] for segment in told["without_decisions"]} == {"vendor_claim"}


def test_only_decisions_since_a_day_are_compared_when_one_is_named(watched_house: House) -> None:
    told = json.loads(shadow(watched_house, "--since", "2999-01-01", "--json").stdout)

    assert told["segments"] == []


def test_a_day_that_is_none_is_refused_in_one_line(sqlite_house: House) -> None:
    done = shadow(sqlite_house, "--since", "spring")

    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    assert "no day for --since" in done.stderr


def said(report: ShadowReport) -> str:
    out = StringIO()
    tell(Console(file=out, width=400), report)
    return out.getvalue()


def test_where_nothing_is_in_shadow_it_says_how_to_put_a_segment_there() -> None:
    assert said(ShadowReport((), ())).strip() == NO_SEGMENT
    assert "No segment" not in said(ShadowReport((), (Segment("SHADOW", "create_label"),)))
