from collections.abc import Callable
from datetime import date

from backhaul.domain.codes import Outcome
from policies.book import PolicyBook
from policies.bundle import Days
from policies.decision import CustomerAnswer, PolicyDecision, RuleResult, Status
from policies.facts import Source

Decide = Callable[..., PolicyDecision]
TODAY = date(2026, 6, 1)


def result_of(decision: PolicyDecision, rule: str) -> RuleResult:
    return next(result for result in decision.results if result.rule == rule)


def test_a_refusal_beats_a_question_and_a_question_beats_a_person(decide: Decide) -> None:
    unsure = {"confidence_permille": 100}
    asks = {**unsure, "reason": "damaged_in_transit"}
    refused = {**asks, "days_since_delivery": 90}
    outcomes = [decide(**given).outcome for given in ({}, unsure, asks, refused)]
    assert outcomes == [Outcome.PERMIT, Outcome.ESCALATE, Outcome.ASK, Outcome.DENY]


def test_the_trace_shows_every_rule_of_the_action_and_no_other(decide: Decide, book: PolicyBook) -> None:
    decision = decide()
    written = {
        rule.id
        for _, edition in book.bundle.editions_in_force(Days(TODAY, TODAY))
        for rule in (edition.policy.rules if edition else ())
        if "create_rma" in rule.actions
    }
    assert {result.rule for result in decision.results} == written
    assert result_of(decision, "WAR-TERM").status is Status.NOT_APPLICABLE


def test_the_trace_shows_what_a_rule_saw_where_from_and_which_cells(decide: Decide) -> None:
    window = result_of(decide(days_since_delivery=41, region="west"), "RET-WINDOW")
    assert (window.status, window.effect) == (Status.FAILED, Outcome.DENY)
    assert (window.clause, window.owner, window.document) == ("RET-4.1", "operations", "terms@2020a")
    seen = {given.name: (given.value, given.source) for given in window.inputs}
    assert seen["days_since_delivery"] == (41, Source.DERIVED)
    assert seen["reason"] == ("no_longer_needed", Source.CLAIM)
    assert seen["tier"] == ("standard", Source.ERP)
    cells = {cell.table: (cell.key, cell.value, cell.clause) for cell in window.cells}
    assert cells == {
        "window_days": (("hand_tool", "standard"), 30, "RET-4.1"),
        "region_extra_days": (("west",), 5, "RET-4.2"),
        "time_limit": (("no_longer_needed",), "window", "RET-4.4"),
    }
    assert window.message.startswith(
        "Delivered 41 days ago; the return window for these goods is 30 days, plus 5"
    )


def test_messages_write_money_as_dollars_and_codes_as_words(decide: Decide) -> None:
    limit = result_of(decide(unit_price_usd_minor=123_456), "AUTO-LIMIT").message
    reason = result_of(decide(reason="late_or_missing"), "RSN-ACTION").message
    assert limit.startswith("1,234.56 USD are at stake on this order; up to 500.00 USD")
    assert reason == "'late or missing' does not lead to create rma."


def test_a_decision_names_its_bundle_and_editions(decide: Decide, book: PolicyBook) -> None:
    decision = decide()
    assert decision.bundle_hash == book.bundle_hash
    assert decision.editions == ("controls@2020a", "dock@2026a", "recovery@2020a", "terms@2020a")


def test_a_stranger_learns_nothing_about_the_order(decide: Decide) -> None:
    late = {"days_since_delivery": 90, "confidence_permille": 100, "final_sale": True}
    answers = [decide(order_on_account=False, **given).for_customer() for given in ({}, late)]
    assert answers[0] == answers[1]
    assert answers[0].reasons[0].message == "I cannot find that order on your account."
    assert answers[0].would_change is None


def test_a_customer_never_hears_of_the_fraud_score(decide: Decide) -> None:
    decision = decide(fraud_score_permille=990)
    assert "990" in decision.deciding[0].message
    told: CustomerAnswer = decision.for_customer()
    assert "fraud" not in repr(told).lower()
    assert (told.outcome, told.would_change, len(told.reasons)) == (Outcome.ESCALATE, None, 1)


def test_a_customer_reads_the_clause_and_what_would_change_the_answer(decide: Decide) -> None:
    told = decide(days_since_delivery=41).for_customer()
    assert [reason.clause for reason in told.reasons] == ["RET-4.1"]
    assert told.would_change == (
        "This would be permitted if the request had come 11 days earlier, 30 days after delivery."
    )


def test_a_permit_has_nothing_to_explain(decide: Decide) -> None:
    decision = decide()
    assert (decision.deciding, decision.counterfactual, decision.for_customer().reasons) == ((), None, ())
