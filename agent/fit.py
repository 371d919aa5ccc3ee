"""Which bought lines a description can mean. Numbers decide; words only choose among what the numbers
leave.
"""

from collections.abc import Sequence

from agent.understanding.claim import ClaimLine, PurchasedLine
from agent.understanding.matching import Match, match_line
from agent.understanding.mentions import tokens_of


def fitting(hint: ClaimLine, bought: Sequence[PurchasedLine]) -> tuple[PurchasedLine, ...]:
    """The order lines that fit equally well; empty when nothing was said that could tell.

    When an order is named but the words fit nothing on it, all its lines are offered.
    """
    found = match_line(hint, bought)
    if found.kind == "none" and (hint.order_ref or hint.po_ref):
        return _lines(match_line(ClaimLine(order_ref=hint.order_ref, po_ref=hint.po_ref), bought))
    return _lines(found)


def of_that_size(words: str, bought: Sequence[PurchasedLine]) -> list[PurchasedLine]:
    """Those whose text has every number that was said."""
    sizes = {token for token in tokens_of(words) if token[0].isdigit()}
    return [one for one in bought if sizes <= set(tokens_of(one.description))]


def _lines(found: Match) -> tuple[PurchasedLine, ...]:
    return tuple(ranked.line for ranked in found.lines)
