"""Which bought lines a description can mean. Numbers decide; words only choose among what the numbers
leave.
"""

from collections.abc import Sequence

from agent.understanding.claim import ClaimLine, PurchasedLine
from agent.understanding.matching import Match, match_line


def fitting(hint: ClaimLine, bought: Sequence[PurchasedLine]) -> tuple[PurchasedLine, ...]:
    """The order lines that fit equally well; empty when nothing was said that could tell.

    When an order is named but the words fit nothing on it, all its lines are offered.
    """
    found = match_line(hint, bought)
    if found.kind == "none" and (hint.order_ref or hint.po_ref):
        return _lines(match_line(ClaimLine(order_ref=hint.order_ref, po_ref=hint.po_ref), bought))
    return _lines(found)


def _lines(found: Match) -> tuple[PurchasedLine, ...]:
    return tuple(ranked.line for ranked in found.lines)
