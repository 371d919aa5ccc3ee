"""Rules that would each let a tier, a kind of requester or a region through, and together never do."""

import pytest

from policies.proofs import FindingKind, check_texts
from tests.policies.proofs.conftest import Amend
from tests.policies.proofs.planting import BESIDE, Engine, MakeFacts, only, rule

END_OF_CONTROLS = "\ninvariants:\n- id: INV-4EYES"
WESTERN = """
kind: Overlay
id: western
edition: 2026a
over: controls
applies: {region: [west]}
effective: {from: 2026-01-01, until: 2027-01-01}
rules:
"""


def pair(action: str, word: str, one: str, other: str, *, between: tuple[str, str]) -> str:
    """Two rules for one word of a list, of which either refuses what the other asks for."""
    (name, value), (low, high) = word.split("=="), between
    first, second = (f"{name} != '{value}' || {asked}" for asked in (one, other))
    beside = f"{name}: {value}"
    return rule("HERE", action, first, passes=f"{beside}, {low}", fails=f"{beside}, {high}") + rule(
        "THERE", action, second, passes=f"{beside}, {high}", fails=f"{beside}, {low}"
    )


@pytest.mark.parametrize(
    ("action", "word", "one", "other", "between", "said"),
    [
        (
            "create_rma",
            "tier==platinum",
            "photos < 2",
            "photos >= 2",
            ("photos: 1", "photos: 2"),
            "create RMA where the account's tier is platinum",
        ),
        (
            "create_rma",
            "requester_kind==staff",
            "quantity_shipped > 9",
            "quantity_shipped < 10",
            ("quantity_shipped: 10", "quantity_shipped: 9"),
            "create RMA where the kind of requester is staff",
        ),
        (
            "credit_memo",
            "region==southeast",
            "labels_on_case == 0",
            "labels_on_case == 1",
            ("labels_on_case: 0", "labels_on_case: 1"),
            "credit memo where the delivery region is southeast",
        ),
    ],
)
def test_a_word_of_a_list_that_two_rules_leave_no_case_is_found(
    amend: Amend,
    ordinary: MakeFacts,
    action: str,
    word: str,
    one: str,
    other: str,
    between: tuple[str, str],
    said: str,
) -> None:
    planted = pair(action, word, one, other, between=between)
    texts = amend("controls", (END_OF_CONTROLS, planted + END_OF_CONTROLS))
    found = only(texts, FindingKind.CONFLICT)

    name, value = word.split("==")
    assert f"{said} can never be permitted" in found.words
    assert "HERE and THERE leave no case" in found.words
    assert found.example == {"action": action, name: value}
    asked = Engine(texts, ordinary)
    for end in between:
        fact, figure = end.split(": ")
        assert asked.refuses({**found.example, fact: int(figure)})
        assert asked.permits({"action": action, fact: int(figure)})


def test_a_word_that_one_rule_alone_excludes_is_meant(amend: Amend) -> None:
    meant = rule("NOT-HERE", "create_rma", "tier != 'platinum'", passes="tier: gold", fails="tier: platinum")
    found = check_texts(amend("controls", (END_OF_CONTROLS, meant + END_OF_CONTROLS)))
    assert {one.kind for one in found} <= BESIDE


def test_an_overlay_that_leaves_its_region_no_case_beside_a_rule_underneath_is_found(
    amend: Amend,
) -> None:
    beneath = rule("FEW", "create_label", "photos < 5", passes="photos: 4", fails="photos: 5")
    above = rule("MANY", "create_label", "photos >= 5", passes="photos: 5", fails="photos: 4")
    texts = amend("controls", (END_OF_CONTROLS, beneath + END_OF_CONTROLS))
    found = only({**texts, "western.yaml": WESTERN + above}, FindingKind.CONFLICT)

    assert "create label can never be permitted" in found.words
    assert found.example == {"action": "create_label", "region": "west"}
