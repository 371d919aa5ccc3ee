"""What a figure of insight is: its name, definition, owner, unit, and the facts it is made of."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from backhaul.connectors.ports import ErpReads
from backhaul.domain.trade import Item
from backhaul.store.insight_facts import BETWEEN, Facts, Sums
from backhaul.store.unit_of_work import UnitOfWork

_MEDIAN, _NINE_IN_TEN = 0.5, 0.9


class Unit(StrEnum):
    """What a value counts, and how values become one figure."""

    TIME = "time"
    """Seconds; the figure is their median, with the ninth decile beside it"""
    SHARE = "share"
    """Each value of its whole; the figure is the sum of values by the sum of wholes"""
    MONEY = "money"
    """Cents of the ledger currency; the figure is their sum"""
    NUMBER = "number"
    """The figure is how many facts there are"""


@dataclass(slots=True)
class Look:
    """One look at the house: a transaction, the ERP, and how far back; None is everything."""

    uow: UnitOfWork
    erp: ErpReads
    since: datetime | None
    kept: dict[str, Any] = field(default_factory=dict)
    """What several figures read, so that it is read once"""
    _items: dict[str, Item | None] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        """On the business calendar."""
        return self.uow.clock.now()

    def item(self, sku: str) -> Item | None:
        """An article; each is looked up once."""
        if sku not in self._items:
            self._items[sku] = self.erp.item(sku)
        return self._items[sku]

    def supplier_of(self, sku: str) -> str:
        """Name of who we bought an article from; `unknown` where the ERP cannot tell."""
        item = self.item(sku)
        return self.supplier_name(item.supplier_id) if item else "unknown"

    def supplier_name(self, supplier_id: str) -> str:
        """Name of a supplier, with its id where two may be called alike."""
        names: dict[str, str] = self.kept.setdefault("suppliers", {})
        if supplier_id not in names:
            found = self.erp.supplier(supplier_id)
            names[supplier_id] = f"{found.name} ({supplier_id})" if found else supplier_id
        return names[supplier_id]


@dataclass(frozen=True, slots=True)
class Kpi:
    """One entry of the catalogue."""

    key: str
    name: str
    definition: str
    owner: str
    unit: Unit
    noun: str
    """What is counted, in the plural"""
    parts: tuple[str, ...]
    """What a figure is split by, as headings"""
    facts: Callable[[Look], Facts]
    order: tuple[str, ...] = ()
    """Parts in their own order, by the first name of each; the others follow by size"""
    says: Mapping[str, str] = field(default_factory=dict)
    """Words for names of parts that are not plain"""
    is_now: bool = False
    """It tells how things stand, so that no period applies"""
    quick: bool = True
    """Worked out with the overview; others only on a page of their own"""
    adds_up: frozenset[str] | None = None
    """Parts that the total counts, where not all of them"""
    one_after_another: bool = False
    """Its parts follow each other: a figure over all says nothing, and the largest stands for it"""
    of_money: bool = False
    """A share of money, of which both sums are shown"""
    looks_up: Callable[[Look, str], str] | None = None
    """Makes a name of a part readable with the help of the ERP"""


@dataclass(frozen=True, slots=True)
class Row:
    """A figure of one part, or of all. `value` is None where there is nothing to tell."""

    part: str
    count: int
    value: float | None
    ninth_decile: float | None = None
    """Of times only"""
    sums: tuple[float, float] = (0, 0)
    """Values and wholes, added up"""

    @property
    def names(self) -> tuple[str, ...]:
        """The part by its names."""
        return tuple(self.part.split(BETWEEN))


@dataclass(frozen=True, slots=True)
class Answer:
    """A figure with its parts. `total` is over all that adds up, or the largest part where nothing does."""

    kpi: Kpi
    total: Row
    rows: Sequence[Row]


def answer(kpi: Kpi, look: Look) -> Answer:
    """Read a figure."""
    facts = kpi.facts(look)
    rows = _times(facts) if kpi.unit is Unit.TIME else [_row(kpi, *one) for one in facts.sums().items()]
    return Answer(kpi, _total(kpi, facts, rows), sorted(rows, key=lambda row: _place(kpi, row)))


def _times(facts: Facts) -> list[Row]:
    return [_time(part, values) for part, values in facts.values().items()]


def _time(part: str, values: Sequence[float]) -> Row:
    ranked = sorted(values)
    return Row(part, len(ranked), quantile(ranked, _MEDIAN), quantile(ranked, _NINE_IN_TEN))


def quantile(ranked: Sequence[float], share: float) -> float | None:
    """The value that this share does not exceed, between the two nearest in proportion; None without any."""
    if not ranked:
        return None
    at = share * (len(ranked) - 1)
    below = int(at)
    above = min(below + 1, len(ranked) - 1)
    return ranked[below] + (ranked[above] - ranked[below]) * (at - below)


def _row(kpi: Kpi, part: str, sums: Sums) -> Row:
    both = (sums.value, sums.whole)
    if kpi.unit is Unit.SHARE:
        return Row(part, sums.count, sums.value / sums.whole if sums.whole else None, sums=both)
    return Row(part, sums.count, sums.value if kpi.unit is Unit.MONEY else sums.count, sums=both)


def _total(kpi: Kpi, facts: Facts, rows: Sequence[Row]) -> Row:
    if kpi.one_after_another and rows:
        return max(rows, key=lambda row: row.value or 0)
    if kpi.unit is Unit.TIME:
        return _time("", [one for values in facts.values().values() for one in values])
    mine = [row for row in rows if kpi.adds_up is None or row.part in kpi.adds_up]
    added = Sums(
        sum(row.count for row in mine), sum(row.sums[0] for row in mine), sum(row.sums[1] for row in mine)
    )
    return _row(kpi, "", added)


def _place(kpi: Kpi, row: Row) -> tuple[int, float, str]:
    """Parts with an order of their own first, in it; then the largest first."""
    first = row.names[0]
    at = kpi.order.index(first) if first in kpi.order else len(kpi.order)
    by_size = 0.0 if first in kpi.order else -(row.count if kpi.unit is not Unit.MONEY else row.value or 0)
    return at, by_size, row.part
