"""A wrong item told in one sentence: both sides, the pieces and the reason stand in the read-back."""

import pytest

from tests.house import House

pytestmark = pytest.mark.slow  # many ways to say it: kept out of the time of a build


@pytest.mark.parametrize(
    ("words", "order_line", "pieces", "came"),
    [
        (
            "two pieces came as CTR-018-120 although we bought CTR-018-024, SO-15122. Send the right ones",
            "SO-15122/1",
            2,
            "CTR-018-120",
        ),
        (
            "You sent us two CTR-018-120 instead of CTR-018-024 on SO-15122. Swap please",
            "SO-15122/1",
            2,
            "CTR-018-120",
        ),
        (
            "SO-15122: box had three CTR-018-120. We ordered CTR-018-024, replace them please",
            "SO-15122/1",
            3,
            "CTR-018-120",
        ),
        (
            "both contactors CTR-032-024 from SO-15036 came as the 120 V type CTR-032-120, need replacements",
            "SO-15036/3",
            2,
            "CTR-032-120",
        ),
        (
            "SO-15086: we unpacked 4 BRG-6204-2RS when BRG-6205-2RS was what we had ordered. Swap please",
            "SO-15086/1",
            4,
            "BRG-6204-2RS",
        ),
    ],
)
def test_a_wrong_item_in_one_sentence_is_read_back_with_both_sides(
    sqlite_house: House, words: str, order_line: str, pieces: int, came: str
) -> None:
    thread = sqlite_house.thread()

    shown = sqlite_house.say(thread, words)
    done = sqlite_house.say(thread, "yes")

    assert shown.outcome == "consent"
    (line,) = shown.lines
    assert (line.order_line, line.quantity, line.reason) == (order_line, pieces, "wrong_item")
    assert f"what came instead: {came}" in shown.reply
    assert [line.verdict for line in done.lines] == ["permit"]


def test_an_article_of_the_same_order_that_came_in_place_of_another_is_no_surplus(
    sqlite_house: House,
) -> None:
    shown = sqlite_house.say(
        sqlite_house.thread(),
        "SO-15036: you shipped two CTR-025-120 in place of CTR-025-024, please send the correct ones",
    )

    assert [(line.order_line, line.quantity, line.reason) for line in shown.lines] == [
        ("SO-15036/1", 2, "wrong_item")
    ]


def test_a_surplus_is_still_a_surplus(sqlite_house: House) -> None:
    shown = sqlite_house.say(
        sqlite_house.thread(),
        "SO-15086: ordered 15 BRG-6205-2RS and got 20 BRG-6205-2RS, take back the extra",
    )

    assert [(line.quantity, line.reason) for line in shown.lines] == [(5, "over_shipped")]
