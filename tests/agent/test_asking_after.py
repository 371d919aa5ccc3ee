"""Asking after one return among several: its state, its label, and nobody else's."""

import pytest

from backhaul.store import cases, rmas
from tests.agent.talking import BEARINGS, BELTS, LAKESIDE, issued
from tests.house import House

pytestmark = pytest.mark.slow  # many ways to ask: kept out of the time of a build

SCREWS = "2 boxes of the screws SHC-M08-25 from SO-15129 were ordered by mistake, unopened. Credit please."


def tracking_of(house: House, thread_id: str) -> str:
    """Tracking number of the one label of a conversation."""
    with house.store.read() as uow:
        (case,) = cases.cases_of_thread(uow, thread_id)
        (row,) = rmas.rmas_of_case(uow, case.id)
        label = rmas.live_label(uow, row.id)
        assert label is not None
        return label.tracking_number


@pytest.mark.parametrize(
    "words",
    [
        "Please send me the label for {number} again",
        "label for {number} please",
        "I lost the label of {number}",
        "can I get the {number} label once more?",
        "reprint label rma no. {digits}",
        "we cannot find the label for return number {digits} any more",
        "Could you e-mail me the label for {digits} again?",
        "label for {digits}",
    ],
)
def test_the_label_of_the_named_return_is_handed_out_and_no_other(sqlite_house: House, words: str) -> None:
    first, number = issued(sqlite_house, BEARINGS)
    issued(sqlite_house, BELTS)
    said = words.format(number=number, digits=number.removeprefix("RMA-"))

    given = sqlite_house.say(sqlite_house.thread(), said)

    assert given.outcome == "done"
    assert f"label for {number} (4 x Deep groove ball bearing" in given.reply
    assert [label.tracking_number for label in given.labels] == [tracking_of(sqlite_house, first)]


@pytest.mark.parametrize(
    "words",
    [
        "status of {number}",
        "where is {number}",
        "What is happening with {number}?",
        "{number}",
        "any news on rma {digits}?",
        "has {number} arrived yet",
        "how is return no. {digits} coming along?",
    ],
)
def test_the_named_return_is_told_and_no_other(sqlite_house: House, words: str) -> None:
    _, number = issued(sqlite_house, BEARINGS)
    _, other = issued(sqlite_house, BELTS)
    said = words.format(number=number, digits=number.removeprefix("RMA-"))

    told = sqlite_house.say(sqlite_house.thread(), said)

    assert f"{number} (4 x Deep groove ball bearing" in told.reply
    assert other not in told.reply


@pytest.mark.parametrize(
    "words",
    [
        "Please send me the label for {number} again",
        "label for {number} please",
        "status of {number}",
        "where is {number}?",
    ],
)
def test_a_return_of_another_account_is_answered_like_one_that_never_was(
    sqlite_house: House, words: str
) -> None:
    issued(sqlite_house, BEARINGS)
    _, theirs = issued(sqlite_house, SCREWS, sqlite_house.thread(LAKESIDE))

    answer = sqlite_house.say(sqlite_house.thread(), words.format(number=theirs))
    none = sqlite_house.say(sqlite_house.thread(), words.format(number="RMA-99999"))

    assert f"I see no {theirs} on your account" in answer.reply
    assert answer.labels == ()
    assert answer.reply.replace(theirs, "RMA-X") == none.reply.replace("RMA-99999", "RMA-X")


def test_goods_or_part_number_say_whose_label_is_wanted(sqlite_house: House) -> None:
    _, bearings = issued(sqlite_house, BEARINGS)
    _, belts = issued(sqlite_house, BELTS)

    by_goods = sqlite_house.say(sqlite_house.thread(), "I lost the label for the bearings")
    by_part = sqlite_house.say(sqlite_house.thread(), "where is my return of the VBT-BX54?")

    assert bearings in by_goods.reply
    assert belts not in by_goods.reply
    assert belts in by_part.reply
    assert bearings not in by_part.reply


def test_which_label_is_asked_when_nothing_tells(sqlite_house: House) -> None:
    _, bearings = issued(sqlite_house, BEARINGS)
    _, belts = issued(sqlite_house, BELTS)
    thread = sqlite_house.thread()

    which = sqlite_house.say(thread, "I lost my label, please send it again")
    given = sqlite_house.say(thread, "the bearings")

    assert which.outcome == "ask"
    assert bearings in which.reply
    assert belts in which.reply
    assert which.labels == ()
    assert [label.rma for label in given.labels] == [bearings]


def test_a_label_asked_for_beside_a_request_leaves_the_request_open(sqlite_house: House) -> None:
    _, number = issued(sqlite_house, BEARINGS)
    thread = sqlite_house.thread()
    sqlite_house.say(thread, "2 of the belts VBT-BX54 from SO-15086")

    given = sqlite_house.say(thread, f"label for {number} please")
    shown = sqlite_house.say(thread, "no longer needed, unopened, credit")

    assert [label.rma for label in given.labels] == [number]
    assert "What is the reason" in given.reply
    assert [(line.order_line, line.quantity) for line in shown.lines] == [("SO-15086/2", 2)]
    assert shown.outcome == "consent"


def test_a_cancelled_return_needs_no_label(sqlite_house: House) -> None:
    thread, number = issued(sqlite_house, BEARINGS)
    sqlite_house.say(thread, "please cancel my RMA")
    sqlite_house.say(thread, "yes")

    told = sqlite_house.say(sqlite_house.thread(), f"send me the label for {number} again")

    assert f"{number} (4 x Deep groove ball bearing" in told.reply
    assert "is cancelled" in told.reply
    assert "needs no label any more" in told.reply
    assert told.labels == ()
