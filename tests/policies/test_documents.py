import re
from collections.abc import Callable
from datetime import date

import pytest

from backhaul.domain.codes import Outcome, ProductClass, Region, Tier
from policies.book import PolicyBook
from policies.decision import PolicyDecision
from policies.examples import example_facts, run_examples
from policies.facts import FACTS, Facts, Kind
from policies.model import AskFor, Example, Rule

Decide = Callable[..., PolicyDecision]
MakeFacts = Callable[..., Facts]
TODAY = date(2026, 6, 1)
DRIVES = {"product_class": "drives_and_motors", "unit_price_usd_minor": 450_000, "quantity": 2}


def rules_of(book: PolicyBook) -> list[Rule]:
    editions = [of.policy.rules for line in book.bundle.policies.values() for of in line]
    return [
        rule for rules in (*editions, *(of.overlay.rules for of in book.bundle.overlays)) for rule in rules
    ]


def deciding(decision: PolicyDecision) -> list[str]:
    return [result.rule for result in decision.deciding]


def test_every_rule_does_what_its_examples_say(book: PolicyBook) -> None:
    runs = list(run_examples(book))
    assert len(runs) >= 2 * len(rules_of(book)) > 0
    wrong = [f"{run.rule.id} {run.example.given}: {run.found}" for run in runs if not run.holds]
    assert wrong == []


def is_nearest_miss(book: PolicyBook, rule: Rule, one: Example, other: Example) -> bool:
    """One passes, the other does not, and they differ in one fact by the least it can differ."""
    if one.expect is not Outcome.PERMIT or other.expect is Outcome.PERMIT:
        return False
    left, right = (example_facts(book, rule, example).record() for example in (one, other))
    differing = [name for name in left if left[name] != right.get(name)]
    if len(differing) != 1 or left["unknown"] != right["unknown"]:
        return False
    name = differing[0]
    return FACTS[name].kind is not Kind.WHOLE or abs(int(str(left[name])) - int(str(right[name]))) == 1


def test_every_rule_shows_its_nearest_miss(book: PolicyBook) -> None:
    without = [
        rule.id
        for rule in rules_of(book)
        if not any(
            is_nearest_miss(book, rule, one, other) for one in rule.examples for other in rule.examples
        )
    ]
    assert without == []


@pytest.mark.parametrize("tier", list(Tier))
def test_nine_thousand_dollars_of_drives_need_one_approval_whatever_the_tier(
    decide: Decide, tier: Tier
) -> None:
    assert deciding(decide(tier=tier, **DRIVES)) == ["AUTO-LIMIT"]
    approved = decide(tier=tier, approvals=1, review_status="approved", **DRIVES)
    assert approved.outcome is Outcome.PERMIT


def test_the_credit_for_nine_thousand_dollars_needs_two_people(decide: Decide) -> None:
    back = {**DRIVES, "quantity_on_rma": 2, "quantity_received": 2, "quantity_already_authorised": 2}
    assert deciding(decide("credit_memo", approvals=1, **back)) == ["TWO-PERSON"]
    assert decide("credit_memo", approvals=2, **back).outcome is Outcome.PERMIT


def test_splitting_one_return_into_many_does_not_get_below_the_limit(decide: Decide) -> None:
    second_half = decide(unit_price_usd_minor=30_000, order_paid_out_usd_minor=30_000)
    assert deciding(second_half) == ["AUTO-LIMIT"]


def test_an_approval_does_not_lift_the_rules_that_refuse(decide: Decide) -> None:
    late = decide(approvals=2, review_status="approved", days_since_delivery=31)
    assert (late.outcome, deciding(late)) == (Outcome.DENY, ["RET-WINDOW"])


def test_goods_that_never_arrived_never_get_an_rma(decide: Decide) -> None:
    for delivered, days in ((True, 3), (False, 0)):
        decision = decide(
            reason="late_or_missing", delivered=delivered, days_since_delivery=days, approvals=3
        )
        assert deciding(decision) == ["RSN-ACTION"]


def test_damage_asks_for_a_photo_and_goes_on_with_one(decide: Decide) -> None:
    without, with_one = (decide(reason="damaged_in_transit", photos=photos) for photos in (0, 1))
    assert (without.outcome, without.asks_for) == (Outcome.ASK, (AskFor.PHOTO,))
    assert with_one.outcome is Outcome.PERMIT


def test_a_wrong_item_with_a_foreign_serial_gets_its_rma_and_the_right_part(decide: Decide) -> None:
    mixed_up = {
        "reason": "wrong_item",
        "resolution": "replacement",
        "serial_tracked": True,
        "serials_given": 1,
        "received_item_known": True,
    }
    assert decide(**mixed_up).outcome is Outcome.PERMIT
    assert decide("replacement", **mixed_up).outcome is Outcome.PERMIT
    one_side = decide(**{**mixed_up, "received_item_known": False})
    assert one_side.asks_for == (AskFor.RECEIVED_ITEM,)


def test_serial_numbers_are_not_taken_for_goods_without(decide: Decide) -> None:
    assert deciding(decide(serials_given=1)) == ["SERIAL-SHIPPED"]


def test_what_the_erp_says_decides_a_warranty_claim(decide: Decide) -> None:
    old = {"reason": "warranty_failure", "days_since_delivery": 400}
    assert decide(**old).outcome is Outcome.PERMIT
    assert deciding(decide(**old, warranty_days_left=-1)) == ["WAR-TERM"]


def test_the_contract_beats_the_standard_window_both_ways(decide: Decide) -> None:
    assert decide(contract_window_days=90, days_since_delivery=90).outcome is Outcome.PERMIT
    assert deciding(decide(contract_window_days=7, days_since_delivery=8)) == ["RET-CONTRACT"]


@pytest.mark.parametrize("product_class", list(ProductClass))
@pytest.mark.parametrize("region", list(Region))
def test_every_return_has_a_facility(decide: Decide, product_class: ProductClass, region: Region) -> None:
    facility = decide(product_class=product_class, region=region).outputs["facility"]
    assert facility in {"CMH1", "RNO1", "ATL1"}


def test_the_restocking_fee_is_waived_for_our_mistakes_and_set_by_a_contract(decide: Decide) -> None:
    fees = [
        decide(**given).outputs["restocking_bps"]
        for given in (
            {},
            {"tier": "platinum"},
            {"contract_restocking_bps": 250},
            {"reason": "defective", "contract_restocking_bps": 250},
        )
    ]
    assert fees == [1_500, 0, 250, 0]


def test_fees_are_for_credits_alone(decide: Decide) -> None:
    assert decide(resolution="repair").outputs["restocking_bps"] == 0


def test_an_action_no_policy_covers_is_refused(texts: dict[str, str], ordinary: MakeFacts) -> None:
    silent = {
        file: re.sub("(actions: .*), vendor_claim", r"\1", text)
        for file, text in texts.items()
        if not file.startswith("recovery")
    }
    decision = PolicyBook.load(silent).decide(ordinary("vendor_claim"), order_date=TODAY, decision_date=TODAY)
    assert (decision.outcome, deciding(decision)) == (Outcome.DENY, ["ENGINE-DEFAULT"])


def test_vendor_claims_are_watched_before_they_are_made_alone(decide: Decide) -> None:
    watched = decide("vendor_claim")
    assert (watched.outcome, watched.shadowed) == (Outcome.ESCALATE, Outcome.PERMIT)
    assert decide("vendor_claim", approvals=1, review_status="approved").outcome is Outcome.PERMIT


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        ({"reason": "damaged_in_transit", "photos": 1}, "VC-GROUND"),
        ({"supplier_accepts_defective": False}, "VC-GROUND"),
        ({"days_since_receipt": 91}, "VC-WINDOW"),
        ({"reason": "warranty_failure", "warranty_days_left": -1}, "VC-WARRANTY"),
        ({"quantity_claimed": 5, "quantity_received": 6}, "VC-ONCE"),
        ({"unit_cost_usd_minor": 2_499}, "VC-MINIMUM"),
        ({"requester_kind": "customer"}, "REQUESTER"),
    ],
)
def test_no_approval_makes_a_supplier_pay_what_it_does_not_owe(
    decide: Decide, facts: dict[str, object], rule: str
) -> None:
    refused = decide("vendor_claim", approvals=2, review_status="approved", **facts)
    assert (refused.outcome, rule in deciding(refused)) == (Outcome.DENY, True)


@pytest.mark.parametrize(
    "name", ["supplier_window_days", "supplier_rma_required", "unit_cost_usd_minor", "days_since_receipt"]
)
def test_what_a_supplier_takes_back_is_never_guessed(decide: Decide, name: str) -> None:
    decision = decide("vendor_claim", approvals=2, review_status="approved", unknown=[name])
    assert decision.outcome is Outcome.ESCALATE


def test_a_label_needs_an_open_rma_and_a_case_does_not_buy_them_without_end(decide: Decide) -> None:
    assert decide("create_label").outcome is Outcome.PERMIT
    assert deciding(decide("create_label", rma_open=False)) == ["LABEL-RMA"]
    assert deciding(decide("create_label", labels_on_case=6)) == ["LABEL-LIMIT"]


def test_another_currency_passes_with_a_rate_of_its_days_and_else_goes_to_a_person(decide: Decide) -> None:
    canadian = {"currency_is_ledger": False}
    assert decide(**canadian, rate_age_days=5).outcome is Outcome.PERMIT
    for approvals in (0, 2):
        assert deciding(decide(**canadian, rate_age_days=6, approvals=approvals)) == ["CURRENCY"]
        without = decide(**canadian, approvals=approvals, unknown=["rate_age_days", "unit_price_usd_minor"])
        assert without.outcome is Outcome.ESCALATE
        assert "CURRENCY" in deciding(without)
