"""A missing reason is asked for, however many pieces come back; a person sees only what was answered."""

from pathlib import Path

import pytest

from agent.understanding.offline import OfflineReader
from tests.agent.talking import LAKESIDE
from tests.house import House

pytestmark = pytest.mark.beside_browser


@pytest.mark.parametrize("pieces", [1, 3, 4, 12, 30])
@pytest.mark.parametrize(
    "words",
    [
        "return {} of the BRG-6005-2RS on SO-15082",
        "return {} of the BRG-6005-2RS from SO-15082 and credit us",
        "I'd like an RMA for {} of the bearings BRG-6005-2RS, SO-15082, replacement please",
    ],
)
def test_a_reason_that_was_not_given_is_asked_for_at_any_count(
    sqlite_house: House, words: str, pieces: int
) -> None:
    asked = sqlite_house.say(sqlite_house.thread(LAKESIDE), words.format(pieces))

    assert "What is the reason for returning" in asked.reply
    assert [(line.quantity, line.reason) for line in asked.lines] == [(pieces, "")]


@pytest.mark.parametrize(
    "words",
    [
        "return {} of the belts and credit us",
        "sending back {} of the gloves, still sealed",
        "{} of them are cracked",
    ],
)
def test_how_many_go_back_does_not_sway_why(reader_cache: Path, words: str) -> None:
    reader = OfflineReader(reader_cache)

    heard = {reader.classify(words.format(pieces)) for pieces in ("2", "3", "seven", "30")}

    assert len({(found.reason, round(found.confidence, 6)) for found in heard if found.in_scope}) == 1


def test_a_surplus_still_counts(reader_cache: Path) -> None:
    reader = OfflineReader(reader_cache)

    assert reader.classify("ordered 10 of the belts and got 12 of them").reason == "over_shipped"
