"""An answer counts, whatever small talk stands around it, and small talk alone answers nothing."""

import pytest

from agent import answers
from agent.state import Choice, Question
from tests.house import House

LAMPS = Question(
    "item",
    0,
    (
        Choice(
            "LED UFO high bay, 240 W, 36000 lm", "LED UFO high bay, 240 W, 36000 lm (LED-HB-240)", "SO-1/1"
        ),
        Choice(
            "LED UFO high bay, 150 W, 22500 lm", "LED UFO high bay, 150 W, 22500 lm (LED-HB-150)", "SO-1/2"
        ),
    ),
)
GLOVES = Question(
    "item",
    0,
    (
        Choice("Gloves PVC 14 in, size L, pair", "Gloves PVC 14 in, size L, pair (GLV-CHEM-L)", "SO-2/1"),
        Choice("Gloves PVC 14 in, size XL, pair", "Gloves PVC 14 in, size XL, pair (GLV-CHEM-XL)", "SO-2/2"),
    ),
)
FLUIDS = Question(
    "item",
    0,
    (
        Choice("Water-soluble cutting fluid, 1 gal jug", "Water-soluble cutting fluid (FLD-W)", "SO-3/1"),
        Choice("Hydraulic oil ISO 46, 5 gal pail", "Hydraulic oil ISO 46 (OIL-46)", "SO-3/2"),
    ),
)


@pytest.mark.parametrize(
    ("question", "said", "taken"),
    [
        (LAMPS, "the 240 watt ones", "SO-1/1"),
        (LAMPS, "It is the 150 W one. Thanks a lot for your patience.", "SO-1/2"),
        (
            GLOVES,
            "Good afternoon,\n\nin reply to your question: the gloves in size L.\n\nWith kind regards",
            "SO-2/1",
        ),
        (
            FLUIDS,
            "Everything is upside down here, but I looked it up: the cutting fluid. That is all.",
            "SO-3/1",
        ),
        (LAMPS, "not the 240 watt ones", None),
        (LAMPS, "both, the 240 and the 150", None),
        (LAMPS, "the high bays", None),
        (FLUIDS, "I asked around here, because it was not me who unpacked it.", None),
    ],
)
def test_an_article_is_taken_by_what_tells_it_from_the_others(
    question: Question, said: str, taken: str | None
) -> None:
    choice = answers.choice_taken(question, said)

    assert (choice.value if choice else None) == taken


@pytest.mark.parametrize(
    "said",
    ["Sure! Looks right to me, send it off. Thanks a lot for your patience.", "Looks good to us, go ahead"],
)
def test_a_friendly_yes_is_a_yes(said: str) -> None:
    assert answers.is_yes(said)


@pytest.mark.parametrize(
    "said", ["Thank you for looking into this!", "Much appreciated.", "yes, but only two"]
)
def test_thanks_alone_and_a_change_are_no_yes(said: str) -> None:
    assert not answers.is_yes(said)


def test_who_looks_something_up_is_given_time(sqlite_house: House) -> None:
    thread = sqlite_house.thread()
    asked = sqlite_house.say(thread, "4 of the bearings BRG-6205-2RS from SO-15086 are no longer needed.")
    assert asked.outcome == "consent"

    waiting = sqlite_house.say(thread, "One moment, I have to look.")

    assert waiting.reply.startswith("Take your time.")
    assert waiting.outcome == "consent"


def test_thanks_for_patience_name_no_goods(sqlite_house: House) -> None:
    thread = sqlite_house.thread()
    sqlite_house.say(thread, "4 of the bearings BRG-6205-2RS from SO-15086 are no longer needed.")

    shown = sqlite_house.say(thread, "Make it six, and thanks for the patience.")

    assert [(line.order_line, line.quantity) for line in shown.lines] == [("SO-15086/1", 6)]


def test_who_gives_one_serial_twice_sends_one_back(sqlite_house: House) -> None:
    thread = sqlite_house.thread()
    sqlite_house.say(
        thread, "2 of the drives DRV-5000-480 on SO-15093 are no longer needed, credit. KX4-50-118803."
    )

    again = sqlite_house.say(thread, "KX4-50-118803. Much appreciated.")

    assert again.outcome == "consent", again.reply
    assert [line.quantity for line in again.lines] == [1]


def test_a_mistake_told_when_asked_what_arrived_is_the_reason(sqlite_house: House) -> None:
    thread = sqlite_house.thread()
    sqlite_house.say(thread, "I want to return 4 of the bearings BRG-6205-2RS from SO-15086. Credit.")
    asked = sqlite_house.say(thread, "the wrong item came")
    assert "What arrived instead" in asked.reply

    shown = sqlite_house.say(thread, "You sent exactly what I ordered. We ordered them by mistake.")

    assert shown.outcome == "consent", shown.reply
    assert shown.lines[0].reason == "ordered_by_mistake"


@pytest.mark.parametrize(
    "said", ["the job was called off by our customer", "the order got cancelled, so we have no use for them"]
)
def test_what_others_called_off_is_a_reason_and_no_wish(said: str) -> None:
    assert not answers.calls_off(said)


@pytest.mark.parametrize(
    "said", ["please call the return off", "cancel the return", "we want to call it off"]
)
def test_a_return_is_called_off(said: str) -> None:
    assert answers.calls_off(said)


def test_two_plates_that_nobody_can_read_are_no_two_pieces(sqlite_house: House) -> None:
    thread = sqlite_house.thread()
    asked = sqlite_house.say(thread, "one of the drives DRV-5000-480 on SO-15093 is no longer needed, credit")
    assert "serial number" in asked.reply

    again = sqlite_house.say(thread, "I can't tell you, somebody painted over both plates")

    assert again.outcome == "ask"
    assert [line.quantity for line in again.lines] == [1]


def test_what_arrived_named_again_at_the_read_back_changes_nothing(sqlite_house: House) -> None:
    thread = sqlite_house.thread()
    shown = sqlite_house.say(
        thread,
        "2 of the 6 contactors from SO-15122 are the wrong item: I ordered CTR-018-024, CTR-018-120 arrived. "
        "Please replace them.",
    )
    assert shown.outcome == "consent", shown.reply

    again = sqlite_house.say(thread, "CTR-018-120")

    assert again.outcome == "consent", again.reply
    assert sqlite_house.say(thread, "yes, go ahead").outcome != "consent"


@pytest.mark.parametrize(
    "said", ["you sent a bigger one by mistake", "this is not our mistake", "a size 12 came"]
)
def test_a_mistake_of_ours_is_no_denial_of_a_wrong_item(said: str) -> None:
    assert not answers.denies_wrong_item(said)
