"""Three docks and a stream of returns: what it really costs to follow the policy, the nearest, or the advice.

Quotes, addresses and routes are the house's own. The truth is made otherwise than the advice reckons: freight
is off by luck and sometimes bears a surcharge, sound goods need a bench more often than believed, a building
slows down half way without telling, a wave of other returns fills one dock, waiting costs more every day, and
whoever follows the advice fills the dock that it recommends.
"""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from random import Random

from backhaul.bootstrap.policy_shelf import SHIPPED, read_documents
from backhaul.connectors.embedded.carrier_tariff import OVERLAND, rates
from backhaul.connectors.embedded.seed_data import AccountSheet, accounts, facilities
from backhaul.connectors.ports import LabelRequest
from backhaul.domain.codes import Action
from backhaul.domain.trade import Address
from evals.policy_cases import some_decisions
from policies.book import PolicyBook
from tools.facility_advice import Advice, Building, Dock, Goods, advise

_DAYS, _A_DAY = 120, 20
_WINDOW = 28
_BELIEVED_BENCH_PERMILLE, _TRUE_BENCH = 100, 0.25
_LYING_BASIS_POINTS, _GOODWILL_A_DAY = 7, 600
_WORKED = 0.92
"""Of what the docks together can settle, so much comes on an ordinary day"""
_SURCHARGE, _SURCHARGE_CHANCE = 1_200, 0.06
_SLOWED, _WAVE_DAYS, _WAVE = 0.75, range(50, 62), 2.5
_POOL = 400


@dataclass(frozen=True, slots=True)
class Asked:
    """One return with what the policy says of it; `quotes` in cents by building."""

    routed: str
    bench: str
    is_sent_to_bench: bool
    pieces: int
    cost: int
    quotes: Mapping[str, int]


@dataclass(slots=True)
class _TrueDock:
    facility_id: str
    room: int
    a_day: float
    waiting: float = 0.0
    settled: deque[float] = field(default_factory=lambda: deque(maxlen=_WINDOW))

    def seen(self) -> Dock:
        lately = sum(self.settled) / len(self.settled) if self.settled else None
        return Dock(to_come=0, lying=round(self.waiting), room=self.room, settled_a_day=lately)


Arm = Callable[[Asked, Mapping[str, _TrueDock]], str]


def by_policy(one: Asked, _docks: Mapping[str, _TrueDock]) -> str:
    """Where the policy sends the goods."""
    return one.routed


def by_freight(one: Asked, _docks: Mapping[str, _TrueDock]) -> str:
    """Always the building with the cheapest label."""
    return min(one.quotes, key=lambda name: (one.quotes[name], name))


def by_advice(one: Asked, docks: Mapping[str, _TrueDock]) -> str:
    """Where the advice finds it cheaper, else where the policy sends the goods."""
    return _advised(one, docks).cheaper or one.routed


ARMS: dict[str, Arm] = {
    "where the policy sends them": by_policy,
    "always the cheapest label": by_freight,
    "the advice": by_advice,
}


def _advised(one: Asked, docks: Mapping[str, _TrueDock]) -> Advice:
    goods = Goods(
        pieces=one.pieces,
        cost_usd_minor=one.cost,
        bench_permille=1_000 if one.is_sent_to_bench else _BELIEVED_BENCH_PERMILLE,
        lying_basis_points_a_day=_LYING_BASIS_POINTS,
        waiting_usd_minor_a_day=_GOODWILL_A_DAY,
    )
    buildings = [
        Building(name, name, quote, onward(name, one.bench, one.pieces), docks[name].seen())
        for name, quote in one.quotes.items()
    ]
    return advise(goods, buildings, one.routed)


@cache
def onward(start: str, bench: str, pieces: int) -> int | None:
    """Cents from one building to another."""
    places = _places()
    return 0 if start == bench else _quote(places[start], places[bench], pieces)


@cache
def _places() -> dict[str, Address]:
    return {
        one.facility_id: Address(one.name, one.street, one.city, one.state, one.postal_code)
        for one in facilities()
    }


def _quote(start: Address, end: Address, pieces: int) -> int | None:
    request = LabelRequest(
        "quote", start, end, 1_500 * pieces, date(2026, 11, 27), hazmat=False, pieces=pieces
    )
    return min((one.cost.minor for one in rates(OVERLAND, request)), default=None)


@cache
def pool() -> tuple[Asked, ...]:
    """Requests for an RMA that the policy routes somewhere, from addresses of the demo's customers."""
    book, random = PolicyBook.load(read_documents(SHIPPED)), Random("facility pool")
    found = []
    for one in some_decisions(book, _POOL * 12, seed=11):
        facts, day = one.facts, one.decision_date
        if facts.action is not Action.CREATE_RMA or facts.unknown:
            continue
        routed = book.routed(facts, order_date=one.order_date, decision_date=day)
        cells = book.cells(["route", "bench"], facts, order_date=one.order_date, decision_date=day)
        customers = [each for each in accounts() if each.region == facts.region]
        pieces = min(facts.quantity, 12)
        quotes = _quotes(random.choice(customers), pieces) if customers else {}
        if routed and len(quotes) == len(_places()):
            cost = min(facts.unit_price_usd_minor * pieces * 6 // 10, 500_000)
            is_bench = cells.get("route") == "bench"
            found.append(Asked(routed, str(cells.get("bench", routed)), is_bench, pieces, cost, quotes))
    return tuple(found)


def _quotes(customer: AccountSheet, pieces: int) -> dict[str, int]:
    start = Address(customer.name, customer.street, customer.city, customer.state, customer.postal_code)
    quoted = {name: _quote(start, place, pieces) for name, place in _places().items()}
    return {name: cents for name, cents in quoted.items() if cents is not None}


def cost(seed: int, arm: Arm) -> float:
    """True cents a return of one world when that arm sends them."""
    random = Random(f"facility {seed}")
    stream = [[random.choice(pool()) for _ in range(_A_DAY)] for _ in range(_DAYS)]
    luck = Random(f"facility luck {seed}")
    docks, slow, waved = (
        _docks(random, stream),
        random.choice(list(_places())),
        random.choice(list(_places())),
    )
    spent = 0.0
    for day, today in enumerate(stream):
        for one in today:
            chosen = docks[arm(one, docks)]
            spent += _true_cost(luck, one, chosen)
            chosen.waiting += one.pieces
        for dock in docks.values():
            wave = _WAVE if dock.facility_id == waved and day in _WAVE_DAYS else 1.0
            # Half of what a dock does comes from elsewhere: returns that nobody asked about here.
            dock.waiting += dock.a_day * _WORKED / 2 * wave * random.uniform(0.7, 1.3)
            _work(dock, slowed=dock.facility_id == slow and day > _DAYS / 2)
    return spent / (_DAYS * _A_DAY)


def _docks(random: Random, stream: list[list[Asked]]) -> dict[str, _TrueDock]:
    """Each dock has about the hands that the policy's own routing needs, some more and some less."""
    found = {}
    for sheet in facilities():
        pieces = sum(one.pieces for day in stream for one in day if one.routed == sheet.facility_id)
        a_day = max(2 * pieces / _DAYS / _WORKED * random.uniform(0.9, 1.2), 10.0)
        found[sheet.facility_id] = _TrueDock(sheet.facility_id, sheet.quarantine_pieces, a_day)
    return found


def _work(dock: _TrueDock, *, slowed: bool) -> None:
    can = dock.a_day * (_SLOWED if slowed else 1.0)
    done = min(can, dock.waiting)
    dock.waiting -= done
    dock.settled.append(done)


def _true_cost(luck: Random, one: Asked, dock: _TrueDock) -> float:
    freight = one.quotes[dock.facility_id] * luck.lognormvariate(0, 0.08)
    freight += _SURCHARGE if luck.random() < _SURCHARGE_CHANCE else 0
    needs_bench = luck.random() < (1.0 if one.is_sent_to_bench else _TRUE_BENCH)
    to_bench = (onward(dock.facility_id, one.bench, one.pieces) or 0) * 0.8 if needs_bench else 0.0
    days = (dock.waiting + one.pieces / 2) / dock.a_day
    overflow = 2_500 if dock.waiting > dock.room else 0
    lying = one.cost * _LYING_BASIS_POINTS / 10_000 * days
    return float(freight + to_bench + lying + _GOODWILL_A_DAY * days**1.2 + overflow)
