"""Scenarios are read strictly, and held against their world and the policies before anything is played."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from backhaul.domain.errors import BadInput, NotFound
from evals import suite as suites
from evals.gold import BrokenGold, check
from evals.scenario import Scenario
from evals.suite import load_suite, read_file

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


def test_two_scenarios_that_begin_alike_fail_the_load(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = {
        **SENSORS,
        "id": "three-spare-sensors",
        "customer": {
            **SENSORS["customer"],
            "says": "Three of the sensors on SO-60002 are spare, sealed. Credit?",
        },
    }
    (tmp_path / "alike").mkdir()
    written(tmp_path / "alike", SENSORS, again)
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
        with pytest.raises(BadInput, match=r"two-spare-sensors: gold.*is no amount"):
            read_file(written(tmp_path, {**SENSORS, "gold": gold}))


def test_a_contact_that_is_no_number_is_told_when_it_is_read(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"customer\.contact"):
        read_file(written(tmp_path, {**SENSORS, "customer": {**SENSORS["customer"], "contact": "nobody"}}))


@pytest.mark.parametrize("words", ["", " "])
def test_words_that_are_none_are_not_forbidden(words: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="never_says"):
        read_file(written(tmp_path, {**SENSORS, "gold": {**SENSORS["gold"], "never_says": [words]}}))
