"""A wrong item in one sentence or two: which article was ordered, which one came, and how many of it."""

from collections.abc import Sequence

import pytest

from agent.understanding.claim import ClaimLine, PurchasedLine
from agent.understanding.offline import OfflineReader
from backhaul.domain.codes import Reason

Purchases = Sequence[PurchasedLine]


def only_line(reader: OfflineReader, purchases: Purchases, text: str) -> ClaimLine:
    lines = reader.read(text, purchases).lines
    assert len(lines) == 1, lines
    return lines[0]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("two pieces came as CTR-40-120 although we bought CTR-40-24", 2),
        ("you sent us two CTR-40-120 instead of CTR-40-24", 2),
        ("SO-10517: the box had three CTR-40-120. We ordered CTR-40-24", 3),
        ("both contactors CTR-40-24 came as the 120 V type CTR-40-120", 2),
        ("What I unpacked were 4 CTR-40-120, not the CTR-40-24 we paid for", 4),
        ("CTR-40-24 was ordered, CTR-40-120 was delivered", None),
        ("we were given 5 CTR-40-120 when CTR-40-24 was what we had asked for", 5),
        ("ordered 6 x CTR-40-24 and got 2 x CTR-40-120", 2),
        ("the ones on my bench are marked CTR-40-120, should be CTR-40-24", None),
        ("3 of them turned out to be CTR-40-120, our order says CTR-40-24", 3),
    ],
)
def test_two_articles_land_on_their_sides_in_any_order_of_words(
    reader: OfflineReader, purchases: Purchases, text: str, pieces: int | None
) -> None:
    line = only_line(reader, purchases, text)

    assert (line.sku, line.received_sku) == ("CTR-40-24", "CTR-40-120")
    assert line.quantity == pieces
    assert line.reason is Reason.WRONG_ITEM


@pytest.mark.parametrize(
    "text",
    [
        "please send SEN-M12-PNP instead of CTR-40-24",
        "we ordered CTR-40-24 and the SEN-M12-PNP arrived damaged",
        "got CTR-40-24 that we do not need and the SEN-M12-PNP is dead",
        "the CTR-40-24 came with SEN-M12-PNP",
        "ordered CTR-40-24 last week, received it fine. The SEN-M12-PNP does not switch",
        "we bought 2 CTR-40-24 and 3 SEN-M12-PNP, none of them needed any more",
    ],
)
def test_two_articles_that_are_merely_named_are_no_two_sides(
    reader: OfflineReader, purchases: Purchases, text: str
) -> None:
    assert not any(line.received_sku for line in reader.read(text, purchases).lines)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("I ordered CTR-40-120 instead of CTR-40-24 by mistake", Reason.ORDERED_BY_MISTAKE),
        ("CTR-40-24 and CTR-40-120 arrived with crushed cartons", Reason.DAMAGED_IN_TRANSIT),
    ],
)
def test_two_articles_with_another_reason_keep_it(reader: OfflineReader, text: str, reason: Reason) -> None:
    assert reader.classify(text).reason is reason


def test_the_worker_hears_the_same_reason_in_the_stored_words(reader: OfflineReader) -> None:
    words = "two pieces came as CTR-40-120 although we bought CTR-40-24"

    assert reader.reason_probability(words, Reason.WRONG_ITEM) > 0.9


@pytest.mark.parametrize(
    ("text", "ordered", "came"),
    [
        ("On SO-10442 we found two soft starters in the crate where drives should have been", "drives", 2),
        ("three of them were actually soft starters rather than drives, SO-10442", "drives", 3),
    ],
)
def test_sides_told_in_words_are_found_as_well(
    reader: OfflineReader, purchases: Purchases, text: str, ordered: str, came: int
) -> None:
    line = only_line(reader, purchases, text)

    assert line.item_words == ordered
    assert line.received_words == "soft starters"
    assert line.quantity == came


@pytest.mark.parametrize(
    "text",
    [
        "the hoses came cracked instead of new",
        "we ordered the contactors last week and they came yesterday",
        "we ordered sensors and the hoses arrived damaged",
    ],
)
def test_a_state_or_a_day_is_no_side(reader: OfflineReader, purchases: Purchases, text: str) -> None:
    assert not any(line.received_words for line in reader.read(text, purchases).lines)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("wrong item", Reason.WRONG_ITEM),
        ("that is the wrong thing, it came like this", Reason.WRONG_ITEM),
        ("the wrong type was delivered", Reason.WRONG_ITEM),
        ("our buyer took the wrong one", Reason.ORDERED_BY_MISTAKE),
        ("we ordered the wrong type ourselves", Reason.ORDERED_BY_MISTAKE),
    ],
)
def test_a_wrong_item_is_our_mistake_unless_the_customer_says_it_was_theirs(
    reader: OfflineReader, text: str, reason: Reason
) -> None:
    assert reader.classify(text).reason is reason
