"""Each kind of fault, planted in the published documents, is found with the smallest case that shows it.

The prover names the case; the engine, which shares no code with it, has to confirm what the finding says, and
that no step nearer to an ordinary case shows it as well.
"""

from collections.abc import Callable
from datetime import date

import pytest

from backhaul.domain.codes import Outcome
from backhaul.domain.errors import PolicyError
from policies.book import PolicyBook
from policies.decision import Status
from policies.proofs import FindingKind, check_texts
from tests.policies.proofs.conftest import Amend
from tests.policies.proofs.planting import (
    BESIDE,
    TODAY,
    WEST_LIMIT,
    Case,
    Engine,
    MakeFacts,
    Texts,
    assert_smallest,
    only,
    rule,
)

TWO_PEOPLE = (
    "title: Two people approve a large pay-out\n  actions: [replacement, credit_memo, returnless_refund]"
)
END_OF_CONTROLS = "\ninvariants:\n- id: INV-4EYES"
MakeEngine = Callable[[Texts], Engine]


@pytest.fixture
def engine(ordinary: MakeFacts) -> MakeEngine:
    return lambda texts: Engine(texts, ordinary)


def test_a_gap_is_found_with_the_case_that_slips_through(
    amend: Amend, engine: MakeEngine, ordinary: MakeFacts
) -> None:
    texts = amend("controls", (TWO_PEOPLE, TWO_PEOPLE.replace("replacement, ", "")))
    found = only(texts, FindingKind.GAP)

    assert found.rule_or_table == "INV-4EYES"
    assert found.example == {"action": "replacement", "unit_price_usd_minor": 500_001, "approvals": 1}
    asked = engine(texts)

    def slips(case: Case) -> bool:
        decision = asked.decide(case)
        facts = decision.facts.known() if decision else {}
        return asked.permits(case) and facts["order_exposure_usd_minor"] > 500_000 and facts["approvals"] < 2

    assert_smallest(found, ordinary, slips)


def test_a_conflict_is_found_where_two_rules_leave_no_case(amend: Amend, engine: MakeEngine) -> None:
    bare = "photos == 0 || product_class != 'chemical'"
    planted = rule(
        "BARE", "returnless_refund", bare, passes="photos: 2", fails="photos: 2, product_class: chemical"
    )
    texts = amend("controls", (END_OF_CONTROLS, planted + END_OF_CONTROLS))
    found = only(texts, FindingKind.CONFLICT)

    assert found.example == {"action": "returnless_refund", "product_class": "chemical"}
    assert "returnless refund of chemical can never be permitted" in found.words
    assert "PHOTO-KEEP and BARE leave no case" in found.words
    asked = engine(texts)
    for photos in range(4):
        assert asked.refuses({**found.example, "photos": photos})
    assert asked.permits({"action": "returnless_refund"})


def test_an_unreachable_rule_is_found_with_a_case_it_passes_over(amend: Amend, engine: MakeEngine) -> None:
    when = "when: hazmat\n  require: \"p.hazmat_permits == 'permit'\""
    never = when.replace("when: hazmat", 'when: "hazmat && days_since_delivery < 0"')
    texts = amend("controls", (when, never))
    found = only(texts, FindingKind.UNREACHABLE)

    assert (found.rule_or_table, found.example) == ("HAZ-CHANGE", {"action": "create_rma"})
    asked = engine(texts).asked("HAZ-CHANGE", found.example)
    assert asked is not None
    assert asked.status is Status.NOT_APPLICABLE


def test_a_toothless_rule_is_found(amend: Amend, engine: MakeEngine) -> None:
    bite = "quantity_received == 0 || approvals >= 1"
    texts = amend("controls", (bite, bite.replace("==", ">=")))
    found = only(texts, FindingKind.TOOTHLESS)

    assert (found.rule_or_table, found.example) == ("CANCEL-RECEIVED", {"action": "cancel_rma"})
    asked = engine(texts)
    for received in (0, 1, 1_000_000):
        assert asked.permits({**found.example, "quantity_received": received})


def test_a_rule_that_always_fails_is_found(amend: Amend, engine: MakeEngine) -> None:
    found_open = 'require: rma_open\n  on_fail: deny\n  say: "There is no open RMA to cancel."'
    shut = found_open.replace("require: rma_open", 'require: "rma_open && labels_on_case > 1000"')
    texts = amend("controls", (found_open, shut))
    found = [one for one in check_texts(texts) if one.kind not in BESIDE]

    assert {(one.kind, one.rule_or_table) for one in found} == {
        (FindingKind.CONFLICT, "CANCEL-OPEN"),
        (FindingKind.ALWAYS_FAILING, "CANCEL-OPEN"),
    }
    asked = engine(texts)
    for one in found:
        assert one.example == {"action": "cancel_rma"}
        for labels in (0, 1, 1_000):
            assert asked.fails("CANCEL-OPEN", {**one.example, "labels_on_case": labels})


def test_a_shadowed_rule_is_found_with_the_rule_in_front_of_it(
    amend: Amend, engine: MakeEngine, ordinary: MakeFacts
) -> None:
    planted = rule(
        "TOP-LIMIT",
        "credit_memo",
        "order_exposure_usd_minor <= 1000000 || approvals >= 1",
        passes="unit_price_usd_minor: 1000000",
        fails="unit_price_usd_minor: 1000001",
        effect="escalate",
    )
    texts = amend("controls", (END_OF_CONTROLS, planted + END_OF_CONTROLS))
    found = only(texts, FindingKind.SHADOWED)

    assert found.rule_or_table == "TOP-LIMIT"
    assert found.example == {"action": "credit_memo", "unit_price_usd_minor": 1_000_001}
    assert "AUTO-LIMIT or TWO-PERSON fails as well" in found.words
    asked = engine(texts)
    assert_smallest(found, ordinary, lambda case: asked.fails("TOP-LIMIT", case))
    assert asked.fails("AUTO-LIMIT", found.example)
    assert asked.fails("TWO-PERSON", found.example)


def test_a_cell_loosened_without_a_grant_is_found(
    first_texts: Texts, engine: MakeEngine, ordinary: MakeFacts
) -> None:
    texts = {**first_texts, "west.yaml": WEST_LIMIT}
    found = only(texts, FindingKind.LOOSENED)

    assert (found.document, found.rule_or_table) == ("west_limit@2026a", "auto_limit_usd_minor")
    assert found.example == {
        "action": "create_rma",
        "region": "west",
        "tier": "silver",
        "unit_price_usd_minor": 100_001,
    }
    without, with_overlay = engine(first_texts), engine(texts)
    assert_smallest(found, ordinary, lambda case: without.refuses(case) and with_overlay.permits(case))
    with pytest.raises(PolicyError, match="no grant covers it"):
        PolicyBook.load(texts)


def test_a_wrong_direction_is_found_with_a_stricter_cell_that_lets_through(
    amend: Amend, engine: MakeEngine, ordinary: MakeFacts
) -> None:
    photos = "keys: [reason]\n    unit: count\n    stricter: higher"
    texts = amend("controls", (photos, photos.replace("higher", "lower")))
    found = only(texts, FindingKind.DIRECTION)

    assert found.rule_or_table == "photos_needed"
    assert found.example == {"action": "create_rma", "reason": "damaged_in_transit"}
    assert found.otherwise == {"p.photos_needed": 0}
    asked, moved = (
        engine(texts),
        engine(amend("controls", ("damaged_in_transit: 1", "damaged_in_transit: 0"))),
    )
    assert_smallest(found, ordinary, lambda case: asked.refuses(case) and moved.permits(case))


def test_a_claim_without_corroboration_is_found_with_the_word_that_gets_by(
    amend: Amend, engine: MakeEngine, ordinary: MakeFacts
) -> None:
    stated = (
        "  claims:\n    reason: \"Claiming 'warranty_failure' or 'recall' swaps this rule for WAR-TERM or "
        "RECALL, which read the ERP; 'late_or_missing' never leads to an RMA and always to a review\"\n"
    )
    texts = amend("terms", (stated, ""))
    found = only(texts, FindingKind.CLAIM)

    assert found.rule_or_table == "RET-WINDOW"
    assert found.example == {"action": "create_rma", "days_since_delivery": 31}
    assert found.otherwise == {"reason": "warranty_failure"}
    asked, word = engine(texts), found.otherwise
    assert_smallest(found, ordinary, lambda case: asked.refuses(case) and asked.permits({**case, **word}))
    with pytest.raises(PolicyError, match="must say what corroborates it"):
        PolicyBook.load(texts)


def test_a_fault_of_a_coming_edition_is_found_before_its_first_day(
    new_edition: Amend, ordinary: MakeFacts
) -> None:
    texts = new_edition("controls", "2031-03-01", (TWO_PEOPLE, TWO_PEOPLE.replace("replacement, ", "")))
    found = only(texts, FindingKind.GAP)
    assert found.document == "controls@draft"

    book, facts = PolicyBook.load(texts), ordinary(**(found.example or {}))
    before, after = (
        book.outcome(facts, order_date=TODAY, decision_date=day)
        for day in (date(2031, 2, 28), date(2031, 3, 1))
    )
    assert (before, after) == (Outcome.ESCALATE, Outcome.PERMIT)


def test_a_fault_that_two_editions_share_is_found_in_each_that_differs(new_edition: Amend) -> None:
    """So that one accepted for the edition in force does not hide the same fault in the next one."""
    limit = ('platinum: "5000.00"}', 'platinum: "4000.00"}')
    drafted = new_edition("controls", "2031-03-01", limit)
    forgot = {
        file: text.replace(TWO_PEOPLE, TWO_PEOPLE.replace("replacement, ", ""))
        for file, text in drafted.items()
    }
    found = [one for one in check_texts(forgot) if one.kind not in BESIDE]

    assert [(one.kind, one.document) for one in found] == [
        (FindingKind.GAP, "controls@2020a"),
        (FindingKind.GAP, "controls@draft"),
    ]


def test_a_fault_where_an_overlay_holds_is_found_there(
    first_texts: Texts, engine: MakeEngine, ordinary: MakeFacts
) -> None:
    top = rule(
        "WEST-TOP",
        "create_rma",
        "order_exposure_usd_minor <= 1000000 || approvals >= 1",
        passes="unit_price_usd_minor: 1000000",
        fails="unit_price_usd_minor: 1000001",
        effect="escalate",
    )
    tables = WEST_LIMIT.partition("tables:")[0]
    texts = {**first_texts, "west.yaml": f"{tables}rules:{top}"}
    found = only(texts, FindingKind.SHADOWED)

    assert (found.document, found.rule_or_table) == ("west_limit@2026a", "WEST-TOP")
    assert found.example == {"action": "create_rma", "region": "west", "unit_price_usd_minor": 1_000_001}
    asked = engine(texts)
    assert_smallest(found, ordinary, lambda case: asked.fails("WEST-TOP", case))


def test_an_example_that_does_not_hold_is_found(amend: Amend) -> None:
    photos = "  - {given: {photos: 1}, expect: ask}"
    (found,) = check_texts(amend("controls", (photos, photos.replace("1", "2"))))

    assert (found.kind, found.rule_or_table) == (FindingKind.EXAMPLE, "PHOTO-KEEP")


@pytest.mark.parametrize(
    ("usual", "otherwise", "rule_id"),
    [
        ("order_on_account: true", "order_on_account: false", "ACCOUNT"),
        ("unit_price_usd_minor: 3900", "unit_price_usd_minor: 390000", "AUTO-LIMIT"),
    ],
)
def test_a_baseline_that_is_itself_refused_is_found(
    first_texts: Texts, engine: MakeEngine, usual: str, otherwise: str, rule_id: str
) -> None:
    (file,) = [name for name, text in first_texts.items() if "kind: Baseline" in text]
    texts = {**first_texts, file: first_texts[file].replace(usual, otherwise)}
    assert texts != first_texts
    kinds = {(one.kind, one.rule_or_table) for one in check_texts(texts)}

    assert (FindingKind.BASELINE, rule_id) in kinds
    name, _, value = otherwise.partition(": ")
    facts = {name: int(value) if value.isdecimal() else value == "true"}
    assert engine(first_texts).fails(rule_id, facts)
