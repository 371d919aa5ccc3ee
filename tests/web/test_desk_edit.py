"""A change to a request is weighed by the policy of today as it is typed, and asked for before it counts."""

from typing import Any

import pytest

from backhaul.store import cases, reviews
from tests.web.test_desk import hidden


@pytest.fixture
def rita(visitor: Any) -> Any:
    visitor.is_staff("reviewer")
    return visitor


def tried(
    visitor: Any, review: str, quantity: int, reason: str = "no_longer_needed", wish: str = "credit"
) -> str:
    address = f"/desk/{review}/edit/verdict?quantity={quantity}&reason={reason}&resolution={wish}"
    return str(visitor.opens(address).text)


def test_fewer_pieces_are_permitted_where_more_need_a_person(rita: Any, house: Any) -> None:
    review = house.review("SO-15093", 1, 2)

    as_asked, fewer = tried(rita, review, 2), tried(rita, review, 1, "no_longer_needed")

    assert "Needs a person" in as_asked
    assert "with one approval" in as_asked
    assert "$9,000.00" in as_asked
    assert "Do you agree" not in as_asked, "that is what the customer has agreed to"
    assert "$4,500.00" in fewer
    assert "We could take back 1 x" in fewer


def test_a_change_is_put_to_the_customer_and_nothing_else_becomes_of_it(rita: Any, house: Any) -> None:
    review = house.review()
    page = rita.opens(f"/desk/{review}/edit?quantity=1")
    with house.store.read() as uow:
        before = cases.proposal(uow, reviews.review(uow, review).proposal_id).quantity

    rita.sends(
        f"/desk/{review}/ask", version=hidden(page, "version"), reason="change", note="Would 1 piece do?"
    )

    with house.store.read() as uow:
        row = reviews.review(uow, review)
        assert (row.state, row.question, row.reason) == (
            "waiting_for_customer",
            "Would 1 piece do?",
            "change",
        )
        assert cases.proposal(uow, row.proposal_id).quantity == before == 2


def test_more_than_was_shipped_is_refused_with_the_rule_in_words(rita: Any, house: Any) -> None:
    page = tried(rita, house.review(), 9_999)

    assert "Denied" in page
    assert "rule-failed" in page
