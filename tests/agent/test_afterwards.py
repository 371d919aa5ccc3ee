"""No dead end once something is decided: no photo to give, the wish again, a refusal that is not accepted."""

import pytest

from backhaul.store import reviews
from tests.agent.talking import BEARINGS, LAKESIDE, issued
from tests.house import House

pytestmark = pytest.mark.slow  # many ways to go on: kept out of the time of a build

ENCLOSURE = "One of the enclosures on SO-15150 arrived damaged, crushed carton. Send a new one"
VALVES = "4 solenoid valves SOL-52-02-24 from SO-14174 are no longer needed"
CONTACTORS = "You sent us two CTR-018-120 instead of CTR-018-024 on SO-15122. Swap them please"


def asked_for_photo(house: House) -> str:
    thread = house.thread(LAKESIDE)
    house.say(thread, ENCLOSURE)
    asked = house.say(thread, "yes")
    assert "photo" in asked.reply
    return thread


def refused(house: House) -> str:
    thread = house.thread()
    house.say(thread, VALVES)
    assert house.say(thread, "yes").outcome == "denied"
    return thread


def waiting_for_a_person(house: House, thread: str) -> list[str]:
    with house.store.read() as uow:
        return [row.why for row in reviews.open_reviews_of_thread(uow, thread)]


@pytest.mark.parametrize(
    "words",
    [
        "I have no camera, sorry",
        "my phone is broken so I can't take pictures",
        "We don't have a camera on site",
        "not possible, sorry",
        "there's no way to take photos in our plant",
        "I can't",
    ],
)
def test_who_has_no_photo_goes_on_to_a_person_who_is_told_so(sqlite_house: House, words: str) -> None:
    thread = asked_for_photo(sqlite_house)

    told = sqlite_house.say(thread, words)

    assert told.outcome == "review"
    assert "no photo of the Wall-mount enclosure" in told.reply
    assert any("cannot give the photo" in why for why in waiting_for_a_person(sqlite_house, thread))


@pytest.mark.parametrize(
    "words",
    ["I will take a photo tomorrow, no time today", "do I really need no photo of the box?", "which photo?"],
)
def test_a_photo_to_come_or_a_question_about_it_is_no_reason_for_a_person(
    sqlite_house: House, words: str
) -> None:
    thread = asked_for_photo(sqlite_house)

    told = sqlite_house.say(thread, words)

    assert "Please add a photo" in told.reply
    assert waiting_for_a_person(sqlite_house, thread) == []


@pytest.mark.parametrize(
    "words", ["and the replacement?", "so what about the new ones?", "replacement please"]
)
def test_the_replacement_asked_after_is_told_with_its_order(sqlite_house: House, words: str) -> None:
    thread, number = issued(sqlite_house, CONTACTORS)

    told = sqlite_house.say(thread, words)

    assert number in told.reply
    assert "2 x CTR-018-024 on SO-" in told.reply
    assert "Which order" not in told.reply


@pytest.mark.parametrize("words", ["credit", "what about our refund?", "and the money back"])
def test_the_credit_asked_after_is_told_when_it_comes(sqlite_house: House, words: str) -> None:
    thread, number = issued(sqlite_house, BEARINGS)

    told = sqlite_house.say(thread, words)

    assert number in told.reply
    assert "A credit is posted after our warehouse has received" in told.reply


def test_another_wish_than_was_agreed_is_for_a_person(sqlite_house: House) -> None:
    thread, _ = issued(sqlite_house, CONTACTORS)

    told = sqlite_house.say(thread, "can I get a refund instead?")

    assert "It was agreed with a replacement" in told.reply
    assert "A colleague can look at it" in told.reply


def test_a_wish_in_a_fresh_conversation_begins_a_request(sqlite_house: House) -> None:
    asked = sqlite_house.say(sqlite_house.thread(), "we want a refund")

    assert "Which order is it from?" in asked.reply


def test_another_return_after_the_first_one_is_taken_down(sqlite_house: House) -> None:
    thread, _ = issued(sqlite_house, CONTACTORS)

    shown = sqlite_house.say(thread, BEARINGS)

    assert [line.order_line for line in shown.lines] == ["SO-15086/1"]


@pytest.mark.parametrize(
    "words",
    [
        "why not? can you make an exception?",
        "Could you please make an exception this time",
        "That's not fair, we buy from you every week",
        "please reconsider",
        "Is there anything else you can do for us?",
    ],
)
def test_who_does_not_accept_a_refusal_hears_the_clause_and_gets_a_person_with_a_yes(
    sqlite_house: House, words: str
) -> None:
    thread = refused(sqlite_house)

    offered = sqlite_house.say(thread, words)
    before = waiting_for_a_person(sqlite_house, thread)
    told = sqlite_house.say(thread, "yes please")

    assert offered.reply.count("clause RET-4.1") == 1
    assert "Shall I ask one for you?" in offered.reply
    assert before == []
    assert told.outcome == "review"
    assert waiting_for_a_person(sqlite_house, thread) == [
        "The customer asks for an exception from a refusal."
    ]


def test_a_no_to_the_offer_leaves_it_at_the_refusal(sqlite_house: House) -> None:
    thread = refused(sqlite_house)
    sqlite_house.say(thread, "can you make an exception?")

    told = sqlite_house.say(thread, "no, thanks")

    assert "everything stays as it is" in told.reply
    assert waiting_for_a_person(sqlite_house, thread) == []


def test_an_exception_among_the_goods_is_none_from_the_rules(sqlite_house: House) -> None:
    thread = refused(sqlite_house)

    shown = sqlite_house.say(
        thread, "With the exception of the belts, SO-15086 goes back: 4 bearings, not needed"
    )

    assert "Shall I ask one for you?" not in shown.reply
