"""Who gives dispositions in the comparison: the proposal, two fixed tables, and one that knows the truth.

Everybody may do what the figures offer at all, and has the same places on the bench and in the aisle.
"""

from collections.abc import Callable
from datetime import date
from functools import partial

from backhaul.domain.net_recovery import rank
from backhaul.domain.receiving import Disposition, Grade
from backhaul.domain.recovery_terms import NotOffered
from evals.recovery_stream import Return
from tools.dispositions import goods_of, parameters_of
from tools.recovery_figures import ClaimGround, Figures

Split = dict[Disposition, int]
Arm = Callable[[Return], Split]
Policy = Callable[[Return, Disposition], str | None]

FIXED = {
    Grade.A: (Disposition.RESTOCK, Disposition.SCRAP),
    Grade.B: (Disposition.B_STOCK, Disposition.SCRAP),
    Grade.C: (Disposition.REPAIR, Disposition.B_STOCK, Disposition.SCRAP),
    Grade.D: (Disposition.SCRAP,),
}
"""What most warehouses go by: a disposition for each grade, and the next for what finds no place there."""

_DAY = date(2026, 3, 18)


def anything(goods: Return, way: Disposition) -> str | None:  # noqa: ARG001 - it allows whatever it is asked
    """A policy that refuses nothing."""
    return None


def restock_only_as_new(goods: Return, way: Disposition) -> str | None:
    """A policy under which only grade A is sold as new, as the fixed table has it."""
    refused = way is Disposition.RESTOCK and goods.grade is not Grade.A
    return "Only grade A is sold as new." if refused else None


def proposal(figures: Figures, policy: Policy = anything) -> Arm:
    """The best expected net recovery under these figures, among what the policy permits."""

    def split(goods: Return) -> Split:
        parameters = parameters_of(goods.bench(figures, goods.grade), goods.offer(figures), _DAY)
        ranking = rank(goods_of(goods.item, goods.quantity), parameters, partial(policy, goods))
        return {one.disposition: one.quantity for one in ranking.proposed}

    return split


def fixed_table(figures: Figures) -> Arm:
    """The table above; places and classes come from the figures, prices do not."""

    def split(goods: Return) -> Split:
        left, found = goods.quantity, Split()
        for way in FIXED[goods.grade]:
            pieces = min(left, _places(goods, figures, way))
            found[way] = pieces
            left -= pieces
        return found

    return split


def fixed_table_with_claims(figures: Figures) -> Arm:
    """The same table in a house that sends every confirmed fault back to a supplier that still takes it."""
    table = fixed_table(figures)

    def split(goods: Return) -> Split:
        if goods.ground is ClaimGround.DEFECTIVE:
            return {Disposition.RETURN_TO_VENDOR: goods.quantity}
        return table(goods)

    return split


def _places(goods: Return, figures: Figures, way: Disposition) -> int:
    bench = goods.bench(figures, goods.grade)
    if way is Disposition.REPAIR:
        repair = bench.repair()
        return 0 if isinstance(repair, NotOffered) else repair.places
    if way is Disposition.SCRAP:
        return goods.quantity
    market = bench.restock() if way is Disposition.RESTOCK else bench.b_stock()
    if isinstance(market, NotOffered):
        return 0
    return goods.quantity if market.places is None else market.places
