"""A decision counts ten seconds after it was made, unless it is taken back; reasons, notes and hand over."""

from typing import Any

import pytest

from backhaul.domain.audit import Tag
from backhaul.domain.review_reasons import REASONS, ReviewAct
from backhaul.store import audit, desk_decisions, review_places, review_queue, reviews
from backhaul.workflows.desk_decisions import post_decisions
from backhaul.workflows.sweep import tick
from tests.web.test_desk import decides, hidden, review_row


@pytest.fixture(autouse=True)
def ten_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKHAUL_UNDO_SECONDS", "10")


@pytest.fixture
def rita(visitor: Any) -> Any:
    visitor.is_staff("reviewer")
    return visitor


def later(house: Any) -> None:
    """The seconds pass, and the worker looks."""
    house.doors.next_day(house.doors.desk.clock.now().date())
    tick(house.worker)


def given(house: Any, review: str) -> int:
    with house.store.read() as uow:
        return len(reviews.approvals(uow, reviews.review(uow, review).proposal_id))


def takes_back(visitor: Any, review: str) -> Any:
    page = visitor.opens(f"/desk/{review}")
    return visitor.sends(f"/desk/{review}/undo", version=hidden(page, "version"))


def test_nothing_comes_of_an_approval_before_its_ten_seconds_are_over(rita: Any, house: Any) -> None:
    review = house.review()
    page = decides(rita, review, "approve")
    post_decisions(house.worker)

    assert "Undo" in page.text
    assert 'data-undo="10"' in page.text or 'data-undo="9"' in page.text
    assert (given(house, review), house.later.started) == (0, [])
    assert "approved by you" in rita.opens(f"/desk/{review}").text


def test_the_worker_posts_it_when_its_time_has_come_whatever_became_of_the_doors(
    rita: Any, house: Any
) -> None:
    review = house.review()
    decides(rita, review, "approve")
    house.later.started.clear()

    later(house)
    later(house)

    assert given(house, review) == 1
    assert house.later.started == [("resume-review", f"resume-review-{review}-2", [review])]


def test_what_was_taken_back_never_counts_and_can_be_decided_again(rita: Any, house: Any) -> None:
    review = house.review()
    decides(rita, review, "reject", note="Not sealed.")

    page = takes_back(rita, review)
    later(house)

    assert "Taken back" in page.text
    assert review_row(house, review).state == "open"
    assert house.later.started == []
    decides(rita, review, "approve")
    later(house)
    assert given(house, review) == 1


def test_after_it_was_posted_it_cannot_be_taken_back(rita: Any, house: Any) -> None:
    review = house.review()
    decides(rita, review, "approve")
    version = str(review_row(house, review).version)
    later(house)

    assert rita.sends(f"/desk/{review}/undo", version=version).status_code == 409
    assert given(house, review) == 1


def test_only_who_decided_takes_it_back_and_nobody_decides_beside_them(
    rita: Any, another: Any, house: Any
) -> None:
    review = house.review()
    decides(rita, review, "approve")
    another.is_staff("approver")
    page = another.opens(f"/desk/{review}")

    assert "approved by Rita Alvarez" in page.text
    assert "Undo" not in page.text
    version = str(review_row(house, review).version)
    assert another.sends(f"/desk/{review}/undo", version=version).status_code == 403
    assert (
        another.sends(f"/desk/{review}/reject", version=version, note="no", reason="other").status_code == 409
    )


def test_a_stale_undo_is_refused(rita: Any, house: Any) -> None:
    review = house.review()
    decides(rita, review, "approve")

    assert rita.sends(f"/desk/{review}/undo", version="1").status_code == 409
    later(house)
    assert given(house, review) == 1


def test_a_case_that_changed_meanwhile_is_not_decided_unseen(rita: Any, house: Any) -> None:
    review = house.review()
    decides(rita, review, "approve")
    with house.store.begin() as uow:
        row = reviews.review(uow, review, lock=True)
        reviews.record_question(uow, row, question="Can I keep one?", actor="contact:C-1")

    later(house)

    assert given(house, review) == 0
    page = rita.opens(f"/desk/{review}").text
    assert "not carried out, because the case changed" in page
    assert 'id="approve"' in page


def test_every_act_but_a_plain_approval_needs_a_reason_of_its_list(rita: Any, house: Any) -> None:
    review = house.review()

    for act, reason in (("reject", ""), ("reject", "photo"), ("ask", "outside_policy"), ("expert", "")):
        assert decides(rita, review, act, note="because", reason=reason).status_code == 422
    decides(rita, review, "reject", note="Not sealed.", reason="condition")

    page = rita.opens(f"/desk/{review}").text
    assert "the goods cannot be taken back as they are" in page
    assert review_row(house, review).reason == "condition"
    with house.store.read() as uow:
        row = reviews.review(uow, review)
        told = audit.events(uow, chain=row.case_id, tag=Tag.REVIEW_DECIDED)
        (made,) = desk_decisions.of_review(uow, review)
    assert [one.facts["reason"] for one in told] == ["condition"]
    assert (made.act, made.reason, made.posted_at) == ("reject", "condition", None)


def test_a_text_to_begin_with_is_filled_with_the_facts_also_without_scripts(rita: Any, house: Any) -> None:
    review = house.review()

    plain = rita.opens(f"/desk/{review}").text
    page = rita.opens(f"/desk/{review}?reply=ask.photo").text

    text = "Could you send us a photo of 2 x"
    assert f'data-reply="{text}' in plain
    assert f"required>{text}" in page
    assert "SO-15093" in page.split('id="note-ask"')[1].split("</textarea>")[0]


def test_a_note_for_colleagues_is_shown_to_them_and_in_no_conversation(rita: Any, house: Any) -> None:
    review = house.review()
    rita.opens(f"/desk/{review}")

    page = rita.sends(f"/desk/{review}/notes", note="He always says so.\nAsk Arne.")

    assert "He always says so.\nAsk Arne." in page.text
    assert "Rita Alvarez" in page.text
    with house.store.read() as uow:
        row = reviews.review(uow, review)
        (told,) = audit.events(uow, chain=row.case_id, tag=Tag.NOTE_WRITTEN)
    assert "Arne" not in str(told.facts)


def test_a_case_for_an_expert_stays_open_and_the_others_come_first(rita: Any, house: Any) -> None:
    first, second = house.review(), house.review(quantity=1)

    page = decides(rita, first, "expert", note="Is 2.14 affected?", reason="technical")

    assert page.url.path == f"/desk/{second}"
    seen = rita.opens(f"/desk/{first}").text
    assert "A technical question" in seen
    assert "Is 2.14 affected?" in seen
    assert 'id="approve"' in seen


def test_no_two_reasons_of_an_act_share_their_words() -> None:
    for act in ReviewAct:
        assert len(set(REASONS[act].values())) == len(REASONS[act]) <= 9


def test_one_walks_through_the_queue_in_its_order_and_back(rita: Any, house: Any) -> None:
    made = [house.review(), house.review(quantity=1), house.review("SO-15093", 1, 2)]
    with house.store.read() as uow:
        order = [row.id for row in reviews.queue(uow, state="open")]
        walked = [review_places.beside(uow, reviews.review(uow, one)) for one in order]
        first = review_queue.next_for(uow, "ST-SOMEBODY", but="")

    assert sorted(order) == sorted(made)
    assert first is not None
    assert first.id == order[0]
    assert walked == [(None, order[1]), (order[0], order[2]), (order[1], None)]
    assert f'href="/desk/{order[1]}" rel="next"' in rita.opens(f"/desk/{order[0]}").text


def test_where_no_customer_hears_of_a_no_no_text_to_them_is_offered(rita: Any, house: Any) -> None:
    review = house.review()
    with house.store.begin() as uow:
        reviews.review(uow, review).asked_by = "ST-SOMEBODY"

    page = rita.opens(f"/desk/{review}").text

    assert "The customer is not told of it." in page
    assert "We cannot take back" not in page
    assert "Could you send us a photo" in page, "a question they do read"
