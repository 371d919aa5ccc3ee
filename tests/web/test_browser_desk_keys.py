"""The desk by keyboard alone, in a real browser."""

import pytest
from playwright.sync_api import expect

from backhaul.store import conversation as talk
from backhaul.store import reviews
from backhaul.store.conversation import Speaker
from tests.web.browser_house import ANSWER_MS, Books
from tests.web.browser_people import RITA, People
from tools.writes import ask_person

pytestmark = pytest.mark.browser

HARBOR = Speaker("A-1001", "Harbor Mechanical", "contact:C-1001-1")


def waits(books: Books) -> str:
    """A conversation that waits for a person; the id of its review."""
    with books.store.begin() as uow:
        thread = talk.open_thread(uow, books.desk.ids, HARBOR, channel="web").id
    return str(ask_person(books.desk, HARBOR, thread_id=thread, why="They asked for a person.").review_id)


def test_a_case_is_closed_with_three_keys_and_typing_is_never_a_command(books: Books, people: People) -> None:
    review = waits(books)
    page = people.member(RITA)
    page.goto(f"/desk/{review}")
    expect(page.locator("#decide")).to_be_visible()

    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    page.keyboard.type("are queue keys")
    expect(page.locator("#note-own")).to_have_value("are queue keys")
    assert page.url.endswith(f"/desk/{review}")
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    page.keyboard.press("2")
    expect(page.locator("#note-reject")).not_to_have_value("")
    expect(page.locator("#act-reject input:checked")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: f"done={review}" in url, timeout=ANSWER_MS)

    with books.store.read() as uow:
        row = reviews.review(uow, review)
    assert (row.state, row.reason) == ("rejected", "handled_elsewhere")
