"""What it would cost to send goods to each of our buildings. Advice with its arithmetic: the policy routes.

    cost = freight of the label + freight to the bench x chance that they need it + waiting

Waiting is the days until the dock gets to them, from what lies and what is announced there against the
pieces it settled a business day lately, times what the goods cost lying and what a waiting customer costs. A
building without room for the pieces, or whose freight nobody quotes, is no alternative. Handling is the same
everywhere as far as the figures tell, and stands in no cost.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

_BASIS_POINTS, _PERMILLE, _PER_CENT = 10_000, 1_000, 100
_LEAST_SAVING_USD_MINOR, _LEAST_SAVING_PER_CENT = 300, 10
_SLOWEST_PIECES_A_DAY = 1.0
_LONGEST_WAIT_DAYS = 60.0


@dataclass(frozen=True, slots=True)
class Dock:
    """What a building has before it, in pieces. `settled_a_day` is None while none was settled lately."""

    to_come: int
    lying: int
    room: int
    settled_a_day: float | None

    def days_before(self, pieces: int) -> float | None:
        """Business days until the dock has settled what is before these pieces, and half of them."""
        if self.settled_a_day is None:
            return None
        before = self.to_come + self.lying + pieces / 2
        return min(before / max(self.settled_a_day, _SLOWEST_PIECES_A_DAY), _LONGEST_WAIT_DAYS)

    def takes(self, pieces: int) -> bool:
        """Whether quarantine has room for them beside what lies there and is announced."""
        return self.to_come + self.lying + pieces <= self.room


@dataclass(frozen=True, slots=True)
class Building:
    """One way to send the goods; None for a freight that nobody quotes."""

    facility_id: str
    name: str
    freight_usd_minor: int | None
    to_bench_usd_minor: int | None
    """From there to the building that can test the class; nothing where it is that building"""
    dock: Dock


@dataclass(frozen=True, slots=True)
class Goods:
    """What is sent. `bench_permille` is the chance that it must be tested on a bench."""

    pieces: int
    cost_usd_minor: int
    bench_permille: int
    lying_basis_points_a_day: int
    waiting_usd_minor_a_day: int


@dataclass(frozen=True, slots=True)
class Costed:
    """A building with its cost in cents; `why_not` says why it is no alternative."""

    facility_id: str
    name: str
    freight_usd_minor: int
    onward_usd_minor: int
    wait_tenths_of_days: int | None
    waiting_usd_minor: int
    total_usd_minor: int
    room: int
    before: int
    why_not: str


@dataclass(frozen=True, slots=True)
class Advice:
    """Each building, cheapest first, the one the policy chose, and what to say; `cheaper` may be empty."""

    routed: str
    buildings: tuple[Costed, ...]
    cheaper: str
    said: str

    def record(self) -> dict[str, Any]:
        """As it is kept with the review."""
        return asdict(self)


def advise(goods: Goods, buildings: Sequence[Building], routed: str) -> Advice:
    """Where it would be cheaper than where the policy sends the goods, by a margin worth mentioning."""
    costed = tuple(sorted((_costed(goods, one) for one in buildings), key=_cheapest_first))
    chosen = next((one for one in costed if one.facility_id == routed), None)
    best = next((one for one in costed if not one.why_not), None)
    if chosen is None or best is None:
        return Advice(routed, costed, "", "No building has a quoted freight and room for the goods.")
    if chosen.why_not and best is not chosen:
        said = f"{chosen.name} {chosen.why_not}; {best.name} would take them at {_dollars(best)}."
        return Advice(routed, costed, best.facility_id, said)
    saving = chosen.total_usd_minor - best.total_usd_minor
    share = _PER_CENT * saving >= _LEAST_SAVING_PER_CENT * chosen.total_usd_minor
    if saving < _LEAST_SAVING_USD_MINOR or not share:
        return Advice(routed, costed, "", f"No other building is clearly cheaper than {chosen.name}.")
    said = (
        f"{best.name} would cost {_dollars(best)} against {_dollars(chosen)} at {chosen.name}, where the "
        f"policy sends them: {saving / _PER_CENT:,.2f} USD less."
    )
    return Advice(routed, costed, best.facility_id, said)


def _costed(goods: Goods, one: Building) -> Costed:
    days = one.dock.days_before(goods.pieces)
    a_day = goods.cost_usd_minor * goods.lying_basis_points_a_day / _BASIS_POINTS
    waiting = round((a_day + goods.waiting_usd_minor_a_day) * (days or 0.0))
    freight = one.freight_usd_minor or 0
    onward = (one.to_bench_usd_minor or 0) * goods.bench_permille // _PERMILLE
    return Costed(
        facility_id=one.facility_id,
        name=one.name,
        freight_usd_minor=freight,
        onward_usd_minor=onward,
        wait_tenths_of_days=None if days is None else round(days * 10),
        waiting_usd_minor=waiting,
        total_usd_minor=freight + onward + waiting,
        room=one.dock.room,
        before=one.dock.to_come + one.dock.lying,
        why_not=_why_not(goods, one),
    )


def _why_not(goods: Goods, one: Building) -> str:
    if one.freight_usd_minor is None:
        return "has no freight that a carrier quotes"
    if one.to_bench_usd_minor is None and goods.bench_permille == _PERMILLE:
        return "cannot test the class, and nobody quotes the way to the bench"
    if not one.dock.takes(goods.pieces):
        return f"has no room: {one.dock.to_come + one.dock.lying} pieces for {one.dock.room} places"
    return ""


def _cheapest_first(one: Costed) -> tuple[bool, int, str]:
    return bool(one.why_not), one.total_usd_minor, one.facility_id


def _dollars(one: Costed) -> str:
    return f"{one.total_usd_minor / _PER_CENT:,.2f} USD"
