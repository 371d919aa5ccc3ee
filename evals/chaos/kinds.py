"""The kinds of cases that are driven to their ends, and the effects that each one wants."""

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

from backhaul.domain.codes import Reason, Resolution
from backhaul.domain.receiving import Disposition, Grade
from evals.chaos.trade import Goods


class End(StrEnum):
    """How a case is to end."""

    CLOSED = "closed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Kind:
    """A way a return goes. `parcels` are the pieces of each parcel; none when nothing comes back."""

    name: str
    template: str
    """Key of the staged order that its own order is a copy of"""
    reason: Reason
    words: str
    parcels: tuple[int, ...]
    resolution: Resolution = Resolution.CREDIT
    disposition: Disposition = Disposition.SCRAP
    grade: Grade = Grade.D
    asked: int = 0
    """Pieces asked back, where no parcel tells"""
    ends: End = End.CLOSED
    early: bool = False
    """The replacement is sent before the goods are back"""
    reprinted: bool = False

    @property
    def quantity(self) -> int:
        """Pieces that the customer asks to send back."""
        return sum(self.parcels) or self.asked


Effects = Counter[str]
"""How many of each effect, by its name; pieces and cents are counted beside the documents"""

KINDS = (
    Kind("credit", "partial", Reason.DEFECTIVE, "4 of the sensors are defective, dead on arrival", (4,)),
    Kind("in two parcels", "partial", Reason.DEFECTIVE, "6 of the sensors are defective, dead", (4, 2)),
    Kind(
        "exchange",
        "exchange",
        Reason.NOT_AS_DESCRIBED,
        "2 of the valves are not what your page describes, please exchange them",
        (2,),
        resolution=Resolution.REPLACEMENT,
    ),
    Kind(
        "repair",
        "repair",
        Reason.WARRANTY_FAILURE,
        "it failed under warranty, please repair it",
        (1,),
        resolution=Resolution.REPAIR,
        disposition=Disposition.REPAIR,
        grade=Grade.C,
    ),
    Kind(
        "replaced before receipt",
        "advance_replacement",
        Reason.DEFECTIVE,
        "both power supplies are defective, please send others",
        (2,),
        resolution=Resolution.REPLACEMENT,
        early=True,
    ),
    Kind(
        "cancelled",
        "cancelled",
        Reason.NO_LONGER_NEEDED,
        "we no longer need 2 of the switches",
        (),
        asked=2,
        ends=End.CANCELLED,
    ),
    Kind(
        "label printed again",
        "partial",
        Reason.DEFECTIVE,
        "3 of the sensors are defective, dead on arrival",
        (3,),
        reprinted=True,
    ),
    Kind(
        "expired",
        "plain",
        Reason.NO_LONGER_NEEDED,
        "we no longer need 2 of the multimeters",
        (),
        asked=2,
        ends=End.EXPIRED,
    ),
)


def kind_named(name: str) -> Kind:
    """The kind of that name; KeyError otherwise."""
    return {kind.name: kind for kind in KINDS}[name]


def wanted(kind: Kind, goods: Goods) -> Effects:
    """What must stand in the books of ERP and carriers once such a case has ended."""
    if kind.ends is not End.CLOSED:
        return Counter({"RMA": 1, "cancelled RMA": 1})
    pieces, parcels = kind.quantity, len(kind.parcels)
    effects = Counter(
        {
            "RMA": 1,
            "live label": 1,
            "receipt": parcels,
            "received pieces": pieces,
            "stock move": parcels,
            "moved pieces": pieces,
        }
    )
    return effects + _made_good(kind, goods)


def _made_good(kind: Kind, goods: Goods) -> Effects:
    pieces, parcels = kind.quantity, len(kind.parcels)
    if kind.resolution is Resolution.CREDIT:
        owed = pieces * (goods.price_minor + goods.tax_minor)
        return Counter({"credit memo": parcels, "credited pieces": pieces, "credited cents": owed})
    if kind.resolution is Resolution.REPAIR:
        return Counter({"repair order": parcels, "repaired pieces": pieces})
    orders = 1 if kind.early else parcels
    return Counter({"replacement": orders, "replaced pieces": pieces})
