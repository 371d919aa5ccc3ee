"""What returned goods stand in our books for: the lower of cost and net realisable value (ASC 330, IAS 2)."""

from dataclasses import dataclass

from backhaul.domain.money import Money
from backhaul.domain.receiving import Disposition, Grade

_WHOLE = 10_000
_SHARE = {
    (Disposition.RESTOCK, Grade.A): _WHOLE,
    (Disposition.RESTOCK, Grade.B): _WHOLE,
    (Disposition.B_STOCK, Grade.A): 7_000,
    (Disposition.B_STOCK, Grade.B): 7_000,
    (Disposition.B_STOCK, Grade.C): 4_000,
    (Disposition.REPAIR, Grade.C): 5_000,
    (Disposition.REPAIR, Grade.D): 3_000,
}
"""Basis points of the cost; finance's estimate of what a piece still fetches, less selling it"""
_UNTOUCHED = {Disposition.RETURN_TO_VENDOR, Disposition.RETURN_TO_CUSTOMER}
"""Goods that leave again for somebody else's account are not written down"""


@dataclass(frozen=True, slots=True)
class Valuation:
    """What moved goods stand in the books for: each piece afterwards, and what the move costs us."""

    book_value: Money
    write_down: Money


def valued(
    disposition: Disposition, grade: Grade, unit_cost: Money, quantity: int, *, for_the_customer: bool
) -> Valuation:
    """Value so many pieces after their move; what is not listed is worth nothing.

    Goods that are repaired for the customer stay the customer's: nothing of ours is written down.
    """
    kept = unit_cost
    if disposition not in _UNTOUCHED and not for_the_customer:
        kept = unit_cost.share(_SHARE.get((disposition, grade), 0))
    return Valuation(kept, (unit_cost - kept) * quantity)
