"""Nobody agrees to a fee that was not shown."""

import pytest

from backhaul.domain.money import Money
from backhaul.store import cases
from tests.agent.talking import BEARINGS, DRIVES
from tests.house import House


@pytest.mark.parametrize(("words", "shown"), [(BEARINGS, "5 %"), (DRIVES, "15 %")])
def test_the_fee_that_is_read_back_is_the_fee_that_is_decided(
    sqlite_house: House, words: str, shown: str
) -> None:
    thread = sqlite_house.thread()

    asked = sqlite_house.say(thread, words)
    decided = sqlite_house.say(thread, "yes")

    assert f"less a restocking fee of {shown} of the price paid" in asked.reply
    with sqlite_house.store.read() as uow:
        (proposal,) = cases.proposals(uow, case_id=decided.case or "")
        verdict = cases.newest_verdict(uow, proposal.id)
        consent = cases.consent(uow, proposal.consent_id)
    assert verdict is not None
    assert consent is not None
    assert shown in consent.shown
    value, fee = (Money(**verdict.command[name]) for name in ("value", "restocking_fee"))
    assert fee == value.share(int(shown.removesuffix(" %")) * 100)


def test_no_fee_is_named_for_what_is_our_own_mistake(sqlite_house: House) -> None:
    asked = sqlite_house.say(
        sqlite_house.thread(),
        "4 of the bearings BRG-6205-2RS from SO-15086 are defective, they grind. Credit please.",
    )

    assert asked.outcome == "consent"
    assert "fee" not in asked.reply
