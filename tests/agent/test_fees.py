"""Nobody agrees to a fee that was not shown."""

import pytest

from backhaul.domain.money import Money
from backhaul.store import cases
from tests.agent.talking import BEARINGS, DRIVES
from tests.house import House


@pytest.mark.parametrize(
    ("words", "share", "freight", "shown"),
    [
        (BEARINGS, 500, 0, "less a restocking fee of 5 % of the price paid."),
        (
            DRIVES,
            1_500,
            1_800,
            "less a restocking fee of 15 % of the price paid and 18.00 USD of return freight.",
        ),
    ],
)
def test_what_is_read_back_as_kept_from_the_credit_is_what_is_decided(
    sqlite_house: House, words: str, share: int, freight: int, shown: str
) -> None:
    thread = sqlite_house.thread()

    asked = sqlite_house.say(thread, words)
    decided = sqlite_house.say(thread, "yes")

    assert shown in asked.reply
    with sqlite_house.store.read() as uow:
        (proposal,) = cases.proposals(uow, case_id=decided.case or "")
        verdict = cases.newest_verdict(uow, proposal.id)
        consent = cases.consent(uow, proposal.consent_id)
    assert verdict is not None
    assert consent is not None
    assert shown in consent.shown
    value, fee, label = (
        Money(**verdict.command[name]) for name in ("value", "restocking_fee", "return_freight")
    )
    assert (fee, label) == (value.share(share), Money(freight))


def test_no_fee_is_named_for_what_is_our_own_mistake(sqlite_house: House) -> None:
    asked = sqlite_house.say(
        sqlite_house.thread(),
        "4 of the bearings BRG-6205-2RS from SO-15086 are defective, they grind. Credit please.",
    )

    assert asked.outcome == "consent"
    assert "fee" not in asked.reply
    assert "freight" not in asked.reply
