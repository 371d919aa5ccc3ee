import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from backhaul.cli.main import app
from tests.policies.proofs.conftest import Amend
from tests.policies.proofs.planting import WEST_LIMIT

Texts = dict[str, str]
COUNTED = """  claims:
    quantity: "The command carries exactly this quantity, and the dock counts what arrives"
"""


def check(folder: Path, texts: Texts, *words: str) -> Result:
    for file, text in texts.items():
        (folder / file).write_text(text)
    return CliRunner().invoke(app, ["policy", "check", str(folder), *words], env={"COLUMNS": "200"})


def test_documents_without_a_fault_pass(tmp_path: Path, first_texts: Texts) -> None:
    done = check(tmp_path, first_texts)

    assert done.exit_code == 0
    assert "nothing is wrong" in done.stdout
    assert "Mutants of the rules: 100.0%" in done.stdout


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (
            lambda file: file.write_bytes(b"\x7fELF\x02\xfe\xff\n"),
            "stray.yaml:1: a character here is not UTF-8",
        ),
        (
            lambda file: file.write_text("kind: Grants\n", "utf-16"),
            "stray.yaml:1: a character here is not UTF-8",
        ),
        (lambda file: file.mkdir(), "stray.yaml: is no file"),
        (lambda file: file.symlink_to("/no/such/file"), "stray.yaml: is a link to a file that is not there"),
        (lambda file: file.write_text("#" * 600_000), "stray.yaml: the file is longer than 500,000 bytes"),
    ],
    ids=["a program", "UTF-16", "a folder", "a link to nothing", "a long file"],
)
def test_what_is_no_document_is_told_like_any_other_fault(
    tmp_path: Path, first_texts: Texts, spoil: Callable[[Path], object], says: str
) -> None:
    spoil(tmp_path / "stray.yaml")

    done = check(tmp_path, first_texts)

    assert done.exit_code == 1
    assert "These documents cannot be loaded." in done.stdout
    assert says in done.stdout
    assert done.stderr == ""


def test_a_claim_nobody_corroborates_is_shown_with_what_gets_by(tmp_path: Path, amend: Amend) -> None:
    done = check(tmp_path, amend("terms", (COUNTED, "")))

    assert done.exit_code == 1
    assert "smallest case: create RMA (the quantity asked for: 6)" in done.stdout
    assert "beside: the quantity asked for: 5" in done.stdout
    assert "These documents do not load" in done.stdout


def test_a_cell_loosened_without_a_grant_is_shown_with_its_smallest_case(
    tmp_path: Path, first_texts: Texts
) -> None:
    done = check(tmp_path, {**first_texts, "west.yaml": WEST_LIMIT}, "--json")

    found, *unsigned = json.loads(done.stdout)["findings"][::-1]
    assert {one["kind"] for one in unsigned} == {"not signed"}
    assert done.exit_code == 1
    assert found["kind"] == "loosened without grant"
    assert found["keeps_from_loading"] is True
    assert found["example"]["unit_price_usd_minor"] == 100_001


def test_a_loosened_cell_that_no_rule_reads_keeps_the_documents_out_all_the_same(
    tmp_path: Path, first_texts: Texts
) -> None:
    unread = WEST_LIMIT.replace("over: controls", "over: terms").replace(
        'auto_limit_usd_minor: {silver: "1200.00"}', "ship_within: {silver: 99}"
    )
    done = check(tmp_path, {**first_texts, "west.yaml": unread})

    assert done.exit_code == 1
    assert "These documents cannot be loaded" in done.stdout
    assert "ship_within[silver] is looser" in done.stdout


def test_what_keeps_documents_from_loading_cannot_be_accepted(tmp_path: Path, first_texts: Texts) -> None:
    accepted = (
        "kind: Accepted\nfindings:\n- {finding: claim without corroboration, rule: RET-QTY, "
        "document: terms@2020a, reason: It is late, owner: operations}\n"
    )
    done = check(tmp_path, {**first_texts, "accepted.yaml": accepted})

    assert done.exit_code == 1
    assert "accepted.yaml:3" in done.stdout


def test_a_mutant_no_example_notices_is_named(tmp_path: Path, amend: Amend) -> None:
    limit = "  - {given: {photos: 2}, expect: permit}\n"
    done = check(tmp_path, amend("controls", (limit, limit.replace("2", "9"))))

    assert done.exit_code == 0
    assert "unnoticed: controls@2020a PHOTO-KEEP, require: photos > 2" in done.stdout


def test_examples_that_notice_too_little_end_the_check_with_a_finding(tmp_path: Path, amend: Amend) -> None:
    many = " && ".join(("order_on_account", *(f"photos != {number}" for number in range(300, 345))))
    done = check(tmp_path, amend("controls", ("  require: order_on_account\n", f'  require: "{many}"\n')))

    assert done.exit_code == 1
    assert "examples too weak (1)" in done.stdout
    assert "ACCOUNT" in done.stdout


def test_without_a_prover_a_score_is_still_counted(
    tmp_path: Path, first_texts: Texts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "z3", None)
    done = check(tmp_path, first_texts)

    assert done.exit_code == 1
    assert "pip install z3-solver" in done.stdout
    assert "unnoticed: controls@2020a CURRENCY, when: (always)" in done.stdout
