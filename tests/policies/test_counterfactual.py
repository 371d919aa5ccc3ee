from collections.abc import Callable
from datetime import date

import pytest

from backhaul.domain.codes import Outcome
from policies.book import PolicyBook
from policies.decision import Change, PolicyDecision
from policies.facts import Facts

Decide = Callable[..., PolicyDecision]
MakeFacts = Callable[..., Facts]


LATE_WITHOUT_ANYTHING = (
    "with consent to exactly this and one photo "
    "and if the request had come 1 day earlier, 30 days after delivery"
)


def changes(decision: PolicyDecision) -> tuple[Change, ...]:
    assert decision.counterfactual is not None
    return decision.counterfactual.changes


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"reason": "damaged_in_transit"}, [("photos", 0, 1)]),
        ({"days_since_delivery": 200}, [("days_since_delivery", 200, 30)]),
        ({"quantity": 9}, [("quantity", 9, 5)]),
        ({"consent_given": False}, [("consent_given", False, True)]),
        ({"reason": "other"}, [("approvals", 0, 1)]),
        ({"approvals": 1, "approver_is_requester": True}, [("approver_is_requester", True, False)]),
        (
            {"reason": "wrong_item", "days_since_delivery": 31},
            [("received_item_known", False, True), ("days_since_delivery", 31, 30)],
        ),
        (
            {"serial_tracked": True, "quantity": 2, "serials_given": 1, "serials_matching": 1},
            [("serials_given", 1, 2), ("serials_matching", 1, 2)],
        ),
        (
            {"serial_tracked": True, "quantity": 6},
            [("quantity", 6, 5), ("serials_given", 0, 5), ("serials_matching", 0, 5)],
        ),
        (
            {"serial_tracked": True, "quantity": 6, "serials_given": 6, "serials_matching": 4},
            [("quantity", 6, 4), ("serials_given", 6, 4)],
        ),
        (
            {"reason": "other", "approver_is_requester": True, "approvals": 1},
            [("approver_is_requester", True, False)],
        ),
        (
            {"reason": "warranty_failure", "warranty_days_left": -4},
            [("warranty_days_left", -4, 0)],
        ),
    ],
)
def test_the_smallest_change_is_found(
    decide: Decide, facts: dict[str, object], expected: list[tuple[str, object, object]]
) -> None:
    found = changes(decide(**facts))
    assert [(change.fact, change.now, change.needed) for change in found] == expected


def test_another_person_approves_in_place_of_the_requester_and_one_more(decide: Decide) -> None:
    large = {"unit_price_usd_minor": 500_001, "approvals": 1, "approver_is_requester": True}
    found = changes(decide("credit_memo", **large, product_class="drives_and_motors"))
    assert {change.fact: change.needed for change in found} == {
        "approver_is_requester": False,
        "approvals": 2,
    }


def test_the_credit_of_a_return_is_approved_by_somebody_who_had_not_let_it_in(decide: Decide) -> None:
    decision = decide("credit_memo", approvals=1, approver_is_authoriser=True)
    (found,) = changes(decision)
    assert (found.fact, found.needed) == ("approver_is_authoriser", False)
    assert decision.counterfactual is not None
    assert "somebody who had not let the return in" in decision.counterfactual.say


def test_a_wrong_serial_is_left_out_where_not_every_piece_needs_one(decide: Decide) -> None:
    three = {"quantity": 3, "quantity_on_rma": 3, "quantity_received": 3, "serial_tracked": True}
    (found,) = changes(decide("credit_memo", **three, serials_given=2, serials_matching=1))
    assert (found.fact, found.needed) == ("serials_given", 1)


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"reason": "damaged_in_transit"}, "with one photo"),
        ({"reason": "other"}, "with one approval"),
        ({"consent_given": False}, "with consent to exactly this"),
        ({"quantity": 9}, "with 5 pieces instead of 9"),
        ({"quantity": 2, "quantity_shipped": 1}, "with 1 piece instead of 2"),
        ({"days_since_delivery": 31}, "if the request had come 1 day earlier, 30 days after delivery"),
        (
            {"days_since_delivery": 3, "contract_window_days": 1},
            "if the request had come 2 days earlier, 1 day after delivery",
        ),
        (
            {"days_since_delivery": 3, "contract_window_days": 0},
            "if the request had come 3 days earlier, on the day of delivery",
        ),
        ({"reason": "warranty_failure", "warranty_days_left": -4}, "if the request had come 4 days earlier"),
        ({"serial_tracked": True}, "with the right serial number of the piece"),
        ({"serial_tracked": True, "quantity": 3}, "with the right serial number of each of the 3 pieces"),
        ({"serials_given": 1}, "without a serial number"),
        (
            {"serial_tracked": True, "quantity": 6},
            "with 5 pieces instead of 6 and the right serial number of each of the 5 pieces",
        ),
        (
            {"serial_tracked": True, "quantity": 6, "serials_given": 6, "serials_matching": 6},
            "with 5 pieces instead of 6 and only as many serial numbers",
        ),
        (
            {"serial_tracked": True, "quantity": 6, "serials_given": 6, "serials_matching": 4},
            "with 4 pieces instead of 6 and only serial numbers that were shipped on this line",
        ),
        (
            {"approvals": 1, "approver_is_requester": True},
            "with the approval of somebody else in place of the requester's own",
        ),
        (
            {"consent_given": False, "reason": "damaged_in_transit", "days_since_delivery": 31},
            LATE_WITHOUT_ANYTHING,
        ),
        (
            {"consent_given": False, "reason": "damaged_in_transit", "fraud_score_permille": 990},
            "with consent to exactly this, one photo and one approval",
        ),
    ],
)
def test_the_change_is_said_in_plain_words(decide: Decide, facts: dict[str, object], said: str) -> None:
    found = decide(**facts).counterfactual
    assert found is not None
    assert found.say == f"This would be permitted {said}."


def test_what_is_there_already_is_not_asked_for_again(decide: Decide) -> None:
    kept = (
        decide("returnless_refund", photos=0).counterfactual,
        decide("returnless_refund", photos=1).counterfactual,
    )
    assert [found.say for found in kept if found] == [
        "This would be permitted with two photos.",
        "This would be permitted with one more photo.",
    ]


def test_a_serial_that_was_not_shipped_is_named_as_the_one_to_leave_out(decide: Decide) -> None:
    three = {"quantity": 4, "quantity_on_rma": 4, "quantity_received": 4, "serial_tracked": True}
    said = [
        found.say
        for given in (2, 3)
        if (found := decide("credit_memo", **three, serials_given=given, serials_matching=1).counterfactual)
    ]
    assert said == [
        "This would be permitted without the serial number that was not shipped on this line.",
        "This would be permitted without the serial numbers that were not shipped on this line.",
    ]


@pytest.mark.parametrize(
    ("facts", "day", "said"),
    [
        # Screws are kept up to 65.00 from July, up to 50.00 before; the window is 30 days. On 29 June a
        # person would have had to look, so the days alone do not do.
        (
            {"product_class": "fastener", "unit_price_usd_minor": 6_000, "days_since_delivery": 41},
            10,
            "with one approval and if the request had come 11 days earlier, 30 days after delivery",
        ),
        (
            {"product_class": "fastener", "unit_price_usd_minor": 6_000, "days_since_delivery": 39},
            10,
            "if the request had come 9 days earlier, 30 days after delivery",
        ),
        # Chemicals were kept up to 75.00 until June and up to 50.00 since: three days are enough for the
        # window, the fourth for the limit as well.
        (
            {"product_class": "chemical", "unit_price_usd_minor": 6_000, "days_since_delivery": 33},
            4,
            "if the request had come 4 days earlier, 29 days after delivery",
        ),
        # One approval is a smaller change than four days.
        (
            {"product_class": "chemical", "unit_price_usd_minor": 6_000, "days_since_delivery": 20},
            4,
            "with one approval",
        ),
    ],
)
def test_a_request_that_comes_earlier_is_decided_by_the_rules_of_its_day(
    book: PolicyBook, ordinary: MakeFacts, facts: dict[str, object], day: int, said: str
) -> None:
    asked, ordered, decided = ordinary("returnless_refund", **facts), date(2026, 5, 20), date(2026, 7, day)
    found = book.decide(asked, order_date=ordered, decision_date=decided).counterfactual
    assert found is not None
    assert found.say == f"This would be permitted {said}."


TIED = """
kind: Overlay
id: tied
edition: 2020a
over: terms
applies: {region: [midwest]}
effective: {from: 2020-01-01, until: null}
rules:
- id: TIED
  clause: TST-1
  owner: operations
  title: Many pieces come back soon
  actions: [create_rma]
  require: "quantity + days_since_delivery <= 100"
  claims: {quantity: "The command carries exactly this quantity"}
  on_fail: deny
  say: "Too many, too late."
  examples:
  - {given: {quantity: 1}, expect: permit}
  - {given: {quantity: 101}, expect: deny}
"""


def test_nothing_is_said_where_not_everything_could_be_tried(
    texts: dict[str, str], ordinary: MakeFacts
) -> None:
    book = PolicyBook.load({**texts, "tied.yaml": TIED})
    days = {"order_date": date(2026, 6, 1), "decision_date": date(2026, 6, 1)}
    many = {"unit_price_usd_minor": 1, "quantity_shipped": 500, "contract_window_days": 500}
    far = ordinary(**many, quantity=400, days_since_delivery=400, days_since_receipt=400)
    near = ordinary(**many, quantity=400, days_since_delivery=5)

    assert book.decide(far, **days).counterfactual is None
    assert book.outcome(far.changed(quantity=50, days_since_delivery=50), **days) is Outcome.PERMIT
    (found,) = changes(book.decide(near, **days))
    assert (found.fact, found.needed) == ("quantity", 95)


@pytest.mark.parametrize(
    "facts",
    [
        {"reason": "late_or_missing"},
        {"order_on_account": False},
        {"final_sale": True},
        {"currency_is_ledger": False, "rate_age_days": 6},
        {"unknown": ["tier"]},
        {"review_status": "rejected"},
    ],
)
def test_what_nobody_can_change_is_not_offered(decide: Decide, facts: dict[str, object]) -> None:
    decision = decide(**facts)
    assert decision.outcome is not Outcome.PERMIT
    assert decision.counterfactual is None
