"""A picture that was sent for two cases is shown on the desk with the other case."""

from typing import Any

import pytest

from backhaul.store import conversation as talk
from backhaul.store import reviews
from backhaul.store.conversation import Photo, Speaker
from tests.web.test_chat import as_file, carton
from tests.web.test_desk import asked_for_a_person
from web.photos import keep

PRAIRIE = Speaker("A-1002", "Prairie State Conveyor", "contact:C-1002-1")


def carries(house: Any, thread: str, picture: bytes) -> None:
    """The picture came with a message of that conversation, through the door that checks it."""
    photo: Photo = keep(house.doors.desk, thread, "carton.jpg", picture)
    with house.store.begin() as uow:
        talk.add_message(
            uow, house.doors.desk.ids, thread, author="customer", body="Here it is", photos=[photo]
        )


def thread_of(house: Any, review: str) -> tuple[str, str]:
    """Conversation and case of a review."""
    with house.store.read() as uow:
        row = reviews.review(uow, review)
        return row.thread_id, row.case_id


@pytest.fixture
def rita(visitor: Any) -> Any:
    visitor.is_staff("reviewer")
    return visitor


def test_each_of_two_cases_names_the_other_one_and_whose_it_is(rita: Any, house: Any) -> None:
    first, second = house.review(), asked_for_a_person(house, PRAIRIE)
    one, other = thread_of(house, first), thread_of(house, second)
    for thread, _ in (one, other):
        carries(house, thread, as_file(carton()))

    page, before = rita.opens(f"/desk/{second}").text, rita.opens(f"/desk/{first}").text
    assert "The same photo was already sent with another request." in page
    assert f'href="/desk/{first}">{one[1]}</a> of Harbor Mechanical' in page
    assert f'href="/desk/{second}">{other[1]}</a> of Prairie State Conveyor' in before


def test_a_picture_in_a_conversation_without_a_case_is_named_by_the_conversation(
    rita: Any, house: Any
) -> None:
    review = house.review()
    thread, _ = thread_of(house, review)
    with house.store.begin() as uow:
        lone = talk.open_thread(
            uow, house.doors.desk.ids, Speaker("A-1003", "Somebody", "contact:C-1003-1"), channel="web"
        ).id
    for one in (lone, thread):
        carries(house, one, as_file(carton()))

    assert f'<span class="num">{lone}</span>' in rita.opens(f"/desk/{review}").text


def test_a_picture_that_was_sent_twice_in_one_conversation_is_no_other_case(rita: Any, house: Any) -> None:
    review, another = house.review(), house.review(quantity=1)
    thread, _ = thread_of(house, review)
    carries(house, thread, as_file(carton()))
    carries(house, thread, as_file(carton()))
    carries(house, thread_of(house, another)[0], as_file(carton("navy")))

    assert "The same picture is in" not in rita.opens(f"/desk/{review}").text
