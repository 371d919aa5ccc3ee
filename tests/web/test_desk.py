import re
from typing import Any

import pytest

from backhaul.store import cases, reviews
from backhaul.store import conversation as talk
from backhaul.store.conversation import Speaker
from tools.writes import ask_person


def hidden(page: Any, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    return found[1] if found else ""


@pytest.fixture
def rita(visitor: Any) -> Any:
    visitor.is_staff("reviewer")
    return visitor


def decides(visitor: Any, review: str, act: str, note: str = "", **changed: Any) -> Any:
    """Decide as a person would: `other` is a reason of every act but an approval, which is plain."""
    page = visitor.opens(f"/desk/{review}")
    fields = {
        "version": hidden(page, "version"),
        "command_digest": hidden(page, "command_digest"),
        "note": note,
        "reason": "" if act == "approve" else "other",
    }
    return visitor.sends(f"/desk/{review}/{act}", **(fields | changed))


def review_row(house: Any, review: str) -> Any:
    with house.store.read() as uow:
        return reviews.review(uow, review)


def test_the_queue_says_why_what_whose_and_how_much(rita: Any, house: Any) -> None:
    house.review()

    page = rita.opens("/desk").text

    assert "needs no approval" in page
    assert "Harbor Mechanical" in page
    assert "$9,000.00" in page


def test_an_empty_queue_says_what_will_come(rita: Any) -> None:
    assert "Nothing to decide" in rita.opens("/desk").text


def test_the_case_page_has_words_facts_rules_and_the_exact_command(rita: Any, house: Any) -> None:
    review = house.review()

    page = rita.opens(f"/desk/{review}").text

    assert ">SO-15093<span" in page, "the words the reader relied on are marked"
    assert "KX4-50-118803" in page
    assert "What would change the answer." in page
    assert "less a restocking fee of $1,350.00" in page
    assert review_command(house, review) in page


def review_command(house: Any, review: str) -> str:
    with house.store.read() as uow:
        return cases.newest_verdict(uow, reviews.review(uow, review).proposal_id).command_digest


def test_an_approval_is_for_the_command_on_the_page_and_starts_the_worker_with_it(
    rita: Any, house: Any
) -> None:
    review = house.review()

    page = decides(rita, review, "approve")

    with house.store.read() as uow:
        (given,) = reviews.approvals(uow, reviews.review(uow, review).proposal_id)
    assert given.command_digest == review_command(house, review)
    assert house.later.started == [("resume-review", f"resume-review-{review}-2", [review])]
    assert page.url.path == "/desk"


def test_an_approval_of_another_command_is_a_stale_page(rita: Any, house: Any) -> None:
    review = house.review()

    page = decides(rita, review, "approve", command_digest="0" * 64)

    assert page.status_code == 409
    assert house.later.started == []


def test_nobody_approves_their_own_request(rita: Any, house: Any) -> None:
    review = house.review(requested_by="cli:rita for A-1001")

    page = decides(rita, review, "approve")

    assert page.status_code == 403
    assert "You made this request yourself" in page.text
    assert house.later.started == []


def test_a_rejection_needs_a_note_and_tells_the_customer_through_the_worker(rita: Any, house: Any) -> None:
    review = house.review()
    assert decides(rita, review, "reject").status_code == 422

    decides(rita, review, "reject", note="The seals are broken on the photo.")
    house.worker_acts()

    assert review_row(house, review).state == "rejected"
    with house.store.read() as uow:
        told = talk.events_after(uow, review_row(house, review).thread_id, 0, ["review_decided"])
    assert told[0].payload["message"] == "The seals are broken on the photo."


HARBOR = Speaker("A-1001", "Harbor Mechanical", "contact:C-1001-1")


def asked_for_a_person(house: Any, speaker: Speaker = HARBOR) -> str:
    """A conversation that waits for a person, without a proposal."""
    desk = house.doors.desk
    with house.store.begin() as uow:
        thread = talk.open_thread(uow, desk.ids, speaker, channel="web").id
    return str(ask_person(desk, speaker, thread_id=thread, why="The customer asked for a person.").review_id)


@pytest.mark.parametrize("note", ["Your invoice is on its way by post.", ""])
def test_closing_what_waits_for_a_person_is_told_with_the_words_or_without(
    rita: Any, house: Any, note: str
) -> None:
    review = asked_for_a_person(house)

    page = decides(rita, review, "reject", note=note)
    house.worker_acts()

    assert f"{review}: closed, the customer is told" in page.text
    assert "Rejected" not in rita.opens(f"/desk/{review}").text
    with house.store.read() as uow:
        told = talk.events_after(uow, review_row(house, review).thread_id, 0, ["review_closed"])
    assert [one.payload["message"] for one in told] == [note]


def test_a_question_reaches_the_chat_and_the_answer_comes_back_to_the_desk(rita: Any, house: Any) -> None:
    review = house.review()
    decides(rita, review, "ask", note="Which firmware is on it?")
    waiting = review_row(house, review)
    with house.store.begin() as uow:
        reviews.record_answer(
            uow, reviews.review(uow, review, lock=True), answer="It says 2.14.", actor="contact:C-1"
        )

    page = rita.opens(f"/desk/{review}").text

    assert waiting.state == "waiting_for_customer"
    assert "Which firmware is on it?" in page
    assert "It says 2.14." in page
    assert "Customer answered" in rita.opens("/desk").text


def test_two_reviewers_on_one_page_the_second_is_told_and_nothing_is_overwritten(
    rita: Any, another: Any, house: Any
) -> None:
    review = house.review()
    another.is_staff("approver")
    version = hidden(another.opens(f"/desk/{review}"), "version")
    decides(rita, review, "ask", note="Which firmware is on it?")

    late = another.sends(f"/desk/{review}/reject", version=version, note="no")

    assert late.status_code == 409
    assert "changed" in late.text
    assert review_row(house, review).state == "waiting_for_customer"


def test_after_a_decision_the_next_case_opens(rita: Any, house: Any) -> None:
    first, second = house.review(), house.review(quantity=1)

    page = decides(rita, first, "reject", note="Not sealed.")

    assert page.url.path == f"/desk/{second}"
    assert f"{first}: rejected" in page.text


def test_a_decided_case_can_only_be_read(rita: Any, house: Any) -> None:
    review = house.review()
    decides(rita, review, "reject", note="Not sealed.")

    page = rita.opens(f"/desk/{review}")
    again = rita.sends(f"/desk/{review}/approve", version="2", command_digest="x")

    assert "Not sealed." in page.text
    assert 'id="decision"' not in page.text
    assert again.status_code == 409


def test_a_moved_calendar_shows_on_the_desk_that_a_deadline_has_passed(rita: Any, house: Any) -> None:
    house.review()
    for _ in range(8):
        house.doors.next_day(house.doors.desk.clock.now().date())

    assert re.search(r"late by [3-7] days", rita.opens("/desk").text)
