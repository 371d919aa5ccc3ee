"""A count taken back at the read-back: of the line that is named, and never more than there is."""

import pytest

from tests.agent.talking import LAKESIDE
from tests.house import House

pytestmark = pytest.mark.slow  # many ways to count: kept out of the time of a build

TWO_LINES = "2 of the belts VBT-BX54 and 4 of the bearings BRG-6205-2RS from SO-15086 are no longer needed"


def counts(house: House, thread: str, words: str) -> dict[str, int]:
    shown = house.say(thread, words)
    assert shown.outcome == "consent", shown.reply
    return {line.order_line: line.quantity for line in shown.lines}


@pytest.mark.parametrize(
    "words",
    [
        "make it 10 bearings",
        "change the bearings to 10",
        "10 bearings please",
        "the bearings should be 10, not 4",
        "10 of the bearings",
        "please correct the ball bearings down to ten",
    ],
)
def test_only_the_line_that_is_named_gets_another_count(sqlite_house: House, words: str) -> None:
    thread = sqlite_house.thread()
    sqlite_house.say(thread, TWO_LINES)

    assert counts(sqlite_house, thread, words) == {"SO-15086/2": 2, "SO-15086/1": 10}


@pytest.mark.parametrize("words", ["9 belts please", "make that nine belts", "change the belts to 9"])
def test_more_than_can_come_back_is_said_and_asked_for(sqlite_house: House, words: str) -> None:
    thread = sqlite_house.thread()
    sqlite_house.say(thread, TWO_LINES)

    asked = sqlite_house.say(thread, words)

    assert "I see 6 of the Classical V-belt BX54 on SO-15086 that can still come back, not 9" in asked.reply
    assert counts(sqlite_house, thread, "5") == {"SO-15086/2": 5, "SO-15086/1": 4}


def test_a_count_is_taken_back_while_something_else_is_asked(sqlite_house: House) -> None:
    thread = sqlite_house.thread(LAKESIDE)
    sqlite_house.say(
        thread, "2 of the sensors PRX-12-04P and one panel HMI-15-A on SO-15100 are no longer needed"
    )

    asked = sqlite_house.say(thread, "4 sensors please")

    assert "serial number" in asked.reply
    assert [(line.order_line, line.quantity) for line in asked.lines] == [
        ("SO-15100/1", 4),
        ("SO-15100/2", 1),
    ]


@pytest.mark.parametrize(
    "words",
    [
        "how many belts did we buy?",
        "4 bearings is what we use in a day, do you sell grease?",
        "is 10 kg too heavy for one parcel?",
    ],
)
def test_a_question_with_a_number_in_it_changes_nothing(sqlite_house: House, words: str) -> None:
    thread = sqlite_house.thread()
    sqlite_house.say(thread, TWO_LINES)

    assert counts(sqlite_house, thread, words) == {"SO-15086/2": 2, "SO-15086/1": 4}
