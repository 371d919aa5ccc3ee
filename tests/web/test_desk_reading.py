"""What the words really say, said beside a decision: for the reader to learn, and nothing else."""

from typing import Any

import pytest

from backhaul.domain.codes import Reason
from backhaul.store import cases, corrections, reviews
from tests.web.test_desk import decides


@pytest.fixture
def rita(visitor: Any) -> Any:
    visitor.is_staff("reviewer")
    return visitor


def read_as(house: Any, reason: Reason, **more: Any) -> str:
    """A review of words that were read so."""
    review = str(house.review())
    with house.store.begin() as uow:
        row = reviews.review(uow, review)
        claim = cases.claim(uow, cases.proposal(uow, row.proposal_id).claim_id)
        claim.payload = {**claim.payload, "reason": reason.value, **more}
    return review


def noted(house: Any) -> list[tuple[str, str]]:
    with house.store.read() as uow:
        rows = corrections.in_state(uow, corrections.NOTED)
    return [(row.reason_read, row.reason_right) for row in rows]


@pytest.mark.parametrize("act", ["approve", "reject"])
def test_a_reviewer_may_say_beside_the_decision_what_the_words_say(rita: Any, house: Any, act: str) -> None:
    review = read_as(house, Reason.DEFECTIVE)

    page = rita.opens(f"/desk/{review}").text
    decides(rita, review, act, note="as agreed", really="ordered_by_mistake")

    assert ">defective, as read</option>" in page
    assert noted(house) == [("defective", "ordered_by_mistake")]
    with house.store.read() as uow:
        row = reviews.review(uow, review)
        assert cases.proposal(uow, row.proposal_id).reason == "no_longer_needed", (
            "the decision is not touched"
        )


def test_as_read_is_no_correction(rita: Any, house: Any) -> None:
    decides(rita, read_as(house, Reason.DEFECTIVE), "approve", really="")

    assert noted(house) == []


def test_what_is_no_reason_is_refused_and_nothing_is_decided(rita: Any, house: Any) -> None:
    review = read_as(house, Reason.DEFECTIVE)

    assert decides(rita, review, "approve", really="sulking").status_code == 422
    assert house.later.started == []


def test_words_from_which_no_reason_was_read_are_not_asked_about(rita: Any, house: Any) -> None:
    assert 'name="really"' not in rita.opens(f"/desk/{house.review()}").text


ASKED = {"model": "gpt-x", "prompt": "3f2a91c07b44", "tokens_in": 700, "tokens_out": 112, "calls": 1}


@pytest.mark.parametrize(
    ("kept", "told"),
    [
        ({}, "Read by the offline reader."),
        (
            {"asked": {**ASKED, "fell_back": ""}, "second_opinion": ["defective", 843]},
            "Read by gpt-x, prompt 3f2a91c07b44, 812 tokens; offline reader: defective 84 %, agrees.",
        ),
        (
            {"asked": {**ASKED, "fell_back": ""}, "second_opinion": ["recall", 510]},
            "offline reader: recall 51 %, disagrees, which halves the confidence.",
        ),
        ({"asked": {**ASKED, "fell_back": ""}}, "the offline reader reads no reason."),
        (
            {"asked": {**ASKED, "fell_back": "time-out"}},
            "Read by the offline reader: gpt-x, prompt 3f2a91c07b44, 812 tokens, was not used (time-out).",
        ),
    ],
)
def test_the_case_page_says_in_a_line_who_read_the_words(
    rita: Any, house: Any, kept: dict[str, Any], told: str
) -> None:
    assert told in rita.opens(f"/desk/{read_as(house, Reason.DEFECTIVE, **kept)}").text


@pytest.mark.parametrize(
    ("act", "told"), [("confirm", "the words teach"), ("dismiss", "the words are erased")]
)
def test_somebody_else_gives_the_second_look_on_a_page(rita: Any, house: Any, act: str, told: str) -> None:
    decides(rita, read_as(house, Reason.DEFECTIVE), "approve", really="ordered_by_mistake")
    with house.store.read() as uow:
        (row,) = corrections.in_state(uow, corrections.NOTED)

    own = rita.opens("/corrections").text
    forbidden = rita.sends(f"/corrections/{row.id}/confirm")
    rita.is_staff("approver")
    queue = rita.opens("/desk").text
    listed = rita.opens("/corrections").text
    looked = rita.sends(f"/corrections/{row.id}/{act}")

    assert "somebody else looks" in own
    assert forbidden.status_code == 403
    assert "1 for a second look" in queue
    assert "Ordered by mistake" in listed
    assert row.words in listed
    assert told in looked.text
    assert noted(house) == []
