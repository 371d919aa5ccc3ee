"""What is drawn is read before anything else is shown, and the page on autonomy says what that is worth."""

from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr

from backhaul.domain.audit import Tag
from backhaul.domain.autonomy import Segment
from backhaul.store import audit, autonomy, cases, reviews
from backhaul.store import conversation as talk
from backhaul.store.conversation import Speaker
from tests.web.test_desk import decides
from tools.earned import BlindShare

WORDS = "We ordered too many of these, please take one back from SO-14922."
ANSWER = {"order_line": "2", "quantity": "1", "reason": "no_longer_needed", "outcome": "allow"}


@pytest.fixture
def rita(visitor: Any) -> Any:
    visitor.is_staff("reviewer")
    return visitor


@pytest.fixture
def drawn(house: Any) -> str:
    """The review of a request that the policy permits, drawn to be read blind."""
    share = BlindShare(SecretStr("every"), 1_000, 1_000)
    house.worker = replace(house.worker, guard=replace(house.worker.guard, blind=share))
    review: str = house.review("SO-14922", 2, 1, words=WORDS)
    return review


def test_a_drawn_request_shows_the_words_and_nothing_that_was_read_in_them(
    rita: Any, house: Any, drawn: str
) -> None:
    page, queue = rita.opens(f"/desk/{drawn}").text, rita.opens("/desk").text
    with house.store.read() as uow:
        proposal = cases.proposal(uow, reviews.review(uow, drawn).proposal_id)
        verdict = cases.newest_verdict(uow, proposal.id)

    assert WORDS in page
    assert "Say first what you read in it" in queue
    for told in (page, queue):
        assert "95 %" not in told
        assert "Approve" not in told
        assert "guard only watches" not in told
        assert verdict.command_digest not in told
        assert "no longer needed," not in told
    assert 'value="no_longer_needed"' in page, "the reason is one of all those to choose from"
    assert "selected" not in page
    assert "checked" not in page


def test_the_decision_is_shown_nowhere_else_before_it_was_read(rita: Any, house: Any, drawn: str) -> None:
    with house.store.read() as uow:
        verdict = reviews.newest_verdict(uow, reviews.review(uow, drawn)).id

    assert rita.opens(f"/policies/decisions/{verdict}").status_code == 403
    rita.sends(f"/desk/{drawn}/blind", **ANSWER)
    assert rita.opens(f"/policies/decisions/{verdict}").status_code == 200


@pytest.mark.parametrize("act", ["approve", "reject", "ask"])
def test_nothing_is_decided_before_it_was_read(rita: Any, house: Any, drawn: str, act: str) -> None:
    rita.opens("/desk")
    refused = rita.sends(f"/desk/{drawn}/{act}", version="1", command_digest="x", note="because")

    assert refused.status_code == 409
    assert "to be read blind first" in refused.text
    with house.store.read() as uow:
        assert reviews.review(uow, drawn).state == "open"


def test_once_read_it_is_compared_and_decided_as_any_other(rita: Any, house: Any, drawn: str) -> None:
    rita.opens(f"/desk/{drawn}")
    page = rita.sends(f"/desk/{drawn}/blind", **ANSWER).text

    assert "It was read as Backhaul read it." in page
    assert "Reading confidence" in page
    with house.store.read() as uow:
        proposal = reviews.review(uow, drawn).proposal_id
        label = autonomy.labels(uow)[0]
        assert audit.is_recorded(uow, Tag.BLIND_LABELLED, proposal)
    assert (label.id, label.is_wrong, label.segment.band) == (proposal, False, "medium")
    decides(rita, drawn, "reject", "We do not take it.")
    with house.store.read() as uow:
        assert reviews.review(uow, drawn).state == "rejected"


@pytest.mark.parametrize(
    "otherwise",
    [
        {"order_line": "3"},
        {"order_line": "0"},
        {"quantity": "2"},
        {"reason": "defective"},
        {"reason": "none"},
        {"outcome": "refuse"},
    ],
    ids=str,
)
def test_a_single_difference_makes_it_a_wrong_one(
    rita: Any, house: Any, drawn: str, otherwise: dict[str, str]
) -> None:
    rita.opens(f"/desk/{drawn}")
    page = rita.sends(f"/desk/{drawn}/blind", **(ANSWER | otherwise)).text

    assert "It was read otherwise than Backhaul read it." in page
    with house.store.read() as uow:
        assert autonomy.labels(uow)[0].is_wrong


def test_the_first_answer_stands(rita: Any, house: Any, drawn: str) -> None:
    rita.opens(f"/desk/{drawn}")
    rita.sends(f"/desk/{drawn}/blind", **(ANSWER | {"reason": "defective"}))
    again = rita.sends(f"/desk/{drawn}/blind", **ANSWER)

    assert again.status_code == 409
    with house.store.read() as uow:
        assert autonomy.labels(uow)[0].is_wrong


@pytest.mark.parametrize("unusable", [{"reason": "because"}, {"outcome": "perhaps"}, {"quantity": "-1"}])
def test_an_answer_that_cannot_be_used_is_refused(
    rita: Any, house: Any, drawn: str, unusable: dict[str, str]
) -> None:
    rita.opens(f"/desk/{drawn}")

    assert rita.sends(f"/desk/{drawn}/blind", **(ANSWER | unusable)).status_code == 422
    with house.store.read() as uow:
        assert autonomy.labels(uow)[0].person is None


def test_a_review_that_was_not_drawn_cannot_be_read_blind(rita: Any, house: Any) -> None:
    review = house.review()
    rita.opens("/desk")

    assert rita.sends(f"/desk/{review}/blind", **ANSWER).status_code == 409


def test_where_nothing_was_read_blind_the_page_calls_the_floors_a_choice(rita: Any) -> None:
    page = rita.opens("/policies/autonomy").text

    assert "The floors are a choice, not a proof." in page
    assert "A choice, not proved" in page
    assert "60 %" in page
    assert ">Proved<" not in page


def test_labels_and_holds_stand_on_the_page(rita: Any, house: Any, drawn: str) -> None:
    rita.opens(f"/desk/{drawn}")
    rita.sends(f"/desk/{drawn}/blind", **ANSWER)
    with house.store.begin() as uow:
        autonomy.hold(uow, Segment("chemical"), why="5 of 40 blind labels are wrong", figures={})
    page = rita.opens("/policies/autonomy").text

    assert "What is not marked as proved is a choice of its owner." in page
    assert "Chemical</strong> since" in page
    assert "5 of 40 blind labels are wrong" in page
    assert "backhaul autonomy lift 1" in page


def test_what_was_read_in_it_shows_on_no_other_page_of_the_desk(rita: Any, house: Any, drawn: str) -> None:
    with house.store.read() as uow:
        row = reviews.review(uow, drawn)
        account = cases.case(uow, row.case_id).account_id
    with house.store.begin() as uow:
        talk.add_message(
            uow, house.doors.desk.ids, row.thread_id, author="agent", body="You no longer need one of line 2?"
        )
        beside = reviews.open_review(
            uow,
            house.doors.desk.ids,
            case_id=row.case_id,
            thread_id=row.thread_id,
            why="The customer asked for a person.",
            due_at=row.due_at,
        ).id
        other = cases.open_case(
            uow,
            house.doors.desk.ids,
            thread_id=talk.open_thread(
                uow, house.doors.desk.ids, Speaker(account, "Somebody", "contact:C-1"), channel="web"
            ).id,
            account_id=account,
            actor="contact:C-1",
        )
        later = reviews.open_review(
            uow,
            house.doors.desk.ids,
            case_id=other.id,
            thread_id=other.thread_id,
            why="The customer asked for a person.",
            due_at=row.due_at,
        ).id

    sibling, elsewhere = rita.opens(f"/desk/{beside}").text, rita.opens(f"/desk/{later}").text
    log = rita.opens(f"/desk/{beside}/audit").text

    assert WORDS in sibling
    assert "You no longer need" not in sibling
    assert "Waits to be read by a person first" in elsewhere
    assert "Told once it was read blind" in log
    assert "The guard answered" not in log
    assert rita.opens(f"/desk/{drawn}/audit").status_code == 403
    rita.sends(f"/desk/{drawn}/blind", **ANSWER)
    assert "You no longer need" in rita.opens(f"/desk/{beside}").text
    assert "no longer needed" in rita.opens(f"/desk/{later}").text
    assert "The guard answered" in rita.opens(f"/desk/{beside}/audit").text
