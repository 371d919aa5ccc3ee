"""A photo that is no evidence: the customer hears why and what to do, and a good one goes on at once."""

import pytest

from backhaul.store.conversation import Photo
from tests.agent.talking import LAKESIDE
from tests.house import House

ENCLOSURE = "One of the enclosures on SO-15150 arrived damaged, crushed carton. Send a new one"


def photo(house: House, content: bytes, unusable: str | None = None) -> Photo:
    return Photo(house.desk.blobs.put(content), "carton.jpg", "image/jpeg", len(content), None, unusable)


@pytest.mark.parametrize(
    ("unusable", "said"),
    [
        (
            "The same photo was already sent with another request.",
            "was already sent with another request, so it",
        ),
        ("The photo is blank.", "The photo is blank, so it cannot count"),
    ],
)
def test_a_photo_that_does_not_count_is_refused_with_the_reason_and_a_way_out(
    sqlite_house: House, unusable: str, said: str
) -> None:
    thread = sqlite_house.thread(LAKESIDE)
    sqlite_house.say(thread, ENCLOSURE)
    sqlite_house.say(thread, "yes")

    told = sqlite_house.say(thread, "here it is", photos=(photo(sqlite_house, b"seen before", unusable),))

    assert told.outcome == "ask"
    assert said in told.reply
    assert "a colleague can look at it instead" in told.reply
    assert "Please add a photo of the Wall-mount enclosure" in told.reply


def test_a_reused_photo_that_came_with_the_request_is_named_when_one_is_asked_for(
    sqlite_house: House,
) -> None:
    thread = sqlite_house.thread(LAKESIDE)
    reused = photo(sqlite_house, b"seen before", "The same photo was already sent with another request.")
    sqlite_house.say(thread, ENCLOSURE, photos=(reused,))

    told = sqlite_house.say(thread, "yes")

    assert "was already sent with another request, so it cannot count here" in told.reply
    assert "on file: 0" not in told.reply


def test_a_good_photo_after_a_refused_one_goes_on(sqlite_house: House) -> None:
    thread = sqlite_house.thread(LAKESIDE)
    sqlite_house.say(thread, ENCLOSURE)
    sqlite_house.say(thread, "yes")
    sqlite_house.say(thread, "", photos=(photo(sqlite_house, b"blank", "The photo is blank."),))

    done = sqlite_house.say(thread, "and this one?", photos=(photo(sqlite_house, b"a crushed carton"),))

    assert done.outcome in {"done", "review"}
    assert "cannot count" not in done.reply


def test_who_wants_a_person_after_a_refused_photo_gets_one(sqlite_house: House) -> None:
    thread = sqlite_house.thread(LAKESIDE)
    sqlite_house.say(thread, ENCLOSURE)
    sqlite_house.say(thread, "yes")
    sqlite_house.say(thread, "", photos=(photo(sqlite_house, b"blank", "The photo is blank."),))

    assert sqlite_house.say(thread, "I would like to talk to a person").outcome == "review"
