"""Checking, comparing and replaying documents from the command line."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from backhaul.cli.main import app
from backhaul.domain.codes import Reason
from policies.book import PolicyBook
from tests.house import House

pytestmark = pytest.mark.slow  # each proves a whole set of documents: kept out of the time of a build

SHIPPED = Path(__file__).parents[1] / "policies" / "documents"


def policy(*words: str, home: Path | None = None) -> Result:
    env = {"COLUMNS": "160", **({"BACKHAUL_HOME": str(home)} if home else {})}
    return CliRunner().invoke(app, ["policy", *words], env=env)


@pytest.fixture
def proposal(tmp_path: Path) -> Path:
    """The shipped documents where a test may change them."""
    folder = tmp_path / "proposal"
    shutil.copytree(SHIPPED, folder)
    return folder


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text, f"{file.name} says {old}"
    file.write_text(text.replace(old, new))


def controls(proposal: Path) -> Path:
    """The newest edition of the controls."""
    book = PolicyBook.load({path.name: path.read_text() for path in proposal.glob("*.yaml")})
    return proposal / book.bundle.policies["controls"][-1].document.file


def auto_limit(proposal: Path, *amounts: str) -> None:
    """Other automatic limits, from standard to platinum, in the newest edition."""
    file = controls(proposal)
    row = next(
        line
        for line in file.read_text().partition("auto_limit_usd_minor:")[2].splitlines()
        if line.strip().startswith("values:")
    )
    tiers = ("standard", "silver", "gold", "platinum")
    cells = ", ".join(f'{tier}: "{amount}"' for tier, amount in zip(tiers, amounts, strict=True))
    replace(file, row, f"    values: {{{cells}}}")


def told(done: Result) -> Any:
    assert done.exit_code in {0, 1}, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("command", ["check", "diff", "backtest"])
def test_every_command_says_what_it_is_for_and_gives_an_example(command: str) -> None:
    done = policy(command, "--help")

    assert done.exit_code == 0
    assert f"backhaul policy {command}" in " ".join(done.stdout.split())


def test_the_shipped_documents_have_nothing_wrong_that_nobody_accepted() -> None:
    done = policy("check")

    assert done.exit_code == 0, done.stdout
    assert "nothing is wrong" in done.stdout


def test_a_finding_is_told_with_its_kind_place_and_smallest_case_and_ends_with_one(proposal: Path) -> None:
    limit = "order_exposure_usd_minor <= p.auto_limit_usd_minor || approvals >= "
    replace(controls(proposal), f"{limit}1", f"{limit}0")

    done = policy("check", str(proposal))
    toothless = [
        one
        for one in told(policy("check", str(proposal), "--json"))["findings"]
        if one["kind"] == "toothless"
    ]

    assert done.exit_code == 1
    assert "toothless" in done.stdout
    assert "AUTO-LIMIT, FIN-2.1, controls@" in done.stdout
    assert "to be mended or accepted" in done.stdout
    assert [(one["rule_or_table"], one["clause"]) for one in toothless] == [("AUTO-LIMIT", "FIN-2.1")]


def test_a_claim_that_nothing_corroborates_is_found_with_two_cases_that_differ_in_it_alone(
    proposal: Path,
) -> None:
    file = controls(proposal)
    lines = file.read_text().splitlines(keepends=True)
    at = next(number for number, line in enumerate(lines) if line.startswith("  claims:"))
    ends = next(number for number in range(at + 1, len(lines)) if not lines[number].startswith("    "))
    file.write_text("".join(lines[:at] + lines[ends:]))

    done = policy("check", str(proposal), "--json")
    *names, found = told(done)["findings"]

    assert {one["kind"] for one in names} == {"signed something else"}
    case, other = found["example"], found["otherwise"]
    assert (done.exit_code, found["kind"]) == (1, "claim without corroboration")
    assert case != other
    assert {name for name in case | other if case.get(name) != other.get(name)} == {"action"}


def test_a_change_under_old_names_is_reported_until_its_owners_have_signed_it(proposal: Path) -> None:
    file = controls(proposal)
    replace(file, "title: A person decides where Backhaul only watches", "title: A person decides for now")
    text = file.read_text()
    sign = ("sign", str(file), "--by", "A. Clerk, Deputy", "--day", "2027-01-11", "--owner")

    before = policy("check", str(proposal))
    done = [policy(*sign, owner) for owner in ("compliance", "finance", "operations")]
    after = policy("check", str(proposal))

    assert before.exit_code == 1
    assert "signed something else (3)" in before.stdout
    assert f"backhaul policy sign {file.name} --owner finance" in " ".join(before.stdout.split())
    assert [one.exit_code for one in done] == [0, 0, 0]
    assert f"{file.name} is signed for finance by A. Clerk, Deputy" in done[1].stdout
    assert after.exit_code == 0, after.stdout
    assert [one for one in file.read_text().splitlines() if one not in text.splitlines()][0::2] == [
        f'- {{owner: {owner}, by: "A. Clerk, Deputy", day: 2027-01-11,'
        for owner in ("compliance", "finance", "operations")
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere.yaml", "--owner", "finance", "--by", "N"], "nowhere.yaml is no file"),
        (["{}", "--owner", "sales", "--by", "N"], "'sales' is no owner; write one of operations, finance"),
        (["{}", "--owner", "finance", "--by", " "], "a signature takes a name"),
        (["{}", "--owner", "finance", "--by", "N", "--day", "soon"], "no day for --day"),
    ],
)
def test_what_cannot_be_signed_is_said_and_the_file_stays(
    proposal: Path, words: list[str], said: str
) -> None:
    file = controls(proposal)
    text = file.read_text()

    done = policy("sign", *(word.format(file) for word in words))

    assert done.exit_code == 2
    assert said in done.stderr
    assert file.read_text() == text


def test_documents_that_do_not_load_end_with_one_and_say_file_line_and_clause(proposal: Path) -> None:
    replace(controls(proposal), "approvals >= 1", "aprovals >= 1")

    done, answer = policy("check", str(proposal)), told(policy("check", str(proposal), "--json"))

    assert done.exit_code == 1
    assert "cannot be loaded" in done.stdout
    assert answer["file"].startswith("controls-")
    assert answer["line"] > 1
    assert answer["clause"]


def test_a_difference_is_said_in_words_with_its_smallest_case_and_its_cells(proposal: Path) -> None:
    auto_limit(proposal, "650.00", "1000.00", "2500.00", "5000.00")

    done = policy("diff", "current", str(proposal))
    answer = told(policy("diff", "current", str(proposal), "--json"))

    said = " ".join(done.stdout.split())
    assert done.exit_code == 0
    assert "before it went to a person (AUTO-LIMIT, FIN-2.1)" in said
    assert "500.00 USD before, 650.00 USD now" in said
    looser = [one for one in answer["differences"] if one["direction"] == "looser"]
    assert {one["rule"] for one in looser} == {"AUTO-LIMIT"}
    (cell,) = looser[0]["cells"]
    assert (cell["key"], cell["before"], cell["after"]) == (["standard"], 50_000, 65_000)
    (document,) = answer["amendments"]
    assert [one["what"] for one in document["amendments"]] == ["Auto limit for standard"]
    assert {one["stands"] for one in document["names"]} == {False}, "the names are under other figures"
    assert document["not_signed_by"] == ["finance"]


def test_the_same_documents_differ_in_nothing() -> None:
    assert "Every case is decided in the same way." in policy("diff", "current", str(SHIPPED)).stdout


def test_two_editions_of_one_folder_can_be_compared_by_name() -> None:
    first, second, *_ = [
        edition.policy
        for edition in PolicyBook.load(
            {path.name: path.read_text() for path in SHIPPED.glob("*.yaml")}
        ).bundle.policies["terms"]
    ]

    done = policy("diff", first.label, second.label)

    assert done.exit_code == 0, done.stderr
    assert f"for orders from {second.effective.first}" in " ".join(done.stdout.split())
    assert f"{second.label}, for orders from" in done.stdout
    assert f"since {first.label}" in done.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["diff", "current", "nowhere"], "nowhere is no folder"),
        (["diff", "terms@1999a", "terms@2020a"], "there is no edition terms@1999a; there are"),
        (["diff", "current", "terms@2020a"], "compare two folders, or two editions"),
        (["check", "nowhere"], "nowhere is no folder"),
        (["backtest", "--against", "nowhere"], "nowhere is no folder"),
        (["backtest", "--against", str(SHIPPED), "--since", "yesterday"], "no day for --since"),
        (["backtest", "--against", str(SHIPPED), "--on", "soon"], "no day for --on"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(words: list[str], said: str) -> None:
    done = policy(*words)

    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    assert said in done.stderr


def test_a_replay_with_nothing_on_record_says_so(sqlite_house: House) -> None:
    done = policy("backtest", "--against", str(SHIPPED), home=sqlite_house.settings.home)

    assert done.exit_code == 0
    assert "No decision is on record, so there is nothing to try this on." in done.stdout


def test_a_replay_tells_flips_by_kind_and_rule_with_money_and_ids(
    sqlite_house: House, proposal: Path
) -> None:
    case = sqlite_house.propose(
        "SO-15093",
        1,
        2,
        Reason.NO_LONGER_NEEDED,
        words="The project was cancelled, we no longer need the two drives.",
        serials=("KX4-50-118803", "KX4-50-118804"),
    ).case_id
    auto_limit(proposal, *["10000.00"] * 4)
    home = sqlite_house.settings.home

    done = policy("backtest", "--against", str(proposal), home=home)
    answer = told(policy("backtest", "--against", str(proposal), "--json", home=home))
    tomorrow = told(
        policy("backtest", "--against", str(proposal), "--since", "2100-01-01", "--json", home=home)
    )

    assert "1 decision asked again: 1 answer would be looser (9,000.00 USD)." in done.stdout
    assert "goes to a person -> permitted" in done.stdout
    assert "AUTO-LIMIT no longer refuses" in done.stdout
    (flip,) = answer["flips"]
    (kind,) = answer["kinds"]
    assert (flip["case"], flip["looser"], flip["lifts"]) == (case, True, ["AUTO-LIMIT"])
    assert (kind["cases"], kind["amount_usd_minor"]) == (1, 900_000)
    assert kind["decision_ids"] == [flip["decision"]]
    assert tomorrow["decisions"] == 0


def test_a_fee_that_would_be_another_is_told_in_money_though_every_answer_stays(
    sqlite_house: House, proposal: Path
) -> None:
    case = sqlite_house.propose(
        "SO-15157",
        1,
        1,
        Reason.NO_LONGER_NEEDED,
        words="One FRL-04-FRL from SO-15157 is no longer needed, please send it back for credit, 1 piece.",
    ).case_id
    for file in proposal.glob("terms-*.yaml"):
        replace(
            file,
            "{standard: 1500, silver: 1000, gold: 500, platinum: 0}",
            "{standard: 5000, silver: 5000, gold: 5000, platinum: 5000}",
        )
    home = sqlite_house.settings.home

    done = policy("backtest", "--against", str(proposal), home=home)
    answer = told(policy("backtest", "--against", str(proposal), "--json", home=home))["other_figures"]

    (change,), (line,) = answer["changes"], answer["by_figure"]
    assert (change["case"], change["figure"], change["now"]) == (case, "Restocking fee", "50 %")
    assert answer["kept_more_usd_minor"] == line["kept_usd_minor"] == change["kept_usd_minor"] > 0
    assert "every answer stays the same, but 1 permit would carry other figures" in done.stdout
    assert f"Restocking fee  {change['was']} -> 50 %" in done.stdout
    assert change["decision"] in done.stdout


def test_an_edition_still_to_come_is_named_as_not_tried_until_a_day_is_given(
    sqlite_house: House, proposal: Path
) -> None:
    sqlite_house.propose(
        "SO-15093",
        1,
        2,
        Reason.NO_LONGER_NEEDED,
        words="The project was cancelled, we no longer need the two drives.",
        serials=("KX4-50-118803", "KX4-50-118804"),
    )
    home, newest = sqlite_house.settings.home, controls(proposal)
    text = newest.read_text()
    first = next(line for line in text.splitlines() if line.startswith("effective:"))
    begins = first.partition("from: ")[2].partition(",")[0]
    edition = next(line for line in text.splitlines() if line.startswith("edition:"))
    (proposal / "controls-2099a.yaml").write_text(
        text.replace(edition, "edition: 2099a").replace(first, "effective: {from: 2099-01-01, until: null}")
    )
    replace(newest, first, f"effective: {{from: {begins}, until: 2099-01-01}}")
    auto_limit(proposal, *["10000.00"] * 4)

    now = policy("backtest", "--against", str(proposal), home=home)
    then = policy("backtest", "--against", str(proposal), "--on", "2099-01-01", home=home)

    assert "every answer stays the same" in now.stdout
    assert "controls@2099a, from 1 Jan 2099" in now.stdout
    assert "Add --on with its first day" in now.stdout
    assert "1 answer would be looser (9,000.00 USD)" in then.stdout
