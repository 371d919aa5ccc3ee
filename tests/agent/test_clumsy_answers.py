"""Clumsy answers: a yes to no yes-or-no question, a wish beside the reason, a correction in passing."""

import pytest

from tests.agent.talking import DRIVES, LAKESIDE
from tests.house import House

pytestmark = pytest.mark.slow  # many ways to answer: kept out of the time of a build

FILTERS = "I want to return the FRL from SO-15157"
SPARE_FILTERS = "I want to return the FRL from SO-15157, we no longer need it"
VALVES_AND_CONTACTORS = (
    "both solenoid valves SOL-52-02-24 and 3 of the contactors CTR-012-024 from SO-14945 are no longer needed"
)


@pytest.mark.parametrize("words", ["yes", "Yes please", "ok", "sure, go ahead", "yep, correct"])
def test_a_bare_yes_to_how_many_is_asked_again_with_the_choices(sqlite_house: House, words: str) -> None:
    thread = sqlite_house.thread()
    sqlite_house.say(thread, SPARE_FILTERS)

    again = sqlite_house.say(thread, words)

    assert again.outcome == "ask"
    assert again.lines[0].quantity == 0
    assert "1 to 3" in again.reply
    assert "did not understand" not in again.reply


@pytest.mark.parametrize("words", ["yes", "ok", "that's right"])
def test_a_bare_yes_to_why_is_asked_again_with_the_choices(sqlite_house: House, words: str) -> None:
    thread = sqlite_house.thread()
    sqlite_house.say(thread, FILTERS)
    sqlite_house.say(thread, "2")

    again = sqlite_house.say(thread, words)

    assert again.outcome == "ask"
    assert again.lines[0].reason == ""
    assert "it does not work" in again.reply


@pytest.mark.parametrize(
    ("words", "wish"),
    [
        ("credit", "credit"),
        ("refund please", "credit"),
        ("just give us our money back", "credit"),
        ("send me a new one", "replacement"),
        ("I'd like a replacement", "replacement"),
        ("exchange them please", "replacement"),
    ],
)
def test_a_wish_said_to_the_question_why_is_kept_and_only_the_reason_asked_again(
    sqlite_house: House, words: str, wish: str
) -> None:
    thread = sqlite_house.thread()
    sqlite_house.say(thread, FILTERS)
    sqlite_house.say(thread, "2")

    again = sqlite_house.say(thread, words)
    shown = sqlite_house.say(thread, "they do not work, dead out of the box")

    assert again.outcome == "ask"
    assert "reason" in again.reply
    assert (again.lines[0].reason, again.lines[0].resolution, again.lines[0].quantity) == ("", wish, 2)
    assert shown.outcome == "consent"
    assert (shown.lines[0].reason, shown.lines[0].resolution, shown.lines[0].quantity) == (
        "defective",
        wish,
        2,
    )


@pytest.mark.parametrize("words", ["send me a new one", "refund please", "I want a different one"])
def test_a_wish_is_no_count(sqlite_house: House, words: str) -> None:
    thread = sqlite_house.thread()
    sqlite_house.say(thread, SPARE_FILTERS)

    again = sqlite_house.say(thread, words)

    assert again.lines[0].quantity == 0
    assert "How many" in again.reply


@pytest.mark.parametrize(
    "words",
    [
        "no wait, only one of the valves, and keep the contactors",
        "Leave out the contactors please, and make it one valve",
        "we keep the contactors, just one valve then",
        "not the contactors. 1 valve only",
    ],
)
def test_a_correction_of_two_lines_changes_one_and_drops_the_other(sqlite_house: House, words: str) -> None:
    thread = sqlite_house.thread()
    sqlite_house.say(thread, VALVES_AND_CONTACTORS)

    shown = sqlite_house.say(thread, words)

    assert shown.outcome == "consent"
    assert [(line.order_line, line.quantity) for line in shown.lines] == [("SO-14945/1", 1)]


@pytest.mark.parametrize(
    "words",
    [
        "hmm no, it should be two of the 120 V ones instead",
        "no wait, two of the 120V ones",
        "sorry, I meant 2 of the 120 V AC contactors",
        "wrong one. make that 2 of the CTR-025-120",
    ],
)
def test_another_article_of_the_order_takes_the_place_of_the_one_read_back(
    sqlite_house: House, words: str
) -> None:
    thread = sqlite_house.thread()
    sqlite_house.say(thread, "3 of the contactors CTR-025-024 from SO-15036 are no longer needed")

    shown = sqlite_house.say(thread, words)

    assert shown.outcome == "consent"
    found = [(line.order_line, line.quantity, line.reason) for line in shown.lines]
    assert found == [("SO-15036/2", 2, "no_longer_needed")]


def test_an_article_that_is_not_on_the_order_is_one_question(sqlite_house: House) -> None:
    thread = sqlite_house.thread()
    sqlite_house.say(
        thread, "2 of the contactors CTR-018-024 on SO-15122 do not work, dead on arrival. Send new ones"
    )

    asked = sqlite_house.say(thread, "hmm no, it should be two of the 120 V ones instead")

    assert asked.outcome == "ask"
    assert "Which item on SO-15122" in asked.reply
    assert asked.lines == ()


@pytest.mark.parametrize("words", ["2", "make it two", "actually just 2", "no, 2"])
def test_a_number_that_could_belong_to_either_line_is_one_question(sqlite_house: House, words: str) -> None:
    thread = sqlite_house.thread()
    sqlite_house.say(thread, "4 bearings BRG-6205-2RS and 3 belts VBT-BX54 from SO-15086, no longer needed")

    asked = sqlite_house.say(thread, words)
    shown = sqlite_house.say(thread, "the belts")

    assert asked.outcome == "ask"
    assert "Which" in asked.reply
    assert [(line.order_line, line.quantity) for line in shown.lines] == [
        ("SO-15086/1", 4),
        ("SO-15086/2", 2),
    ]
    assert shown.outcome == "consent"


@pytest.mark.parametrize(
    ("words", "pieces"),
    [("all but two", 4), ("half of them", 3), ("all except 1 of them", 5), ("both", 2), ("all of them", 6)],
)
def test_parts_of_a_line_are_counted(sqlite_house: House, words: str, pieces: int) -> None:
    thread = sqlite_house.thread()
    sqlite_house.say(thread, "the belts VBT-BX54 from SO-15086 are no longer needed")

    shown = sqlite_house.say(thread, words)

    assert [(line.order_line, line.quantity) for line in shown.lines] == [("SO-15086/2", pieces)]


def test_leaving_out_the_only_line_requests_nothing(sqlite_house: House) -> None:
    thread = sqlite_house.thread(LAKESIDE)
    sqlite_house.say(thread, "2 boxes of the screws SHC-M08-25 from SO-15129 were ordered by mistake")

    told = sqlite_house.say(thread, "leave out the screws, we keep them")

    assert told.lines == ()
    assert "Nothing" in told.reply


@pytest.mark.parametrize("words", ["all but two", "only half of them"])
def test_a_part_of_which_line_is_one_question(sqlite_house: House, words: str) -> None:
    thread = sqlite_house.thread()
    sqlite_house.say(thread, "20 bearings and 6 belts from SO-15086 not needed any more")

    asked = sqlite_house.say(thread, words)
    shown = sqlite_house.say(thread, "the belts")

    assert "Which of these do you mean?" in asked.reply
    left = 4 if "two" in words else 3
    assert [(line.order_line, line.quantity) for line in shown.lines] == [
        ("SO-15086/1", 20),
        ("SO-15086/2", left),
    ]


def test_counts_of_two_articles_and_their_parts_stay_apart(sqlite_house: House) -> None:
    thread = sqlite_house.thread()
    sqlite_house.say(thread, "belts and bearings from SO-15086, not needed")

    again = sqlite_house.say(thread, "both")
    shown = sqlite_house.say(thread, "all but two of the bearings and half of the belts")

    assert again.outcome == "ask"
    assert {(line.order_line, line.quantity) for line in shown.lines} == {
        ("SO-15086/1", 18),
        ("SO-15086/2", 3),
    }


def test_a_count_before_the_goods_is_no_size_of_theirs(sqlite_house: House) -> None:
    shown = sqlite_house.say(
        sqlite_house.thread(), "2 of the 10 contactors CTR-012-024 SO-14945 are not needed any more"
    )

    assert [(line.order_line, line.quantity) for line in shown.lines] == [("SO-14945/5", 2)]


def test_saying_what_does_not_work_drops_nothing(sqlite_house: House) -> None:
    thread = sqlite_house.thread()
    sqlite_house.say(thread, FILTERS)
    sqlite_house.say(thread, "2")

    going_on = sqlite_house.say(thread, "they do not work")

    assert going_on.lines[0].reason == "defective"


def test_an_article_that_was_never_bought_is_said_not_to_be_found(sqlite_house: House) -> None:
    answer = sqlite_house.say(sqlite_house.thread(), "I want to send back the toaster you sold us")

    assert "I do not find the toaster among your orders" in answer.reply


@pytest.mark.parametrize("words", ["why not?", "but why?", "Why is that?"])
def test_why_after_a_refusal_repeats_the_reason_and_the_clause(sqlite_house: House, words: str) -> None:
    thread = sqlite_house.thread()
    sqlite_house.say(thread, "4 solenoid valves SOL-52-02-24 from SO-14174 are no longer needed")
    sqlite_house.say(thread, "yes")

    answer = sqlite_house.say(thread, words)

    assert "clause RET-4.1" in answer.reply


@pytest.mark.parametrize("words", ["how long does that take?", "when will I hear?"])
def test_how_long_a_review_takes_is_answered_with_its_day(sqlite_house: House, words: str) -> None:
    thread = sqlite_house.thread()
    sqlite_house.say(thread, DRIVES)
    sqlite_house.say(thread, "yes")

    answer = sqlite_house.say(thread, words)

    assert "decides by" in answer.reply
    assert "sees what you just wrote" not in answer.reply


@pytest.mark.parametrize(
    "words", ["make it 1", "and the bearings: only half of them", "what about the gloves?"]
)
def test_a_remark_beside_the_question_why_is_not_taken_for_a_reason(sqlite_house: House, words: str) -> None:
    thread = sqlite_house.thread()
    sqlite_house.say(thread, "2 of the belts VBT-BX54 and 4 of the bearings BRG-6205-2RS, SO-15086")
    sqlite_house.say(thread, "hmm")

    told = sqlite_house.say(thread, words)

    assert "reason" in told.reply
    assert {line.reason for line in told.lines} == {""}


@pytest.mark.parametrize(
    "words", ["where is my parcel", "what's happening with our return?", "any news on my RMA"]
)
def test_where_something_is_gets_its_status(sqlite_house: House, words: str) -> None:
    thread = sqlite_house.thread()
    sqlite_house.say(thread, DRIVES)
    sqlite_house.say(thread, "yes")

    assert "a colleague is looking at it" in sqlite_house.say(thread, words).reply
