"""Conversations that once went wrong: what is left out, how many, which order, and which wish for what."""

import pytest

from agent.apart import apart
from agent.tidy import tidied
from agent.understanding.claim import Act, Claim, ClaimLine, Span
from backhaul.domain.codes import Reason
from backhaul.store import reviews
from tests.house import House

pytestmark = pytest.mark.slow  # many ways to say it: kept out of the time of a build

BELTS_AND_BEARINGS = (
    "2 of the belts VBT-BX54 and 4 of the bearings BRG-6205-2RS from SO-15086 are no longer needed, credit"
)
TOO_MANY = "9 of the belts VBT-BX54 from SO-15086 are no longer needed"


@pytest.mark.parametrize(
    "words",
    [
        "No, that is not right. I want to send back 2 x VBT-BX54 from SO-15086, nothing else.",
        "just the belts, nothing else",
        "only the belts please",
        "Actually leave the bearings out, Andre wants to keep them.",
        "do not send the bearings back",
    ],
)
def test_what_is_excluded_at_the_read_back_is_dropped(sqlite_house: House, words: str) -> None:
    thread = sqlite_house.thread()
    sqlite_house.say(thread, BELTS_AND_BEARINGS)

    shown = sqlite_house.say(thread, words)

    assert shown.outcome == "consent"
    assert [(line.order_line, line.quantity) for line in shown.lines] == [("SO-15086/2", 2)]


def test_a_count_for_one_of_two_articles_drops_neither(sqlite_house: House) -> None:
    thread = sqlite_house.thread()
    sqlite_house.say(thread, BELTS_AND_BEARINGS)

    shown = sqlite_house.say(thread, "only 1 of the belts")

    assert [(line.order_line, line.quantity) for line in shown.lines] == [
        ("SO-15086/2", 1),
        ("SO-15086/1", 4),
    ]


def test_what_stays_from_the_first_was_never_asked_for(sqlite_house: House) -> None:
    shown = sqlite_house.say(
        sqlite_house.thread(),
        "4 of the bearings BRG-6205-2RS from SO-15086 are no longer needed, credit. "
        "Don't send the belts back.",
    )

    assert [(line.order_line, line.quantity) for line in shown.lines] == [("SO-15086/1", 4)]


def test_who_insists_on_too_many_is_offered_the_most(sqlite_house: House) -> None:
    thread = sqlite_house.thread()
    first = sqlite_house.say(thread, TOO_MANY)
    second = sqlite_house.say(thread, "nine, as I said")

    shown = sqlite_house.say(thread, "yes")

    assert "not 9" in first.reply
    assert "Shall I put down" in second.reply
    assert "colleague" in second.reply
    assert shown.outcome == "consent"
    assert f"{shown.lines[0].quantity} is the most" in second.reply


def test_who_goes_on_insisting_gets_a_person(sqlite_house: House) -> None:
    thread = sqlite_house.thread()
    for words in (TOO_MANY, "nine belts", "nine I said"):
        sqlite_house.say(thread, words)

    handed_over = sqlite_house.say(thread, "nine")

    assert handed_over.outcome == "review"
    with sqlite_house.store.read() as uow:
        (waiting,) = reviews.open_reviews_of_thread(uow, thread)
    assert "how many pieces come back" in waiting.why


def test_two_wishes_go_to_the_goods_they_were_said_of(sqlite_house: House) -> None:
    thread = sqlite_house.thread()
    sqlite_house.say(thread, "2 belts VBT-BX54 and 4 bearings BRG-6205-2RS from SO-15086 do not work")

    shown = sqlite_house.say(thread, "credit for the belts, replacement for the bearings")

    assert {(line.order_line, line.resolution) for line in shown.lines} == {
        ("SO-15086/2", "credit"),
        ("SO-15086/1", "replacement"),
    }


@pytest.mark.parametrize(
    "words",
    [
        "2 of the DBT-SDS-012 from SO-14922 and 1 from SO-14239 are no longer needed, credit",
        "no longer needed, credit please: DBT-SDS-012, 2 pieces from SO-14922 and 1 piece from SO-14239",
    ],
)
def test_one_article_from_two_orders_is_two_lines(sqlite_house: House, words: str) -> None:
    shown = sqlite_house.say(sqlite_house.thread(), words)

    assert {(line.order_line, line.quantity) for line in shown.lines} == {
        ("SO-14922/1", 2),
        ("SO-14239/1", 1),
    }


def test_serials_of_two_orders_are_two_lines_and_no_order_is_asked_for(sqlite_house: House) -> None:
    told = sqlite_house.say(
        sqlite_house.thread(),
        "Both gear reducers AG12607-0017 and AG12607-0007 have failed under warranty, please replace them",
    )

    assert "order" not in told.reply.partition("This is what I have")[0]
    assert {(line.order_line, line.quantity) for line in told.lines} == {("SO-13674/1", 1), ("SO-13613/3", 1)}


@pytest.mark.parametrize(
    "words",
    [
        "We put 14 of the 20 BRG-6205-2RS of SO-15086 to work, the last are the wrong size. Return those 6.",
        "BRG-6205-2RS on SO-15086: 14 of the 20 we use, the rest is the wrong size. Take those six back.",
    ],
)
def test_of_several_numbers_the_one_that_comes_back_counts(sqlite_house: House, words: str) -> None:
    shown = sqlite_house.say(sqlite_house.thread(), words)

    assert [(line.order_line, line.quantity) for line in shown.lines] == [("SO-15086/1", 6)]


@pytest.mark.parametrize("words", ["that is what it says", "That's what the guys told me."])
def test_a_remark_at_the_read_back_changes_nothing_of_it(sqlite_house: House, words: str) -> None:
    thread = sqlite_house.thread()
    before = sqlite_house.say(thread, BELTS_AND_BEARINGS)

    after = sqlite_house.say(thread, words)

    assert after.outcome == "consent"
    assert after.lines == before.lines


def test_three_dots_are_no_answer(sqlite_house: House) -> None:
    thread = sqlite_house.thread()
    sqlite_house.say(thread, "Two of the contactors on SO-15122 are the wrong item, send the right ones.")

    asked = sqlite_house.say(thread, "...")

    assert asked.outcome == "ask"
    assert "Take your time" in asked.reply
    assert "arrived instead" in asked.reply


def test_goods_that_are_only_talked_about_are_not_asked_for() -> None:
    text = "Ten cartridges of grease are bad, oil on top and a brick below."
    grease = ClaimLine(item_words="grease", quantity=10, reason=Reason.DEFECTIVE, reason_confidence=0.94)
    at = text.index("oil")
    oil = ClaimLine(
        item_words="oil",
        reason=Reason.LATE_OR_MISSING,
        reason_confidence=0.49,
        spans={"item_words": (Span(at, at + 3),)},
    )

    found = tidied(claim(grease, oil), (), text)

    assert found.lines == (grease,)


def test_goods_that_are_named_after_and_are_meant() -> None:
    text = "Ten cartridges of grease are bad and the oil acts up."
    grease = ClaimLine(item_words="grease", quantity=10, reason=Reason.DEFECTIVE, reason_confidence=0.94)
    at = text.index("oil")
    oil = ClaimLine(item_words="oil", spans={"item_words": (Span(at, at + 3),)})

    assert len(apart(tidied(claim(grease, oil), (), text), text, ()).lines) == 2


def claim(*lines: ClaimLine) -> Claim:
    """A request with these mentions."""
    return Claim(
        act=Act.RETURN_REQUEST,
        in_scope=True,
        scope_confidence=1.0,
        lines=lines,
        order_refs=(),
        wants_person=False,
        injection_suspected=False,
        language="en",
        text_digest="",
        reader="test",
    )
