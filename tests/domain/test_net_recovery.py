"""The proposal is the best there is: held against every split, added up by other arithmetic than ours."""

from collections.abc import Callable
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backhaul.domain.allotment import Curve, allot, steps_of
from backhaul.domain.net_recovery import SHOWN, Ranking, rank
from backhaul.domain.receiving import Disposition
from backhaul.domain.recovery_terms import (
    Charges,
    Goods,
    Market,
    NotOffered,
    Parameters,
    Repair,
    SupplierOffer,
)

CHARGED = (
    Disposition.RESTOCK,
    Disposition.B_STOCK,
    Disposition.RETURN_TO_VENDOR,
    Disposition.REPAIR,
    Disposition.SCRAP,
)
UNKNOWN = NotOffered("The supplier's terms are unknown.")
B_STOCK = Market(5_500, 900, 30, 4, 6, 365, 100, None)
DRIVES = Goods(quantity=12, list_minor=42_800, cost_minor=27_392, weight_grams=1_900, hazmat=False)
FIGURES = Parameters(
    figures="test figures",
    restock=NotOffered("Grade C is not sold as new."),
    b_stock=B_STOCK,
    repair=Repair(950, 3_000, 3, replace(B_STOCK, share_basis_points=8_000)),
    return_to_vendor=UNKNOWN,
    charges={one: Charges(400, 50, 2_500, 0) for one in CHARGED},
    holding_basis_points_a_day=7,
)


def anything(_: Disposition) -> None:
    return None


def only(*dispositions: Disposition) -> Callable[[Disposition], str | None]:
    return lambda one: None if one in dispositions else f"The policy does not allow {one}."


def proposed(ranking: Ranking) -> dict[Disposition, int]:
    return {one.disposition: one.quantity for one in ranking.proposed}


def plain(numerator: int, denominator: int) -> int:
    exact = Decimal(numerator) / Decimal(denominator)
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))


class ByHand:
    """What so many pieces of a disposition bring in, in decimal arithmetic; `None` where there is no room."""

    def __init__(self, goods: Goods, figures: Parameters) -> None:
        self.goods, self.figures = goods, figures

    def net(self, way: Disposition, pieces: int) -> int | None:
        if pieces == 0:
            return 0
        each = [self.piece(way, position) for position in range(pieces)]
        if any(one is None for one in each):
            return None
        return sum(one for one in each if one is not None) - self.figures.charges[way].lot_minor

    def piece(self, way: Disposition, position: int) -> int | None:
        figures = self.figures
        if way is Disposition.SCRAP:
            return -self.work(way)
        if way is Disposition.RETURN_TO_VENDOR:
            return self.claim(figures.return_to_vendor)
        if way is Disposition.REPAIR:
            if isinstance(figures.repair, NotOffered) or position >= figures.repair.places:
                return None
            both = plain(figures.repair.success_permille * figures.repair.resold.chance_permille, 1_000)
            sold = self.sale(way, replace(figures.repair.resold, chance_permille=both), position)
            return None if sold is None else sold - figures.repair.cost_minor
        return self.sale(way, figures.restock if way is Disposition.RESTOCK else figures.b_stock, position)

    def claim(self, offer: SupplierOffer | NotOffered) -> int | None:
        if isinstance(offer, NotOffered):
            return None
        paid = offer.documented_minor * (10_000 - offer.fee_basis_points + offer.allowance_basis_points)
        lent = offer.documented_minor * self.figures.holding_basis_points_a_day * offer.answer_days
        credit = plain(paid * offer.approval_permille, 10_000_000)
        return credit - plain(lent, 10_000) - self.work(Disposition.RETURN_TO_VENDOR)

    def sale(self, way: Disposition, market: Market | NotOffered, position: int) -> int | None:
        if isinstance(market, NotOffered):
            return None
        ahead = Decimal(30 * (market.pieces_ahead + position)) / market.pieces_a_month
        days = market.first_days + int(ahead.to_integral_value(rounding="ROUND_CEILING"))
        if days > market.longest_days or (market.places is not None and position >= market.places):
            return None
        goods, share, chance = self.goods, market.share_basis_points, market.chance_permille
        price = plain(goods.list_minor * share * chance, 10_000_000)
        lost = min(market.ageing_basis_points_a_month * days, share * 30)
        ageing = plain(goods.list_minor * chance * lost, 300_000_000)
        holding = plain(goods.cost_minor * self.figures.holding_basis_points_a_day * days, 10_000)
        unsold = plain(self.work(Disposition.SCRAP) * (1_000 - chance), 1_000)
        return price - unsold - ageing - holding - self.work(way)

    def work(self, way: Disposition) -> int:
        charges = self.figures.charges[way]
        weight = plain(charges.kilogram_minor * self.goods.weight_grams, 1_000)
        return charges.piece_minor + weight + (charges.hazmat_piece_minor if self.goods.hazmat else 0)

    def best(self, allowed: set[Disposition]) -> tuple[int, int]:
        """Most pieces that can be placed, and the most that so many bring in, over every split there is."""
        pieces = range(self.goods.quantity + 1)
        nets = {
            way: [self.net(way, n) if way in allowed or n == 0 else None for n in pieces] for way in CHARGED
        }
        found = (0, 0)
        for split in product(pieces, repeat=len(CHARGED)):
            if (placed := sum(split)) < found[0] or placed > self.goods.quantity:
                continue
            worth = [nets[way][n] for way, n in zip(CHARGED, split, strict=True)]
            if None not in worth:
                found = max(found, (placed, sum(one or 0 for one in worth)))
        return found


def whole(most: int, least: int = 0) -> st.SearchStrategy[int]:
    return st.integers(least, most)


MARKETS = st.builds(
    Market,
    share_basis_points=whole(10_000),
    chance_permille=whole(1_000),
    first_days=whole(200),
    pieces_ahead=whole(20),
    pieces_a_month=whole(12, 1),
    longest_days=whole(365, 30),
    ageing_basis_points_a_month=whole(2_000),
    places=st.none() | whole(9),
)
REPAIRS = st.builds(Repair, whole(1_000), whole(9_000), whole(9), MARKETS)
OFFERS = st.builds(SupplierOffer, whole(30_000), whole(1_000), whole(3_000), whole(500), whole(90))
CHARGES = st.builds(Charges, whole(3_000), whole(2_000), whole(5_000), whole(9_000))
FIGURES_OF_ALL_KINDS = st.builds(
    Parameters,
    figures=st.just("drawn"),
    restock=MARKETS | st.just(UNKNOWN),
    b_stock=MARKETS | st.just(UNKNOWN),
    repair=REPAIRS | st.just(UNKNOWN),
    return_to_vendor=OFFERS | st.just(UNKNOWN),
    charges=st.fixed_dictionaries(dict.fromkeys(CHARGED, CHARGES)),
    holding_basis_points_a_day=whole(40),
)
LOTS = st.builds(
    Goods,
    quantity=whole(8, 1),
    list_minor=whole(50_000, 1),
    cost_minor=whole(30_000),
    weight_grams=whole(30_000, 1),
    hazmat=st.booleans(),
)


@settings(max_examples=150, deadline=None)
@given(goods=LOTS, figures=FIGURES_OF_ALL_KINDS, allowed=st.sets(st.sampled_from(CHARGED)))
def test_no_split_of_up_to_eight_pieces_beats_the_proposal(
    goods: Goods, figures: Parameters, allowed: set[Disposition]
) -> None:
    ranking = rank(goods, figures, only(*allowed))

    placed = sum(proposed(ranking).values())
    assert (placed, ranking.net_minor) == ByHand(goods, figures).best(allowed)
    assert placed + ranking.unplaced == goods.quantity
    assert set(proposed(ranking)) <= allowed


@given(goods=LOTS, figures=FIGURES_OF_ALL_KINDS)
def test_the_arithmetic_shown_adds_up(goods: Goods, figures: Parameters) -> None:
    ranking = rank(goods, figures, anything)

    for shown in (*ranking.options, *ranking.proposed):
        assert sum(part.minor for part in shown.parts) == shown.net_minor
        if shown.quantity:
            assert shown.net_minor == ByHand(goods, figures).net(shown.disposition, shown.quantity)


@given(goods=LOTS, figures=FIGURES_OF_ALL_KINDS)
def test_every_disposition_is_shown_and_all_but_the_proposed_say_why_not(
    goods: Goods, figures: Parameters
) -> None:
    ranking = rank(goods, figures, anything)

    assert sorted(one.disposition for one in ranking.options) == sorted(SHOWN)
    assert {one.disposition for one in ranking.options if not one.why_not} == set(proposed(ranking))


def test_a_lot_is_split_where_the_bench_is_short() -> None:
    ranking = rank(DRIVES, FIGURES, anything)

    assert proposed(ranking) == {Disposition.REPAIR: 3, Disposition.B_STOCK: 9}
    assert ranking.unplaced == 0


def test_a_refused_disposition_is_shown_with_its_arithmetic_and_the_reason() -> None:
    ranking = rank(DRIVES, FIGURES, only(Disposition.SCRAP))

    (b_stock,) = (one for one in ranking.options if one.disposition is Disposition.B_STOCK)
    assert proposed(ranking) == {Disposition.SCRAP: 12}
    assert (b_stock.permitted, b_stock.why_not) == (False, "The policy does not allow b_stock.")
    assert b_stock.net_minor > ranking.net_minor


def test_an_unknown_fact_takes_a_disposition_out_and_says_so() -> None:
    ranking = rank(DRIVES, FIGURES, anything)

    (vendor,) = (one for one in ranking.options if one.disposition is Disposition.RETURN_TO_VENDOR)
    assert (vendor.permitted, vendor.quantity, vendor.why_not) == (False, 0, UNKNOWN.why)


def test_what_is_beaten_says_by_how_much() -> None:
    one_piece = replace(DRIVES, quantity=1)
    ranking = rank(one_piece, FIGURES, only(Disposition.B_STOCK, Disposition.SCRAP))

    scrap = next(one for one in ranking.options if one.disposition is Disposition.SCRAP)
    assert ranking.net_minor - scrap.net_minor == 19_535
    assert scrap.why_not == "Brings in 195.35 USD less than B-stock."


def test_pieces_without_a_permitted_place_are_left_for_a_person() -> None:
    crowded = replace(FIGURES, b_stock=replace(B_STOCK, places=9))
    ranking = rank(DRIVES, crowded, only(Disposition.B_STOCK))

    assert (proposed(ranking), ranking.unplaced) == ({Disposition.B_STOCK: 9}, 3)
    assert ranking.options[0].limit == "There is room for 9 of 12 pieces."


def test_goods_that_would_lie_too_long_are_not_put_there() -> None:
    slow = replace(FIGURES, b_stock=replace(B_STOCK, pieces_ahead=200), repair=UNKNOWN)
    ranking = rank(DRIVES, slow, anything)

    assert proposed(ranking) == {Disposition.SCRAP: 12}
    (b_stock,) = (one for one in ranking.options if one.disposition is Disposition.B_STOCK)
    assert b_stock.why_not == "Only 0 of 12 pieces would sell within 365 days."


def test_what_a_lot_costs_once_keeps_it_together() -> None:
    claim = SupplierOffer(27_392, 900, 1_500, 0, 30)
    shared = replace(FIGURES, return_to_vendor=claim, repair=UNKNOWN)
    dear = {**shared.charges, Disposition.RETURN_TO_VENDOR: Charges(400, 50, 0, 900_000)}

    assert Disposition.RETURN_TO_VENDOR in proposed(rank(DRIVES, shared, anything))
    assert proposed(rank(DRIVES, replace(shared, charges=dear), anything)) == {Disposition.B_STOCK: 12}


def test_nothing_is_sent_back_to_the_customer_unless_a_person_says_so() -> None:
    ranking = rank(DRIVES, FIGURES, only(Disposition.RETURN_TO_CUSTOMER))

    assert (ranking.proposed, ranking.unplaced) == ((), 12)


@pytest.mark.parametrize(
    ("curves", "split"),
    [
        ((Curve(((10, 4),), 0), Curve(((10, 4),), 0)), (4, 0)),
        ((Curve(((10, 2), (9, 2)), 0), Curve(((10, 1), (9, 9)), 0), Curve(((9, 4),), 0)), (3, 1, 0)),
        ((Curve(((10, 2),), 0), Curve(((10, 4),), 0)), (0, 4)),
    ],
)
def test_equal_splits_go_to_fewer_ways_and_then_to_the_earlier_one(
    curves: tuple[Curve, ...], split: tuple[int, ...]
) -> None:
    assert allot(curves, 4) == split


CURVES = st.builds(
    lambda marginals, lot: Curve(steps_of(sorted(marginals, reverse=True)), -lot),
    st.lists(whole(40, -20), max_size=5),
    st.just(0) | whole(60),
)


@settings(max_examples=400, deadline=None)
@given(curves=st.lists(CURVES, min_size=1, max_size=5), quantity=whole(8))
def test_a_lot_is_filled_as_trying_every_split_would(curves: list[Curve], quantity: int) -> None:
    def worth(split: tuple[int, ...]) -> int:
        each = [[minor for minor, pieces in curve.steps for _ in range(pieces)] for curve in curves]
        lots = sum(curve.lot_minor for curve, pieces in zip(curves, split, strict=True) if pieces)
        return lots + sum(sum(one[:pieces]) for one, pieces in zip(each, split, strict=True))

    ways = product(*(range(min(curve.room, quantity) + 1) for curve in curves))
    fitting = [split for split in ways if sum(split) <= quantity]
    best = max(fitting, key=lambda split: (sum(split), worth(split), split.count(0), split))
    assert allot(curves, quantity) == best


def test_a_curve_that_rises_is_refused() -> None:
    with pytest.raises(ValueError, match="later piece"):
        steps_of([3, 3, 4])
