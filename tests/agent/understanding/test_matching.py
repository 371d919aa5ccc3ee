from collections.abc import Sequence

import pytest

from agent.understanding.claim import ClaimLine, PurchasedLine
from agent.understanding.matching import match_line

Purchases = Sequence[PurchasedLine]


def skus(claim_line: ClaimLine, purchases: Purchases) -> tuple[str, list[str]]:
    match = match_line(claim_line, purchases)
    return match.kind, [ranked.line.sku for ranked in match.lines]


@pytest.mark.parametrize("written", ["DRV-0750-480", "drv 0750 480", "ATV320U75N4B"])
def test_an_article_number_is_certain_however_it_is_written(purchases: Purchases, written: str) -> None:
    assert skus(ClaimLine(sku=written), purchases) == ("exact", ["DRV-0750-480"])


@pytest.mark.parametrize(
    ("words", "sku"),
    [("bearings", "BRG-6205-2RS"), ("proximty sensor m12", "SEN-M12-PNP"), ("hydraulic hoses", "HOS-12-350")],
)
def test_words_find_the_line_they_fit(purchases: Purchases, words: str, sku: str) -> None:
    assert skus(ClaimLine(item_words=words), purchases) == ("fuzzy", [sku])


def test_words_that_fit_nothing_bought_match_nothing(purchases: Purchases) -> None:
    assert skus(ClaimLine(item_words="coffee machine"), purchases) == ("none", [])


def test_two_lines_that_fit_equally_are_a_question(purchases: Purchases) -> None:
    again = [*purchases, *[line for line in purchases if line.sku == "CTR-40-24"]]
    assert skus(ClaimLine(item_words="contactor"), again)[0] == "tie"


def test_an_order_alone_offers_its_lines_and_a_single_line_is_the_one_meant(purchases: Purchases) -> None:
    assert skus(ClaimLine(order_ref="SO-10517"), purchases) == ("tie", ["CTR-40-24", "HOS-12-350"])
    assert skus(ClaimLine(po_ref="HB-2290"), purchases) == ("exact", ["SEN-M12-PNP"])


def test_an_order_of_somebody_else_matches_nothing_even_when_the_words_would(purchases: Purchases) -> None:
    assert skus(ClaimLine(order_ref="SO-99999", item_words="bearing"), purchases) == ("none", [])


def test_a_serial_number_names_its_line(purchases: Purchases) -> None:
    assert skus(ClaimLine(serials=("VF88120",)), purchases) == ("exact", ["DRV-0750-480"])
