import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from backhaul.cli.main import app
from backhaul.domain.codes import Reason
from backhaul.store import cases
from tests.house import House

SHIPPED = Path(__file__).parents[1] / "policies" / "documents"


def policy(*words: str, home: Path | None = None, typed: str | None = None) -> Result:
    env = {"COLUMNS": "160", **({"BACKHAUL_HOME": str(home)} if home else {})}
    return CliRunner().invoke(app, ["policy", *words], env=env, input=typed)


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    """The shipped documents where a test may change them."""
    folder = tmp_path / "documents"
    shutil.copytree(SHIPPED, folder)
    return folder


@pytest.fixture
def asked(sqlite_house: House) -> Any:
    """A case that waits for a person, in a home of its own."""
    return sqlite_house.propose(
        "SO-15093",
        1,
        2,
        Reason.NO_LONGER_NEEDED,
        words="The project was cancelled, we no longer need the two drives.",
        serials=("KX4-50-118803", "KX4-50-118804"),
    )


def ordinary(action: str = "create_rma", **changed: Any) -> str:
    """The facts that `--example` prints, with some changed."""
    printed = policy("decide", "--example", action)
    assert printed.exit_code == 0, printed.stderr
    return json.dumps({**json.loads(printed.stdout), **changed})


@pytest.mark.parametrize("command", ["show", "explain", "decide", "shadow"])
def test_every_command_says_what_it_is_for_and_gives_an_example(command: str) -> None:
    done = policy(command, "--help")

    assert done.exit_code == 0
    assert f"backhaul policy {command}" in " ".join(done.stdout.split())


def test_show_lists_editions_tables_and_rules_under_their_owners() -> None:
    said = policy("show").stdout

    assert "in force" in said
    assert said.index("compliance\n") < said.index("finance\n") < said.index("operations\n")
    assert "RET-WINDOW" in said
    assert "window_days" in said


def test_a_table_is_laid_out_with_its_last_key_across() -> None:
    shown = json.loads(policy("show", "--table", "window_days", "--json").stdout)

    (table,) = shown["tables"]
    assert table["columns"] == ["standard", "silver", "gold", "platinum"]
    assert table["heads"] == ["Product class"]
    assert len(table["rows"]) == 11


def test_a_rule_is_shown_with_its_words_condition_and_examples() -> None:
    said = policy("show", "--rule", "ret-window").stdout

    assert "days_since_delivery <= p.window_days + p.region_extra_days" in said
    assert "the days since delivery: 31 days -> refused" in said


@pytest.mark.parametrize("action", ["create_rma", "replacement", "credit_memo", "returnless_refund"])
def test_the_facts_to_start_from_are_permitted(action: str) -> None:
    done = policy("decide", "-", "--json", typed=ordinary(action))

    assert json.loads(done.stdout)["outcome"] == "permit"


def test_a_decision_names_the_rule_its_inputs_where_they_come_from_and_what_would_change_it() -> None:
    done = policy("decide", "-", typed=ordinary(days_since_delivery=40))

    assert done.exit_code == 0
    assert "refused" in done.stdout
    assert "RET-WINDOW decided" in done.stdout
    assert "worked out" in done.stdout
    assert "the customer says" in done.stdout
    assert "if the request had come 10 days earlier, 30 days after delivery." in done.stdout


@pytest.mark.parametrize(
    ("words", "typed", "said"),
    [
        (["decide"], None, "name a file of facts"),
        (["decide", "nowhere.json"], None, "nowhere.json cannot be read"),
        (["decide", "-"], "{", "is no JSON"),
        (["decide", "-"], "[]", "one JSON object of facts"),
        (["decide", "-"], "{}", "these facts cannot be used"),
        (["decide", "-"], '{"photos": ' + "3" * 5_000 + "}", "a whole number of 5,000 digits"),
        (["decide", "-"], '{"photos": -' + "8" * 19 + "}", "a whole number of 19 digits"),
        (["decide", "-"], '{"photos": 2, "tier": "gold", "photos": 0}', "'photos' stands twice"),
        (["decide", "-"], '{"tier": "gold", "tier": "gold"}', "'tier' stands twice"),
        (["decide", "-"], '{"unknown": {"a": 1, "a": 2}}', "'a' stands twice"),
        (["decide", "-"], '{"photos": NaN}', "NaN is no JSON; write a whole number"),
        (["decide", "-"], '{"unknown": ' + "[" * 3_000 + "]" * 3_000 + "}", "stand too deep"),
        (["decide", "-"], '{"tier":' * 50_000, "stand too deep"),
        (["decide", "-"], '{"unknown": [["tier"]]}', "'unknown' holds lists or mappings inside"),
        (["decide", "-"], '{"tier": "' + "gold" * 200_000 + '"}', "is longer than 500,000 bytes"),
        (["decide", "-", "--decision-date", "soon"], "{}", "no day for --decision-date"),
        (["decide", "--example", "refund"], None, "refund is no action: create_rma"),
        (["show", "--on", "31.3.2026"], None, "no day for --on"),
        (["show", "--rule", "NO-SUCH"], None, "no rule in force NO-SUCH"),
        (["show", "--table", "nothing"], None, "no table in force nothing"),
        (["show", "--documents", "nowhere"], None, "nowhere is no folder"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(words: list[str], typed: str | None, said: str) -> None:
    done = policy(*words, typed=typed)

    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    assert said in done.stderr


def test_a_fault_in_a_document_is_named_with_its_place(documents: Path) -> None:
    file = next(documents.glob("terms-*.yaml"))
    file.write_text(
        file.read_text().replace("days_since_delivery <= p.window", "days_since_delivry <= p.window")
    )

    done = policy("show", "--documents", str(documents))

    assert done.exit_code == 2
    assert f"{file.name}:" in done.stderr
    assert "days_since_delivry" in done.stderr


def test_explain_tells_every_verdict_of_a_case(sqlite_house: House, asked: Any) -> None:
    done = policy("explain", asked.case_id, home=sqlite_house.settings.home)

    assert done.exit_code == 0, done.stderr
    assert "goes to a person" in done.stdout
    assert "AUTO-LIMIT decided" in done.stdout
    assert "table in controls@" in done.stdout
    assert "What would change the answer" in done.stdout


def test_explain_gives_programs_the_facts_as_seen(sqlite_house: House, asked: Any) -> None:
    with sqlite_house.store.read() as uow:
        (proposal,) = cases.proposals(uow, case_id=asked.case_id)
        (verdict,) = cases.verdicts(uow, proposal.id)

    (told,) = json.loads(policy("explain", verdict.id, "--json", home=sqlite_house.settings.home).stdout)

    assert told["verdict"] == verdict.id
    assert told["facts"]["quantity"] == 2
    assert [rule["rule"] for rule in told["decided"]] == ["AUTO-LIMIT"]


@pytest.mark.parametrize(
    ("id_", "said"),
    [("RC-NOPE", "no case RC-NOPE"), ("SO-15093", "names no case"), ("VD-NOPE", "no verdict")],
)
def test_a_case_that_is_not_there_is_said_in_one_line(sqlite_house: House, id_: str, said: str) -> None:
    done = policy("explain", id_, home=sqlite_house.settings.home)

    assert done.exit_code == 2
    assert said in done.stderr
