"""The customer's own purchase order number finds the order as our number does, in any spelling."""

import pytest

from tests.agent.talking import LAKESIDE
from tests.house import SPEAKER, House


@pytest.mark.parametrize(
    "words",
    [
        "2 of the cylinders on PO 605493 are not needed any more",
        "po605493: 2 cylinders not needed",
        "P.O. no. 605493, we no longer need 2 of the air cylinders",
        "purchase order number 605493, 2 cylinders surplus to us, no longer needed",
        "Two of the cylinders from our order 605493 are no longer needed",
    ],
)
def test_a_po_number_finds_the_order_in_any_spelling(sqlite_house: House, words: str) -> None:
    shown = sqlite_house.say(sqlite_house.thread(LAKESIDE), words)

    assert [(line.order_line, line.quantity) for line in shown.lines] == [("SO-14807/5", 2)]


def test_a_bare_po_number_answers_which_order_it_is(sqlite_house: House) -> None:
    thread = sqlite_house.thread(LAKESIDE)
    sqlite_house.say(thread, "2 relays do not work")

    shown = sqlite_house.say(thread, "605538")

    assert [line.order_line for line in shown.lines] == ["SO-15046/4"]


def test_a_po_number_alone_asks_which_of_its_items(sqlite_house: House) -> None:
    asked = sqlite_house.say(sqlite_house.thread(LAKESIDE), "I want to return something from PO 605553")

    assert "Which item on PO 605553 is it?" in asked.reply
    assert "Compact air cylinder, 50 mm bore" in asked.reply


@pytest.mark.parametrize("words", ["2 cylinders on PO 605999, not needed", "the cylinders of PO 60549"])
def test_a_po_number_that_nobody_used_is_said_not_to_be_found(sqlite_house: House, words: str) -> None:
    answer = sqlite_house.say(sqlite_house.thread(LAKESIDE), words)

    assert "I cannot find 605" in answer.reply
    assert answer.lines == ()


def test_the_po_number_of_another_account_finds_nothing(sqlite_house: House) -> None:
    answer = sqlite_house.say(sqlite_house.thread(SPEAKER), "2 cylinders on PO 605493, not needed")

    assert "I cannot find 605493" in answer.reply
    assert answer.lines == ()
