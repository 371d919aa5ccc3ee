"""Scenarios are read strictly, and held against their world and the policies before anything is played."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from backhaul.domain.errors import BadInput, NotFound
from evals import suite as suites
from evals.gold import BrokenGold, check
from evals.scenario import Scenario, World
from evals.suite import load_suite, read_file
from evals.worlds import home_of

SENSORS: dict[str, Any] = {
    "id": "two-spare-sensors",
    "about": "Two of twelve sensors come back in time.",
    "world": {
        "orders": [
            {
                "number": "SO-60001",
                "account": "A-1002",
                "po": "PO 7",
                "story": "Sensors.",
                "ordered": 14,
                "delivered": 10,
                "lines": [{"sku": "PRX-12-04P", "quantity": 12, "price": "35.00"}],
            }
        ]
    },
    "customer": {"contact": "C-1002-1", "says": "Two of the sensors on SO-60001 are spare, sealed. Credit?"},
    "gold": {
        "lines": [
            {
                "order": "SO-60001",
                "line": 1,
                "quantity": 2,
                "reason": "no_longer_needed",
                "outcome": "permit",
                "value": "70.00",
            }
        ]
    },
}


def with_gold(**changed: Any) -> Scenario:
    line = {**SENSORS["gold"]["lines"][0], **changed}
    return Scenario.model_validate({**SENSORS, "gold": {"lines": [line]}})


def written(folder: Path, *rows: dict[str, Any]) -> Path:
    path = folder / "some.yaml"
    path.write_text(yaml.safe_dump({"scenarios": list(rows)}), encoding="utf-8")
    return path


ORDER = SENSORS["world"]["orders"][0]
LINE = SENSORS["gold"]["lines"][0]
UNREADABLE: dict[str, tuple[str, dict[str, Any], str]] = {
    "a contact that is none": ("customer", {"contact": "bob"}, "customer.contact"),
    "an answer to what is never asked": ("customer", {"knows": {"quantiy": "2"}}, "customer.knows.quantiy"),
    "nothing said": ("customer", {"says": ""}, "say something"),
    "no patience": ("customer", {"patience": 0}, "customer.patience"),
    "before the first message": ("customer", {"later": [{"before": 0, "says": "wait"}]}, "later.0.before"),
    "a value in words": ("gold", {"lines": [{**LINE, "value": "much"}]}, "gold.lines.0.value"),
    "half a cent": ("gold", {"lines": [{**LINE, "value": "70.005"}]}, "gold.lines.0.value"),
    "nothing that comes back": ("gold", {"lines": [{**LINE, "quantity": 0}]}, "gold.lines.0.quantity"),
    "a credit in words": ("gold", {"lines": [LINE], "credited": "all"}, "gold.credited"),
    "a price in words": (
        "world",
        {"orders": [{**ORDER, "lines": [{**ORDER["lines"][0], "price": "cheap"}]}]},
        "price",
    ),
    "an order twice": ("world", {"orders": [ORDER, ORDER]}, "SO-60001 stands there twice"),
    "a delivery before the order": ("world", {"orders": [{**ORDER, "delivered": 20}]}, "SO-60001"),
    "a delivery to come": ("world", {"orders": [{**ORDER, "delivered": -2}]}, "SO-60001"),
    "less than nothing in stock": ("world", {"stock": {"PRX-12-04P": -3}}, "world.stock"),
    "a fault that never happens": ("world", {"faults": [{"system": "erp", "times": 0}]}, "world.faults"),
}
ODD_STEPS: dict[str, dict[str, Any]] = {
    "a dock that approves": {"who": "dock", "does": "approve"},
    "no day that passes": {"who": "clock", "does": "days"},
    "a grade there is not": {"who": "dock", "does": "receive", "grade": "Z"},
    "a finding there is not": {"who": "dock", "does": "receive", "finding": "odd"},
    "a reason there is not": {"who": "dock", "does": "receive", "found_reason": "bored"},
    "a scan there is not": {"who": "carrier", "does": "scan", "status": "eaten"},
}


@pytest.mark.parametrize(("part", "changed", "told"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_could_not_be_played_is_told_when_it_is_read(
    tmp_path: Path, part: str, changed: dict[str, Any], told: str
) -> None:
    path = written(tmp_path, {**SENSORS, part: {**SENSORS[part], **changed}})

    with pytest.raises(BadInput, match=f"two-spare-sensors: .*{told}"):
        read_file(path)


@pytest.mark.parametrize("step", ODD_STEPS.values(), ids=ODD_STEPS)
def test_a_step_that_nobody_can_take_is_told_when_it_is_read(tmp_path: Path, step: dict[str, Any]) -> None:
    with pytest.raises(BadInput, match=r"two-spare-sensors: steps\.0"):
        read_file(written(tmp_path, {**SENSORS, "steps": [step]}))


@pytest.mark.parametrize("text", ["scenarios: []", "scenarios: 5", "goals: three", "\xff"])
def test_a_file_without_scenarios_is_no_pass(tmp_path: Path, text: str) -> None:
    (tmp_path / "none.yaml").write_text(text, encoding="latin-1")

    with pytest.raises(BadInput, match=r"none\.yaml"):
        read_file(tmp_path / "none.yaml")


@pytest.mark.parametrize("name", ["", "..", "../suites/core"])
def test_a_folder_elsewhere_is_no_suite(name: str) -> None:
    with pytest.raises(NotFound, match="there are attack, core"):
        load_suite(name)


def test_what_arrived_has_to_be_an_article_of_the_world() -> None:
    with pytest.raises(BrokenGold, match="there is no article NO-SUCH"):
        check(with_gold(received_sku="NO-SUCH"))


@pytest.mark.parametrize(
    "name", ["BACKHAUL_RELEASE_CONTROL=required", "BACKHAUL_WEB_DATABASE_URL=postgresql://web@db/backhaul"]
)
def test_a_world_is_not_the_house_that_is_set_up_here(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(*name.split("=", maxsplit=1))

    check(Scenario.model_validate(SENSORS))


def test_a_world_sends_no_letter_to_the_mail_server_of_the_house(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKHAUL_SMTP_HOST", "mail.example.org")

    with home_of(World()) as settings:
        assert settings.smtp_host == ""


def test_a_true_scenario_is_accepted() -> None:
    check(Scenario.model_validate(SENSORS))


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"outcome": "deny", "rule": "RET-WINDOW"}, "the policies say permit, gold says deny by RET-WINDOW"),
        ({"value": "71.00"}, "2 pieces are worth"),
        ({"line": 2}, "gold names SO-60001/2, which the world has not"),
        ({"quantity": 13, "value": "455.00"}, "13 come back of 12 shipped"),
        ({"serials": ["X-1"]}, "were never shipped on it"),
        ({"facility": "RNO1"}, "gold says RNO1"),
    ],
)
def test_a_gold_that_is_not_so_is_an_error_that_says_what_is(changed: dict[str, Any], told: str) -> None:
    with pytest.raises(BrokenGold, match="two-spare-sensors") as error:
        check(with_gold(**changed))

    assert told in str(error.value)


def test_a_world_with_an_article_nobody_sells_is_an_error() -> None:
    order = SENSORS["world"]["orders"][0]
    order = {**order, "lines": [{"sku": "NO-SUCH", "quantity": 1, "price": "1.00"}]}

    with pytest.raises(BrokenGold, match="no article NO-SUCH"):
        check(Scenario.model_validate({**SENSORS, "world": {"orders": [order]}}))


def test_a_customer_nobody_knows_is_an_error() -> None:
    stranger = {**SENSORS, "customer": {**SENSORS["customer"], "contact": "C-1002-9"}}

    with pytest.raises(BrokenGold, match="has no contact C-1002-9"):
        check(Scenario.model_validate(stranger))


def test_an_unknown_word_is_told_with_file_scenario_and_place(tmp_path: Path) -> None:
    path = written(tmp_path, {**SENSORS, "customer": {**SENSORS["customer"], "mood": "bad"}})

    with pytest.raises(BadInput, match=r"some\.yaml, two-spare-sensors: customer\.mood"):
        read_file(path)


def test_a_permit_cites_no_rule(tmp_path: Path) -> None:
    line = {**SENSORS["gold"]["lines"][0], "rule": "RET-WINDOW"}

    with pytest.raises(BadInput, match="a permit cites no rule"):
        read_file(written(tmp_path, {**SENSORS, "gold": {"lines": [line]}}))


@pytest.mark.parametrize("tags", [[], ["attack"]])
def test_two_scenarios_that_begin_alike_fail_the_load(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tags: list[str]
) -> None:
    again = {
        **SENSORS,
        "id": "three-spare-sensors",
        "tags": tags,
        "customer": {
            **SENSORS["customer"],
            "says": "Three of the sensors on SO-60002 are spare, sealed. Credit?",
        },
    }
    (tmp_path / "alike").mkdir()
    written(tmp_path / "alike", {**SENSORS, "tags": tags}, again)
    monkeypatch.setattr(suites, "SUITES", tmp_path)

    with pytest.raises(BadInput, match="two-spare-sensors and three-spare-sensors begin alike"):
        load_suite("alike")


def test_a_suite_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(NotFound, match="core"):
        load_suite("croe")


@pytest.mark.parametrize("value", ["abc", "70,00", "70.001", "NaN", "Infinity", ""])
def test_an_amount_that_is_none_is_told_when_it_is_read(value: str, tmp_path: Path) -> None:
    line = {**SENSORS["gold"]["lines"][0], "value": value}
    for gold in ({"lines": [line]}, {**SENSORS["gold"], "credited": value}):
        with pytest.raises(BadInput, match=r"two-spare-sensors: gold.*should match pattern"):
            read_file(written(tmp_path, {**SENSORS, "gold": gold}))


def test_a_contact_that_is_no_number_is_told_when_it_is_read(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"customer\.contact"):
        read_file(written(tmp_path, {**SENSORS, "customer": {**SENSORS["customer"], "contact": "nobody"}}))


@pytest.mark.parametrize("words", ["", " "])
def test_words_that_are_none_are_not_forbidden(words: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="never_says"):
        read_file(written(tmp_path, {**SENSORS, "gold": {**SENSORS["gold"], "never_says": [words]}}))
