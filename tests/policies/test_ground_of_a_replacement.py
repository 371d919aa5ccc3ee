"""What sends a replacement to a person is named with its figures, and what does not is not."""

import pytest

from backhaul.domain.codes import Outcome
from tests.policies.conftest import Decide

BY_REASON = "A replacement for '{}' before the goods are back needs an approval, whatever it is worth."
BY_VALUE = "A replacement worth {} before the goods are back needs an approval; up to {} needs none."


@pytest.mark.parametrize(
    ("facts", "grounds"),
    [
        ({"reason": "defective", "tier": "silver", "unit_price_usd_minor": 20_700}, ["RET-6.1"]),
        ({"reason": "damaged_in_transit", "photos": 2, "unit_price_usd_minor": 860}, ["RET-6.1"]),
        ({"tier": "silver", "unit_price_usd_minor": 50_001}, ["RET-6.2"]),
        ({"tier": "standard", "reason": "defective", "unit_price_usd_minor": 25_001}, ["RET-6.1", "RET-6.2"]),
    ],
)
def test_only_what_is_not_met_is_given_as_the_ground(
    decide: Decide, facts: dict[str, object], grounds: list[str]
) -> None:
    decision = decide("replacement", **facts)

    assert decision.outcome is Outcome.ESCALATE
    assert [result.clause for result in decision.deciding] == grounds


def test_the_ground_carries_the_figures_that_made_it(decide: Decide) -> None:
    reason = decide("replacement", reason="defective", tier="silver", unit_price_usd_minor=20_700)
    value = decide("replacement", tier="silver", unit_price_usd_minor=61_050)

    assert [one.message for one in reason.deciding] == [BY_REASON.format("defective")]
    assert [one.message for one in value.deciding] == [BY_VALUE.format("610.50 USD", "500.00 USD")]


def test_a_contract_lifts_the_ground_of_the_reason_and_not_that_of_the_value(decide: Decide) -> None:
    agreed = {"reason": "defective", "contract_advance_replacement": True, "tier": "standard"}

    assert decide("replacement", **agreed, unit_price_usd_minor=25_000).outcome is Outcome.PERMIT
    above = decide("replacement", **agreed, unit_price_usd_minor=25_001)
    assert [one.rule for one in above.deciding] == ["ADV-LIMIT"]
