"""What stands around a request and is none: quoted mail, a machine's operator, a wish that is not needed."""

from dataclasses import replace

import pytest

from agent.understanding.claim import PurchasedLine
from agent.understanding.dialogue import asks_for_person
from agent.understanding.plaintext import plain
from agent.understanding.references import purchase_orders
from agent.understanding.wishes import resolution_in
from backhaul.domain.codes import Resolution


def test_what_a_mail_quotes_is_not_read() -> None:
    said = (
        "Two of them.\n\nOn Tue, Oct 6 the returns desk wrote:\n> How many of the 12 bearings?\n> Thank you"
    )

    assert plain(said).text.split() == ["Two", "of", "them."]
    assert len(plain(said).text) == len(said)


def test_a_mail_that_only_quotes_is_read_whole() -> None:
    assert "bearings" in plain("> 4 bearings of SO-15086 are spare").text


@pytest.mark.parametrize(
    "said", ["operator", "operator, please", "can i talk to an operator", "i want a human"]
)
def test_a_person_is_asked_for(said: str) -> None:
    assert asks_for_person(said)


@pytest.mark.parametrize(
    "said",
    ["the operator panel is dead", "our operator says it trips", "human error, i keyed the wrong code"],
)
def test_people_of_the_customer_are_not_asked_for(said: str) -> None:
    assert not asks_for_person(said)


def test_a_wish_that_is_not_needed_is_none() -> None:
    said = "a credit please, a replacement is not necessary"

    found = resolution_in(said)

    assert found is not None
    assert found[0] is Resolution.CREDIT
    assert resolution_in("the replacement is not needed any more") is None


def test_a_purchase_order_is_found_whole(purchases: tuple[PurchasedLine, ...]) -> None:
    bought = replace(purchases[0], po_number="MVS-PO-7741")

    (found,) = purchase_orders("six of them on mvs-po-7741 are spare", [bought])

    assert (found.value, found.known) == ("MVS-PO-7741", True)
