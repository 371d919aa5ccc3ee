"""What an expected recovery rests on: the goods, and the figures of operations and finance for them.

Amounts are whole cents of the ledger currency, shares basis points, chances permille, times days.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from backhaul.domain.receiving import Disposition

_DAYS_A_MONTH = 30


@dataclass(frozen=True, slots=True)
class Goods:
    """Pieces of one article in one condition. `list_minor` and `cost_minor` are cents for one piece."""

    quantity: int
    list_minor: int
    cost_minor: int
    weight_grams: int
    hazmat: bool


@dataclass(frozen=True, slots=True)
class NotOffered:
    """Why a disposition cannot be worked out or carried out for these goods."""

    why: str


@dataclass(frozen=True, slots=True)
class Market:
    """How goods in this condition sell: at a share of the list price, the later the more pieces lie ahead.

    `chance_permille` is that a piece sells at all; what does not is scrapped. Pieces that would wait longer
    than `longest_days` have no place here, nor have more than `places` (`None`: the building sets no limit).
    """

    share_basis_points: int
    chance_permille: int
    first_days: int
    pieces_ahead: int
    pieces_a_month: int
    longest_days: int
    ageing_basis_points_a_month: int
    places: int | None

    def wait_days(self, position: int) -> int:
        """Days until the piece at that position of the lot, counting from 0, is expected to be sold."""
        return self.first_days + -(-_DAYS_A_MONTH * (self.pieces_ahead + position) // self.pieces_a_month)

    @property
    def sold_in_time(self) -> int:
        """Pieces of a lot that find a buyer within `longest_days`."""
        if self.first_days > self.longest_days:
            return 0
        before = (self.longest_days - self.first_days) * self.pieces_a_month // _DAYS_A_MONTH
        return max(before - self.pieces_ahead + 1, 0)

    def room_for(self, quantity: int) -> int:
        """How many of so many pieces find a place, and a buyer in time."""
        return min(quantity, self.sold_in_time, quantity if self.places is None else self.places)

    def limit_for(self, quantity: int) -> str:
        """Why no more than `room_for` of them; empty when all of them can go that way."""
        if self.places is not None and self.places < min(quantity, self.sold_in_time):
            return f"There is room for {self.places} of {quantity} pieces."
        if self.sold_in_time < quantity:
            return (
                f"Only {self.sold_in_time} of {quantity} pieces would sell within {self.longest_days} days."
            )
        return ""


@dataclass(frozen=True, slots=True)
class Repair:
    """The bench: a repair succeeds or not, costs the same either way, and what succeeds is sold as repaired.

    `places` is how many pieces of one lot the bench takes in.
    """

    success_permille: int
    cost_minor: int
    places: int
    resold: Market


@dataclass(frozen=True, slots=True)
class SupplierOffer:
    """What the supplier is expected to do with a claim for `documented_minor`, the cost on our papers.

    It keeps `fee_basis_points` of an approved claim; `allowance_basis_points` of the cost it pays on top for
    our handling. What it denies is lost, with the freight.
    """

    documented_minor: int
    approval_permille: int
    fee_basis_points: int
    allowance_basis_points: int
    answer_days: int


@dataclass(frozen=True, slots=True)
class Charges:
    """What a disposition costs in work and freight: for a piece, by its weight, and once for the lot."""

    piece_minor: int
    kilogram_minor: int
    hazmat_piece_minor: int
    lot_minor: int


@dataclass(frozen=True, slots=True)
class Parameters:
    """The figures for these goods in this building; each disposition's own, or why there are none.

    `holding_basis_points_a_day` are taken of the cost of a piece. `figures` names the data they come from.
    """

    figures: str
    restock: Market | NotOffered
    b_stock: Market | NotOffered
    repair: Repair | NotOffered
    return_to_vendor: SupplierOffer | NotOffered
    charges: Mapping[Disposition, Charges]
    holding_basis_points_a_day: int


@dataclass(frozen=True, slots=True)
class Part:
    """One line of the arithmetic, in cents of the ledger currency for all the pieces."""

    name: str
    minor: int
    why: str
