"""The arithmetic of one disposition of a lot: what a piece brings in, its waiting costs, and the lot once.

Each part is rounded half up to the cent for one piece, so what is shown for several adds up exactly.
"""

from dataclasses import dataclass, replace
from typing import assert_never

from backhaul.domain.allotment import Curve, steps_of
from backhaul.domain.money import Money
from backhaul.domain.receiving import Disposition
from backhaul.domain.recovery_terms import (
    Goods,
    Market,
    NotOffered,
    Parameters,
    Part,
    Repair,
    SupplierOffer,
)

_BASIS_POINTS = 10_000
_PERMILLE = 1_000
_GRAMS = 1_000
_DAYS_A_MONTH = 30


@dataclass(frozen=True, slots=True)
class Waiting:
    """Pieces that lie until they are sold: the money in them costs interest, and their price falls."""

    market: Market
    list_minor: int
    cost_minor: int
    holding_basis_points_a_day: int

    def holding_minor(self, position: int) -> int:
        """What the piece at that position costs until it is sold; never above zero."""
        days = self.market.wait_days(position)
        return -_half_up(self.cost_minor * self.holding_basis_points_a_day * days, _BASIS_POINTS)

    def ageing_minor(self, position: int) -> int:
        """What its price loses until then, at most the whole price; never above zero."""
        market = self.market
        lost = min(
            market.ageing_basis_points_a_month * market.wait_days(position),
            market.share_basis_points * _DAYS_A_MONTH,
        )
        of = self.list_minor * market.chance_permille * lost
        return -_half_up(of, _BASIS_POINTS * _PERMILLE * _DAYS_A_MONTH)

    def parts(self, quantity: int) -> tuple[Part, ...]:
        """Both for so many pieces."""
        positions, market = range(quantity), self.market
        first, last = market.wait_days(0), market.wait_days(quantity - 1)
        span = f"{first} days until sold" if first == last else f"{first} to {last} days until sold"
        return (
            Part(
                "holding", sum(map(self.holding_minor, positions)), f"{span}, {market.pieces_ahead} lie ahead"
            ),
            Part("ageing", sum(map(self.ageing_minor, positions)), "what the price loses until then"),
        )


@dataclass(frozen=True, slots=True)
class Prospect:
    """One disposition of these goods. `room` is how many pieces can go that way, `limit` why no more."""

    disposition: Disposition
    piece: tuple[Part, ...]
    lot: tuple[Part, ...]
    waiting: Waiting | None
    room: int
    limit: str

    @property
    def curve(self) -> Curve:
        """What the next piece brings in, and the next."""
        fixed = sum(part.minor for part in self.piece)
        marginals = (fixed + self._waiting_minor(position) for position in range(self.room))
        return Curve(steps_of(marginals), sum(part.minor for part in self.lot))

    def parts(self, quantity: int) -> tuple[Part, ...]:
        """The arithmetic for so many pieces, without lines of nothing."""
        pieces = tuple(
            Part(part.name, part.minor * quantity, f"{quantity} x {Money(part.minor)}: {part.why}")
            for part in self.piece
        )
        waits = self.waiting.parts(quantity) if self.waiting else ()
        return tuple(part for part in (*pieces, *waits, *self.lot) if part.minor)

    def _waiting_minor(self, position: int) -> int:
        if self.waiting is None:
            return 0
        return self.waiting.holding_minor(position) + self.waiting.ageing_minor(position)


def prospect(disposition: Disposition, goods: Goods, parameters: Parameters) -> Prospect | NotOffered:
    """Work one disposition out; `NotOffered` says what is missing or full."""
    match disposition:
        case Disposition.RESTOCK:
            return _sold(disposition, goods, parameters, parameters.restock)
        case Disposition.B_STOCK:
            return _sold(disposition, goods, parameters, parameters.b_stock)
        case Disposition.REPAIR:
            return _repaired(goods, parameters, parameters.repair)
        case Disposition.RETURN_TO_VENDOR:
            return _claimed(goods, parameters, parameters.return_to_vendor)
        case Disposition.SCRAP:
            return _unlimited(disposition, _work(disposition, goods, parameters), goods, parameters)
        case Disposition.RETURN_TO_CUSTOMER | Disposition.NONE:
            return NotOffered("Goods go back to a customer only when a person decides so.")
        case _:
            assert_never(disposition)


def _sold(
    disposition: Disposition, goods: Goods, parameters: Parameters, market: Market | NotOffered
) -> Prospect | NotOffered:
    if isinstance(market, NotOffered):
        return market
    room, limit = market.room_for(goods.quantity), market.limit_for(goods.quantity)
    if room == 0:
        return NotOffered(limit)
    piece = (*_sale(goods, parameters, market), *_work(disposition, goods, parameters))
    waiting = Waiting(market, goods.list_minor, goods.cost_minor, parameters.holding_basis_points_a_day)
    return Prospect(disposition, piece, _once(disposition, parameters), waiting, room, limit)


def _repaired(goods: Goods, parameters: Parameters, repair: Repair | NotOffered) -> Prospect | NotOffered:
    if isinstance(repair, NotOffered):
        return repair
    both = _half_up(repair.success_permille * repair.resold.chance_permille, _PERMILLE)
    sold = _sold(Disposition.REPAIR, goods, parameters, replace(repair.resold, chance_permille=both))
    if isinstance(sold, NotOffered):
        return sold
    room, limit = sold.room, sold.limit
    if repair.places < room:
        room, limit = repair.places, f"The bench takes {repair.places} of {goods.quantity} pieces."
    if room == 0:
        return NotOffered(limit)
    bench = Part("repair", -repair.cost_minor, "work and parts, whether it succeeds or not")
    return replace(sold, piece=(bench, *sold.piece), room=room, limit=limit)


def _claimed(
    goods: Goods, parameters: Parameters, offer: SupplierOffer | NotOffered
) -> Prospect | NotOffered:
    if isinstance(offer, NotOffered):
        return offer
    cost = offer.documented_minor
    paid = _BASIS_POINTS - offer.fee_basis_points + offer.allowance_basis_points
    credit = _half_up(cost * paid * offer.approval_permille, _BASIS_POINTS * _PERMILLE)
    waits = _half_up(cost * parameters.holding_basis_points_a_day * offer.answer_days, _BASIS_POINTS)
    piece = (
        Part(
            "supplier credit",
            credit,
            f"{_percent(offer.approval_permille, _PERMILLE)} chance of {_percent(paid, _BASIS_POINTS)}"
            f" of the documented cost of {Money(cost)}",
        ),
        Part("holding", -waits, f"{offer.answer_days} days until the supplier pays"),
        *_work(Disposition.RETURN_TO_VENDOR, goods, parameters),
    )
    return _unlimited(Disposition.RETURN_TO_VENDOR, piece, goods, parameters)


def _unlimited(
    disposition: Disposition, piece: tuple[Part, ...], goods: Goods, parameters: Parameters
) -> Prospect:
    return Prospect(disposition, piece, _once(disposition, parameters), None, goods.quantity, "")


def _sale(goods: Goods, parameters: Parameters, market: Market) -> tuple[Part, ...]:
    share, chance = market.share_basis_points, market.chance_permille
    price = _half_up(goods.list_minor * share * chance, _BASIS_POINTS * _PERMILLE)
    scrapping = sum(part.minor for part in _work(Disposition.SCRAP, goods, parameters))
    unsold = -_half_up(-scrapping * (_PERMILLE - chance), _PERMILLE)
    return (
        Part(
            "resale",
            price,
            f"{_percent(chance, _PERMILLE)} chance of {_percent(share, _BASIS_POINTS)}"
            f" of the list price of {Money(goods.list_minor)}",
        ),
        Part("unsold", unsold, f"{_percent(_PERMILLE - chance, _PERMILLE)} chance of scrap after all"),
    )


def _work(disposition: Disposition, goods: Goods, parameters: Parameters) -> tuple[Part, ...]:
    charges = parameters.charges[disposition]
    weight = _half_up(charges.kilogram_minor * goods.weight_grams, _GRAMS)
    return (
        Part("handling", -charges.piece_minor, "work on each piece"),
        Part("weight", -weight, f"{goods.weight_grams} g at {Money(charges.kilogram_minor)} a kilogram"),
        Part("hazmat", -charges.hazmat_piece_minor if goods.hazmat else 0, "dangerous goods"),
    )


def _once(disposition: Disposition, parameters: Parameters) -> tuple[Part, ...]:
    return (Part("paperwork", -parameters.charges[disposition].lot_minor, "once for the lot"),)


def _half_up(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)


def _percent(share: int, whole: int) -> str:
    tenths = _half_up(share * 1_000, whole)
    return f"{tenths // 10}.{tenths % 10} %" if tenths % 10 else f"{tenths // 10} %"
