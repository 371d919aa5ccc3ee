from collections.abc import Callable, Iterator
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backhaul.domain.codes import Outcome
from policies.decision import Change, PolicyDecision
from policies.facts import Facts

Decide = Callable[..., PolicyDecision]
MakeFacts = Callable[..., Facts]


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
    ],
)
def test_the_smallest_change_is_found(
    decide: Decide, facts: dict[str, object], expected: list[tuple[str, object, object]]
) -> None:
    found = changes(decide(**facts))
    assert [(change.fact, change.now, change.needed) for change in found] == expected


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


def grid(start: Facts) -> Iterator[tuple[tuple[int, int], dict[str, int | bool]]]:
    """Every reachable combination of the facts people can change, with its distance from the start."""
    now = start.known()
    walks: dict[str, list[int | bool]] = {
        "photos": [int(now["photos"]) + more for more in range(3)],
        "quantity": list(range(int(now["quantity"]), 0, -1)),
        "days_since_delivery": [int(now["days_since_delivery"]) - fewer for fewer in range(4)],
        "approvals": [0, 1, 2],
        "consent_given": [bool(now["consent_given"]), True],
    }
    for combination in product(*walks.values()):
        otherwise = dict(zip(walks, combination, strict=True))
        steps = [abs(int(otherwise[name]) - int(now[name])) for name in walks]
        yield (sum(step > 0 for step in steps), sum(steps)), otherwise


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    days=st.integers(29, 33),
    quantity=st.integers(1, 4),
    consent_given=st.booleans(),
    reason=st.sampled_from(["damaged_in_transit", "defective", "no_longer_needed", "other"]),
    shipped=st.integers(1, 4),
    price=st.sampled_from([10_000, 30_000, 60_000]),
)
def test_no_smaller_change_would_do(
    decide: Decide,
    ordinary: MakeFacts,
    days: int,
    quantity: int,
    consent_given: bool,
    reason: str,
    shipped: int,
    price: int,
) -> None:
    start = {
        "days_since_delivery": days,
        "quantity": quantity,
        "consent_given": consent_given,
        "reason": reason,
        "quantity_shipped": shipped,
        "unit_price_usd_minor": price,
    }
    decision = decide(**start)
    if decision.outcome is Outcome.PERMIT:
        return
    distances = sorted(grid(ordinary(**start)), key=lambda at: at[0])
    nearest = next(
        (
            distance
            for distance, otherwise in distances
            if decide(**{**start, **otherwise}).outcome is Outcome.PERMIT
        ),
        None,
    )
    if nearest is None or nearest[0] > 3:
        assert decision.counterfactual is None
        return
    found = changes(decision)
    applied = {change.fact: change.needed for change in found}
    assert decide(**{**start, **applied}).outcome is Outcome.PERMIT
    assert (len(found), sum(abs(int(c.needed) - int(c.now)) for c in found)) == nearest
