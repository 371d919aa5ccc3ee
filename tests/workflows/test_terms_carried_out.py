"""What the terms say is what is done: the days an RMA stays open, and who reads a limit."""

from datetime import timedelta

import pytest

from backhaul.domain.codes import Reason
from backhaul.domain.returns import RmaState
from backhaul.store import cases, reviews, rmas
from backhaul.store.conversation import Speaker
from tests.agent.talking import DRIVES
from tests.house import SPEAKER, House

SUNDOWN = Speaker("A-1003", "Sundown Water District", "contact:C-1003-1")


@pytest.mark.parametrize(
    ("speaker", "order", "line", "words", "days"),
    [
        (
            SPEAKER,
            "SO-15086",
            1,
            "2 of the bearings BRG-6205-2RS from SO-15086 are no longer needed, unopened. Credit please.",
            30,
        ),
        (
            SUNDOWN,
            "SO-15107",
            2,
            "2 of the power supplies PSU-24-100 from SO-15107 are no longer needed, unopened. Credit please.",
            21,
        ),
    ],
)
def test_an_rma_stays_open_for_the_days_of_the_terms(
    sqlite_house: House, speaker: Speaker, order: str, line: int, words: str, days: int
) -> None:
    sent = sqlite_house.propose(order, line, 2, Reason.NO_LONGER_NEEDED, words=words, speaker=speaker)

    with sqlite_house.store.read() as uow:
        (rma,) = rmas.rmas_of_case(uow, sent.case_id)
        assert rma.state != RmaState.CANCELLED.value
        assert rma.return_by == uow.clock.now().date() + timedelta(days=days)


def test_a_limit_is_read_by_colleagues_and_not_by_the_customer(sqlite_house: House) -> None:
    thread = sqlite_house.thread()
    sqlite_house.say(thread, DRIVES)

    decided = sqlite_house.say(thread, "yes")

    assert "a colleague decides this one" in decided.reply
    assert "2,500" not in decided.reply
    with sqlite_house.store.read() as uow:
        (proposal,) = cases.proposals(uow, case_id=decided.case or "")
        review = reviews.review_of_proposal(uow, proposal.id)
    assert review is not None
    assert "up to 2,500.00 USD needs no approval" in review.why
