"""What really becomes of goods in the simulation: figures the proposer does not know, and luck.

The truth is made otherwise than the proposer reckons: prices scatter, waiting scatters, what is not sold lies
for the longest wait before it is scrapped, a supplier answers a lot as a whole and sometimes pays half.
"""

from collections.abc import Callable
from functools import partial
from math import exp
from operator import mul
from random import Random
from typing import Any

from backhaul.domain.receiving import Disposition
from backhaul.domain.recovery_terms import Market, NotOffered, Repair
from evals.recovery_stream import Return
from tools.recovery_bench import charges
from tools.recovery_figures import Figures, Work

SPREAD = {
    "restock_basis_points": 0.10,
    "b_stock_basis_points": 0.30,
    "repaired_basis_points": 0.30,
    "broken_seal_basis_points": 0.40,
    "ageing_basis_points_a_month": 0.50,
    "sale_chance_permille": 0.60,
    "first_sale_days": 0.30,
    "pieces_a_month": 0.40,
    "holding_basis_points_a_day": 0.30,
    "repair_success_permille": 0.60,
    "repair_work_usd": 0.30,
    "repair_parts_basis_points": 0.40,
    "work_usd": 0.25,
    "supplier_approval_permille": 0.80,
    "supplier_allowance_basis_points": 0.50,
    "supplier_answer_days": 0.40,
}
"""How far a cell is off: standard deviations on a log scale, for chances on the scale of their odds."""

_BASIS_POINTS, _PERMILLE, _DAYS_A_MONTH, _GRAMS = 10_000, 1_000, 30, 1_000
_PRICE_SCATTER = (0.9, 1.1)
_PAID_BY_HALF = 0.15


def true_figures(believed: Figures, seed: int, *, doubt: float = 1.0) -> Figures:
    """The figures of one world: each cell of those believed is off by luck, `doubt` times as far as usual."""
    random = Random(f"truth {seed}")
    tables = {name: _off(believed, name, random, spread * doubt) for name, spread in SPREAD.items()}
    return believed.model_copy(update=tables)


def scaled(figures: Figures, factors: dict[str, float]) -> Figures:
    """The figures with every cell of these tables multiplied; shares and chances end at the whole."""
    tables = {}
    for name, factor in factors.items():
        table = getattr(figures, name)
        values = _mapped(table.values, partial(mul, factor), _ceiling(name))
        tables[name] = table.model_copy(update={"values": values})
    return figures.model_copy(update=tables)


def _off(believed: Figures, name: str, random: Random, spread: float) -> object:
    def chance(value: float) -> float:
        odds = value * exp(random.gauss(0, spread))
        return _PERMILLE * odds / (_PERMILLE - value + odds) if value else 0.0

    def amount(value: float) -> float:
        return value * exp(random.gauss(0, spread))

    change = chance if name.endswith("permille") else amount
    table = getattr(believed, name)
    return table.model_copy(update={"values": _mapped(table.values, change, _ceiling(name))})


def _ceiling(name: str) -> int:
    if name.endswith("permille"):
        return _PERMILLE
    return _BASIS_POINTS if "basis_points" in name else 10**9


def _mapped(values: Any, change: Callable[[float], float], most: int) -> Any:
    if values is None:
        return None
    if isinstance(values, dict):
        return {key: _mapped(value, change, most) for key, value in values.items()}
    if isinstance(values, Work):
        cents = {name: _mapped(value, change, most) for name, value in values.model_dump().items()}
        return Work.model_construct(**cents)
    return max(min(round(change(values)), most), 1 if values else 0)


class Truth:
    """One world: what each way really brings in for each return, drawn once, whoever asks."""

    def __init__(self, figures: Figures, seed: int) -> None:
        self.figures = figures
        self._charges = charges(figures)
        self._seed = seed
        self._drawn: dict[tuple[int, Disposition], list[int]] = {}

    def net_minor(self, goods: Return, split: dict[Disposition, int]) -> int:
        """Cents of the ledger currency that this split really brings in."""
        return sum(self._brought(goods, way, pieces) for way, pieces in split.items() if pieces)

    def _brought(self, goods: Return, way: Disposition, pieces: int) -> int:
        key = goods.number, way
        if key not in self._drawn:
            random = Random(f"luck {self._seed} {goods.number} {way}")
            self._drawn[key] = self._draw(goods, way, random)
        return sum(self._drawn[key][:pieces]) - self._charges[way].lot_minor

    def _draw(self, goods: Return, way: Disposition, random: Random) -> list[int]:
        work, bench = self._work(goods, way), goods.bench(self.figures, goods.true_grade)
        if way is Disposition.SCRAP:
            return [-work] * goods.quantity
        if way is Disposition.RETURN_TO_VENDOR:
            return [self._claim(goods, random) - work] * goods.quantity
        if way is Disposition.REPAIR:
            return [self._repair(goods, bench.repair(), at, random) - work for at in range(goods.quantity)]
        market = bench.restock() if way is Disposition.RESTOCK else bench.b_stock()
        return [self._sale(goods, market, at, random) - work for at in range(goods.quantity)]

    def _repair(self, goods: Return, repair: Repair | NotOffered, at: int, random: Random) -> int:
        # A piece that cannot be repaired after all was looked at for nothing.
        if isinstance(repair, NotOffered):
            return -self._work(goods, Disposition.SCRAP)
        if random.random() * _PERMILLE >= repair.success_permille:
            return -repair.cost_minor - self._work(goods, Disposition.SCRAP)
        return self._sale(goods, repair.resold, at, random) - repair.cost_minor

    def _sale(self, goods: Return, market: Market | NotOffered, at: int, random: Random) -> int:
        # What the market finds in a grade that is not sold this way is not sold at all.
        longest = self.figures.longest_wait_days.values
        if isinstance(market, NotOffered):
            return -self._lying(goods, longest) - self._work(goods, Disposition.SCRAP)
        days = market.wait_days(at) * random.gammavariate(2, 1 / 2)
        if random.random() * _PERMILLE >= market.chance_permille or days > longest:
            return -self._lying(goods, longest) - self._work(goods, Disposition.SCRAP)
        share = market.share_basis_points - market.ageing_basis_points_a_month * days / _DAYS_A_MONTH
        price = goods.item.list_price.minor * max(share, 0) / _BASIS_POINTS
        return round(price * random.uniform(*_PRICE_SCATTER)) - self._lying(goods, days)

    def _claim(self, goods: Return, random: Random) -> int:
        offer = goods.offer(self.figures)
        if isinstance(offer, NotOffered) or random.random() * _PERMILLE >= offer.approval_permille:
            return 0
        paid = _BASIS_POINTS - offer.fee_basis_points + offer.allowance_basis_points
        half = 2 if random.random() < _PAID_BY_HALF else 1
        return offer.documented_minor * paid // (_BASIS_POINTS * half) - self._lying(goods, offer.answer_days)

    def _lying(self, goods: Return, days: float) -> int:
        a_day = self.figures.holding_basis_points_a_day.values
        return round(goods.item.cost.minor * a_day * days / _BASIS_POINTS)

    def _work(self, goods: Return, way: Disposition) -> int:
        one = self._charges[way]
        hazmat = one.hazmat_piece_minor if goods.item.hazmat else 0
        return one.piece_minor + round(one.kilogram_minor * goods.item.weight_grams / _GRAMS) + hazmat
