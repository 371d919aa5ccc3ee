import re
from typing import Any

import pytest

from backhaul.store import business_clock, review_queue, reviews
from backhaul.store import conversation as talk
from backhaul.store.conversation import Speaker
from backhaul.store.review_queue import Place, Wanted
from tools.writes import ask_person


@pytest.fixture
def rita(visitor: Any) -> Any:
    visitor.is_staff("reviewer")
    return visitor


def shown(page: Any) -> list[str]:
    return re.findall(r'<th scope="row"[^>]*><a href="/desk/([^"]+)"', page.text)


def in_tab(page: Any, title: str) -> str:
    found = re.search(rf'>{title} <span class="count">([^<]*)<', page.text)
    assert found is not None
    return found[1]


def person_asked(house: Any, account_id: str, words: str) -> str:
    """A conversation that waits for a person, with what the customer wrote."""
    desk = house.doors.desk
    contact = house.erp.contacts(account_id)[0]
    speaker = Speaker(account_id, contact.name, f"contact:{contact.contact_id}")
    with house.store.begin() as uow:
        thread = talk.open_thread(uow, desk.ids, speaker, channel="web")
        talk.add_message(uow, desk.ids, thread.id, author="customer", body=words)
        thread.handled_seq = thread.last_seq
    return str(
        ask_person(desk, speaker, thread_id=thread.id, why="The customer asked for a person.").review_id
    )


@pytest.mark.parametrize(
    "text",
    ["SO-15093", "so-15093", "KX4-50-118803", "A-1001", "harbor mech", "CANCELLED project", "canc"],
)
def test_a_case_is_found_by_its_numbers_its_customer_and_the_words(
    make_house: Any, at_the_doors_of: Any, database_url: str, text: str
) -> None:
    house = make_house(database_url)
    visitor = at_the_doors_of(house)
    visitor.is_staff("reviewer")
    review = house.review()
    person_asked(house, "A-1003", "Where is my invoice?")

    page = visitor.opens(f"/desk?q={text}")

    assert shown(page) == [review]
    assert '<strong class="num">1</strong> found' in page.text


def test_a_case_is_found_by_its_own_number_and_by_nothing_that_nobody_said(rita: Any, house: Any) -> None:
    review = house.review()

    assert shown(rita.opens(f"/desk?q={review.lower()}")) == [review]
    assert "Nothing found" in rita.opens("/desk?q=turbine").text
    assert "Nothing found" in rita.opens("/desk?q=project+turbine").text


def test_what_is_searched_for_is_shown_as_text(rita: Any, house: Any) -> None:
    house.review()

    page = rita.opens("/desk?q=<script>alert(1)</script>&account=<b>").text

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_filters_leave_what_meets_all_of_them_and_the_count_agrees(rita: Any, house: Any) -> None:
    drives, person = house.review(), person_asked(house, "A-1003", "Where is my invoice?")
    with house.store.read() as uow:
        kind, goods = reviews.review(uow, drives).kind, reviews.review(uow, drives).product_class

    assert kind.startswith("create_rma/")
    assert set(shown(rita.opens("/desk"))) == {drives, person}
    assert shown(rita.opens(f"/desk?why={kind}")) == [drives]
    assert shown(rita.opens("/desk?why=person")) == [person]
    assert shown(rita.opens(f"/desk?goods={goods}")) == [drives]
    assert shown(rita.opens("/desk?account=A-1003")) == [person]
    assert shown(rita.opens(f"/desk?account=A-1003&why={kind}")) == []
    assert '<strong class="num">1</strong> found' in rita.opens(f"/desk?goods={goods}").text


def test_mine_and_nobodys_are_told_apart_and_the_row_names_who_has_it(
    rita: Any, another: Any, house: Any
) -> None:
    mine, free = house.review(), house.review(quantity=1)
    another.is_staff("approver")
    rita.opens("/desk")
    rita.sends(f"/desk/{mine}/claim")

    assert shown(rita.opens("/desk?who=mine")) == [mine]
    assert shown(rita.opens("/desk?who=free")) == [free]
    assert shown(another.opens("/desk?who=mine")) == []
    assert "Rita Alvarez until" in another.opens("/desk").text
    assert "Yours until" in rita.opens("/desk").text


def test_what_is_late_is_found_and_what_waits_for_the_customer_is_never_late(rita: Any, house: Any) -> None:
    late, asked = house.review(), house.review(quantity=1)
    with house.store.begin() as uow:
        row = reviews.review(uow, asked, lock=True)
        reviews.ask_customer(uow, row, question="Which firmware?", user_id="ST-1")
    assert shown(rita.opens("/desk?due=late")) == []
    with house.store.begin() as uow:
        business_clock.move_clock(uow, seconds=9 * 24 * 3600, actor="test")

    assert shown(rita.opens("/desk?due=late")) == [late]
    assert shown(rita.opens("/desk?due=today")) == [late]
    assert "paused" in rita.opens("/desk?show=waiting").text


def test_the_counts_of_the_tabs_are_those_of_the_lists(rita: Any, house: Any) -> None:
    snoozed, asked, rejected, _ = (house.review(quantity=1) for _ in range(4))
    rita.opens("/desk")
    rita.sends(f"/desk/{snoozed}/snooze", until="hour")
    rita.sends(f"/desk/{asked}/ask", version="1", reason="other", note="Which firmware?")
    rita.sends(f"/desk/{rejected}/reject", version="1", reason="other", note="No.")

    page = rita.opens("/desk")

    tabs = {"To decide": "open", "Set aside": "snoozed", "With customer": "waiting", "Decided": "decided"}
    for title, place in tabs.items():
        assert in_tab(page, title) == str(len(shown(rita.opens(f"/desk?show={place}")))) == "1", title


def test_pages_follow_one_another_without_gap_or_repetition(make_house: Any, database_url: str) -> None:
    house = make_house(database_url)
    every = {house.review(quantity=1) for _ in range(5)}
    seen: list[str] = []
    with house.store.read() as uow:
        after = None
        while True:
            page = review_queue.page(uow, Wanted(""), after=after, size=2)
            seen += [row.id for row in page.rows]
            after = page.onward
            if after is None:
                break
        whole = [row.id for row in reviews.queue(uow)]

    assert seen == whole
    assert set(seen) == every
    assert page.count == 5


def test_the_decided_come_latest_first_page_by_page(rita: Any, house: Any) -> None:
    decided = [house.review(quantity=1) for _ in range(3)]
    rita.opens("/desk")
    for one in decided:
        rita.sends(f"/desk/{one}/reject", version="1", reason="other", note="No.")
    with house.store.read() as uow:
        first = review_queue.page(uow, Wanted("", Place.DECIDED), size=2)
        second = review_queue.page(uow, Wanted("", Place.DECIDED), after=first.onward, size=2)

    assert [row.id for row in (*first.rows, *second.rows)] == decided[::-1]


def test_a_cursor_that_nobody_wrote_leads_to_the_first_page(rita: Any, house: Any) -> None:
    review = house.review()

    assert shown(rita.opens("/desk?after=bm9uc2Vuc2U")) == [review]
    assert shown(rita.opens("/desk?after=%00%ff&show=nowhere&who=everybody")) == [review]


def test_the_arithmetic_of_the_place_stands_in_the_row(rita: Any, house: Any) -> None:
    house.review()

    page = rita.opens("/desk").text

    assert "make the expected loss avoided" in page
    assert "a reviewer minute" in page


def test_after_a_decision_comes_the_next_case_that_no_colleague_has(
    rita: Any, another: Any, house: Any
) -> None:
    first, taken, free = (house.review(quantity=1) for _ in range(3))
    another.is_staff("approver")
    another.opens("/desk")
    another.sends(f"/desk/{taken}/claim")
    rita.opens("/desk")

    page = rita.sends(f"/desk/{first}/reject", version="1", reason="other", note="No.")

    assert page.url.path == f"/desk/{free}"
