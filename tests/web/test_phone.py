"""A colleague acts for a customer on the telephone: in the customer's pages, under their own name."""

import re
from typing import Any

import pytest

from backhaul.store import audit, cases, reviews, staff
from backhaul.store import conversation as talk
from backhaul.store.tables import ThreadRow


@pytest.fixture
def rita(visitor: Any) -> Any:
    visitor.is_staff("reviewer")
    return visitor


def calls(visitor: Any, account: str = "A-1001", contact: str = "C-1001-1") -> Any:
    """Take the call, and see the chat."""
    visitor.opens("/phone")
    return visitor.sees(visitor.sends("/phone", account=account, contact=contact))


@pytest.mark.parametrize("asked", ["Harbor", "C-1001", "SO-15093"])
def test_whoever_calls_is_found(rita: Any, house: Any, asked: str) -> None:
    known = house.erp.contacts("A-1001")[0]
    asked = known.email if asked == "C-1001" else asked

    page = rita.opens(f"/phone?q={asked}").text

    assert known.name in page
    assert 'value="C-1001-1"' in page
    assert "A-1003" not in page


def test_a_call_is_held_in_the_customers_pages_and_says_whose_name_it_bears(rita: Any, house: Any) -> None:
    page = calls(rita)

    assert page.url.path == "/chat"
    assert "On the telephone for" in page.text
    thread = rita.sends("/chat", text="A seal leaks").url.path.rpartition("/")[2]
    with house.store.read() as uow:
        row = uow.session.get(ThreadRow, thread)
        (said, *_) = talk.messages(uow, thread)
        taken = [one for one in audit.events(uow) if one.tag == "staff:call:taken"]
    who = re.fullmatch(r"(staff:ST-\w+) for A-1001", row.opened_by)
    assert who is not None
    assert (row.channel, said.meta["actor"]) == ("phone", row.opened_by)
    assert [(one.actor, one.subject) for one in taken] == [(who[1], "A-1001")]


def test_what_was_said_on_the_telephone_is_that_persons_to_read_and_nobody_elses(
    rita: Any, another: Any
) -> None:
    calls(rita)
    path = rita.sends("/chat", text="A seal leaks").url.path

    seen = {}
    for contact in ("C-1001-1", "C-1001-2", "C-1003-1"):
        another.is_customer(contact)
        page = another.opens(path)
        seen[contact] = (page.status_code, "written down by a colleague" in page.text)

    assert seen == {"C-1001-1": (200, True), "C-1001-2": (404, False), "C-1003-1": (404, False)}


def test_who_asked_on_the_telephone_cannot_approve_it_and_somebody_else_can(
    rita: Any, another: Any, house: Any
) -> None:
    calls(rita)
    me = house_member(house, "rita@halden.example")
    review = house.review(requested_by=f"staff:{me} for A-1001")
    another.is_staff("approver")

    mine, theirs = rita.opens(f"/desk/{review}").text, another.opens(f"/desk/{review}").text

    assert "You made this request yourself. Somebody else has to approve it." in mine
    assert 'action="/desk/' + review + '/approve"' not in mine
    assert 'action="/desk/' + review + '/approve"' in theirs
    with house.store.read() as uow:
        row = reviews.review(uow, review)
        assert cases.proposal(uow, row.proposal_id).requested_by == f"staff:{me} for A-1001"


def house_member(house: Any, email: str) -> str:
    with house.store.read() as uow:
        row = staff.staff_by_email(uow, email)
    assert row is not None
    return row.id


def test_a_call_ends_with_the_colleagues_own_session(rita: Any) -> None:
    calls(rita)
    rita.opens("/desk")
    rita.sends("/staff/sign-out")

    assert rita.opens("/chat").url.path == "/sign-in"


def test_a_call_can_be_ended_and_its_pages_are_shut(rita: Any) -> None:
    calls(rita)
    rita.opens("/phone")

    assert rita.sends("/phone/end").url.path == "/phone"
    assert rita.opens("/chat").url.path == "/sign-in"


def test_the_cookie_of_a_call_is_of_no_use_to_anybody_else(rita: Any, another: Any) -> None:
    calls(rita)
    another.is_staff("approver")
    another.client.cookies.set("backhaul_customer", rita.client.cookies["backhaul_customer"])

    assert another.opens("/chat").url.path == "/sign-in"


def test_a_customer_and_the_dock_cannot_take_calls(visitor: Any) -> None:
    visitor.is_staff("dock")

    assert visitor.opens("/phone").status_code == 403
    assert visitor.sends("/phone", account="A-1001", contact="C-1001-1").status_code == 403
