"""What each disposition of returned goods is expected to bring in after its costs, and the best of them.

Amounts are whole cents of the ledger currency, costs below zero. What the customer gets is the same whichever
way the goods go, and stands in no option.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from backhaul.domain.allotment import allot
from backhaul.domain.money import Money
from backhaul.domain.prospects import Prospect, prospect
from backhaul.domain.receiving import Disposition
from backhaul.domain.recovery_terms import Goods, NotOffered, Parameters, Part

SHOWN = (
    Disposition.RESTOCK,
    Disposition.B_STOCK,
    Disposition.RETURN_TO_VENDOR,
    Disposition.REPAIR,
    Disposition.SCRAP,
    Disposition.RETURN_TO_CUSTOMER,
)
"""Where two bring in the same, the earlier goes first: its money comes sooner, or with less work."""

WORDS = {
    Disposition.RESTOCK: "restock",
    Disposition.B_STOCK: "B-stock",
    Disposition.RETURN_TO_VENDOR: "return to vendor",
    Disposition.REPAIR: "repair",
    Disposition.SCRAP: "scrap",
    Disposition.RETURN_TO_CUSTOMER: "back to the customer",
}


@dataclass(frozen=True, slots=True)
class Option:
    """A disposition for as many pieces of the lot as it has room for. The parts add up to `net_minor`.

    `why_not` is empty only for what is proposed. `permitted` is false also where nothing can be worked out;
    such an option has no pieces and no parts. `limit` says what holds the rest of the lot back, if anything.
    """

    disposition: Disposition
    quantity: int
    parts: tuple[Part, ...]
    net_minor: int
    permitted: bool
    limit: str
    why_not: str


@dataclass(frozen=True, slots=True)
class Allotment:
    """Pieces of the lot for one disposition, with what they are expected to bring in."""

    disposition: Disposition
    quantity: int
    parts: tuple[Part, ...]
    net_minor: int


@dataclass(frozen=True, slots=True)
class Ranking:
    """Every disposition, best first, and the split that is proposed.

    `unplaced` pieces have no permitted place: a person decides.
    """

    options: tuple[Option, ...]
    proposed: tuple[Allotment, ...]
    unplaced: int
    figures: str

    @property
    def net_minor(self) -> int:
        """What the proposed split is expected to bring in, in cents of the ledger currency."""
        return sum(one.net_minor for one in self.proposed)


def rank(goods: Goods, parameters: Parameters, permitted: Callable[[Disposition], str | None]) -> Ranking:
    """Every disposition with its expected recovery, and the split that brings in most among the permitted.

    `permitted` gives `None`, or the reason why not. As many pieces as possible are placed; a lot is split
    only where that brings in more. To send goods back to the customer is a person's decision, never proposed.
    """
    found = {one: prospect(one, goods, parameters) for one in SHOWN}
    offered = [what for what in found.values() if isinstance(what, Prospect)]
    refused = {one.disposition: permitted(one.disposition) for one in offered}
    free = [one for one in offered if refused[one.disposition] is None]
    split = allot([one.curve for one in free], goods.quantity)
    proposed = tuple(_allotment(one, pieces) for one, pieces in zip(free, split, strict=True) if pieces)
    options = [
        *(_option(one, refused[one.disposition], proposed, goods.quantity) for one in offered),
        *(_missing(one, what) for one, what in found.items() if isinstance(what, NotOffered)),
    ]
    return Ranking(
        tuple(sorted(options, key=_best_first)), proposed, goods.quantity - sum(split), parameters.figures
    )


def _allotment(one: Prospect, pieces: int) -> Allotment:
    parts = one.parts(pieces)
    return Allotment(one.disposition, pieces, parts, sum(part.minor for part in parts))


def _option(one: Prospect, refused: str | None, proposed: tuple[Allotment, ...], quantity: int) -> Option:
    alone = _allotment(one, one.room)
    chosen = any(each.disposition is one.disposition for each in proposed)
    why_not = refused if refused is not None else "" if chosen else _beaten(one, alone, proposed, quantity)
    return Option(
        alone.disposition, alone.quantity, alone.parts, alone.net_minor, refused is None, one.limit, why_not
    )


def _beaten(one: Prospect, alone: Allotment, proposed: tuple[Allotment, ...], quantity: int) -> str:
    instead = " and ".join(WORDS[each.disposition] for each in proposed)
    if one.room < quantity:
        return f"{instead[0].upper()}{instead[1:]} brings in more for each piece. {one.limit}"
    less = Money(sum(each.net_minor for each in proposed) - alone.net_minor)
    return f"Brings in {less} less than {instead}." if less.minor else f"Brings in no more than {instead}."


def _missing(disposition: Disposition, what: NotOffered) -> Option:
    return Option(disposition, 0, (), 0, permitted=False, limit="", why_not=what.why)


def _best_first(option: Option) -> tuple[bool, bool, Fraction, int]:
    a_piece = Fraction(option.net_minor, option.quantity or 1)
    return not option.permitted, not option.quantity, -a_piece, SHOWN.index(option.disposition)
