"""Planted fraud among honest returns: how well the score finds it, and whom it troubles for nothing.

The truth is made otherwise than the score reckons. Accounts return at log-normal rates, not gamma ones, a
tenth of the honest share an address, a twentieth honestly return three times as much, projects are cancelled
and come back in one burst, parcels are stolen after the scan, serials are mistyped. Of the fraud, goods
exchanged for worthless ones in the box leave no trace that the score looks at, and some who split stay
8 % under the limit. A year is played; habits are those of its first half, and the second half is scored.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from random import Random

from evals.advice_figures import auroc, share
from tools import fraud_findings as finding
from tools.fraud_findings import Counted, Delivery, Earlier, FraudFinding, Peers

CEILINGS = {"standard": 700, "silver": 750, "gold": 800, "platinum": 800}
LIMITS = {"standard": 50_000, "silver": 100_000, "gold": 250_000, "platinum": 500_000}
_FIRST_DAY, _HALF_YEAR = date(2026, 1, 1), 182
_LINES_MEDIAN, _LINES_SPREAD = 90.0, 0.6
_RATE_MEDIAN, _RATE_SPREAD = 0.05, 0.5
_HEAVY_SHARE, _HEAVY_TIMES = 0.05, 3.0
_SHARED_ADDRESS, _FRAUD_SHARE = 0.10, 0.06
_PROJECT_CHANCE, _PROJECT_LINES = 0.08, (5, 15)
_HONEST_MISSING, _STOLEN_AFTER_SCAN = 0.04, 0.6
_HONEST_PHOTO_AGAIN, _MISTYPED_SERIAL, _SAME_SERIAL_AGAIN = 0.01, 0.004, 0.01
_KNOWN_AGAIN = 0.85
"""Of photos changed on purpose, how many still look alike: an assumption, since some crop deeper than 9 %"""
_AMOUNT_SPREAD, _SPLIT_WITHIN, _SPLIT_CAREFUL = 1.2, (0.95, 1.0), 0.35


class Kind(StrEnum):
    """How an account behaves. `BOX` leaves no trace that the score looks at."""

    HONEST = "honest"
    HEAVY = "honest, returns much"
    ABUSER = "returns at five times the rate"
    SERIAL = "serials returned before"
    MISSING = "delivered, said to be missing"
    SPLITTER = "amounts just under a limit"
    PHOTO = "one photo for many requests"
    RING = "ring at one address"
    BOX = "other goods in the box (no trace)"


FRAUD = tuple(kind for kind in Kind if kind not in {Kind.HONEST, Kind.HEAVY})
_TIMES = {Kind.HEAVY: _HEAVY_TIMES, Kind.ABUSER: 5.0, Kind.RING: 2.5, Kind.SPLITTER: 2.0}
_RING = 4
_ACTS = 0.6
"""Of the requests of a fraudster so many are pretence; of those that act by rate, all"""


@dataclass(slots=True)
class Account:
    """A customer with what it bought and asked back in each half of the year."""

    number: int
    tier: str
    kind: Kind
    address: int
    rate: float
    bought: int
    returned: int = 0
    near: int = 0
    asked: int = 0
    missed: int = 0
    photos: int = 0


@dataclass(frozen=True, slots=True)
class Scored:
    """One request of the second half, with its score and the truth."""

    kind: Kind
    is_fraud: bool
    score: int
    ceiling: int
    returns_only: float
    """The baseline: returned lines for each line bought"""
    codes: tuple[str, ...]

    @property
    def is_escalated(self) -> bool:
        """The score sends it to a person."""
        return self.score > self.ceiling


@dataclass(slots=True)
class _Year:
    random: Random
    accounts: list[Account]
    peers: dict[str, Peers | None] = field(default_factory=dict)
    before: dict[int, Counted] = field(default_factory=dict)
    at_address: dict[int, list[Account]] = field(default_factory=lambda: defaultdict(list))


def scored(seed: int, accounts: int = 120) -> list[Scored]:
    """The requests of the second half of one year, in their order."""
    random = Random(f"fraud {seed}")
    year = _Year(random, list(_accounts(random, accounts)))
    for one in year.accounts:
        year.at_address[one.address].append(one)
    for first, account in _requests(year):
        del first
        account.returned += 1
    year.before = {one.number: Counted(one.bought, one.returned) for one in year.accounts}
    for tier in CEILINGS:
        same = [one for one in year.accounts if one.tier == tier]
        year.peers[tier] = Peers.of([year.before[one.number] for one in same])
    return [_score(year, account, day) for day, account in sorted(_requests(year), key=_by_day)]


def _by_day(pair: tuple[int, Account]) -> tuple[int, int]:
    return pair[0], pair[1].number


def _accounts(random: Random, count: int) -> Iterator[Account]:
    ring_ends = ring = -1
    for number in range(count):
        kind = Kind.HEAVY if random.random() < _HEAVY_SHARE else Kind.HONEST
        if random.random() < _FRAUD_SHARE:
            kind = random.choice(FRAUD)
        if kind is Kind.RING and number > ring_ends:
            ring, ring_ends = number, number + _RING - 1
        kind = Kind.RING if number <= ring_ends else kind
        address = ring if kind is Kind.RING else number
        if kind is Kind.HONEST and number and random.random() < _SHARED_ADDRESS:
            address = random.randrange(number)
        tier = random.choice(list(CEILINGS))
        rate = random.lognormvariate(0, _RATE_SPREAD) * _RATE_MEDIAN * _TIMES.get(kind, 1.0)
        bought = max(int(random.lognormvariate(0, _LINES_SPREAD) * _LINES_MEDIAN), 5)
        yield Account(number, tier, kind, address, min(rate, 0.9), bought)


def _requests(year: _Year) -> Iterator[tuple[int, Account]]:
    """Days of half a year on which lines are asked back: one at a time, and projects in one burst."""
    random = year.random
    for account in year.accounts:
        lines = sum(random.random() < account.rate for _ in range(account.bought))
        yield from ((random.randrange(_HALF_YEAR), account) for _ in range(lines))
        if random.random() < _PROJECT_CHANCE and account.kind is Kind.HONEST:
            day = random.randrange(_HALF_YEAR)
            yield from ((day, account) for _ in range(random.randint(*_PROJECT_LINES)))


def _score(year: _Year, account: Account, day: int) -> Scored:
    random, today = year.random, _FIRST_DAY + timedelta(days=_HALF_YEAR + day)
    acts = account.kind in {Kind.ABUSER, Kind.RING} or random.random() < _ACTS
    is_fraud = account.kind in FRAUD and acts
    found = [
        one
        for look in (_rate, _ties, _serial, _carrier, _photo, _limit)
        if (one := look(year, account, today, is_fraud)) is not None
    ]
    account.returned += 1
    account.asked += 1
    return Scored(
        account.kind,
        is_fraud,
        finding.combined(found),
        CEILINGS[account.tier],
        account.returned / account.bought,
        tuple(one.code for one in found),
    )


_Look = Callable[[_Year, Account, date, bool], FraudFinding | None]


def _own(year: _Year, account: Account) -> Counted:
    """Half a year up to now: the first half wanes as the second grows."""
    return Counted(account.bought, year.before[account.number].returned // 2 + account.asked)


def _rate(year: _Year, account: Account, _today: date, _is_fraud: bool) -> FraudFinding | None:
    peers = year.peers[account.tier]
    return finding.return_rate(_own(year, account), peers, account.tier) if peers else None


def _ties(year: _Year, account: Account, _today: date, _is_fraud: bool) -> FraudFinding | None:
    others = [one for one in year.at_address[account.address] if one is not account]
    peers = year.peers[account.tier]
    if not others or peers is None:
        return None
    return finding.cluster(_own(year, account), [_own(year, one) for one in others], peers, "address")


def _serial(year: _Year, account: Account, today: date, is_fraud: bool) -> FraudFinding | None:
    random = year.random
    before = today - timedelta(days=30)
    if is_fraud and account.kind is Kind.SERIAL:
        mine = random.random() < 1 / 2
        seen = Earlier("S", same_account=mine, same_line=False, let_in=True, closed=True, on=before)
    elif random.random() < _MISTYPED_SERIAL:
        seen = Earlier("S", same_account=False, same_line=False, let_in=True, closed=False, on=before)
    elif random.random() < _SAME_SERIAL_AGAIN:
        seen = Earlier("S", same_account=True, same_line=True, let_in=True, closed=False, on=before)
    else:
        return None
    return finding.serial_seen([seen], sold_on_this_line=False)


def _carrier(year: _Year, account: Account, today: date, is_fraud: bool) -> FraudFinding | None:
    lies = is_fraud and account.kind is Kind.MISSING
    if not lies and year.random.random() >= _HONEST_MISSING:
        return None
    is_scanned = lies or year.random.random() < _STOLEN_AFTER_SCAN
    delivery = Delivery(
        today - timedelta(days=9) if is_scanned else None, "delivered" if is_scanned else None
    )
    found = finding.not_as_carrier_says("late_or_missing", [delivery], today, account.missed)
    account.missed += found is not None
    return found


def _photo(year: _Year, account: Account, today: date, is_fraud: bool) -> FraudFinding | None:
    random = year.random
    recycles = is_fraud and account.kind is Kind.PHOTO and random.random() < _KNOWN_AGAIN
    if not recycles and random.random() >= _HONEST_PHOTO_AGAIN:
        return None
    mine = not recycles or random.random() < 1 / 2
    account.photos += 1
    day = today - timedelta(days=20)
    return finding.photo_seen(same_account=mine, bits_apart=3, day=day, times=account.photos)


def _limit(year: _Year, account: Account, _today: date, is_fraud: bool) -> FraudFinding | None:
    random, limit = year.random, LIMITS[account.tier]
    amount = limit * min(random.lognormvariate(-2, _AMOUNT_SPREAD), 3.0)
    if is_fraud and account.kind is Kind.SPLITTER:
        careful = random.random() < _SPLIT_CAREFUL
        amount = limit * (0.92 if careful else random.uniform(*_SPLIT_WITHIN))
    is_near = finding.near(int(amount), limit)
    account.near += is_near
    return finding.under_limits(account.near, account.asked + 1, "limit", "97 %") if is_near else None


@dataclass(frozen=True, slots=True)
class Fraud:
    """What one seed measured. Shares are None where nothing was there to be found."""

    auroc: float | None
    auroc_of_returns: float | None
    share: float | None
    """Of all requests that are fraud"""
    precision: float | None
    recall: float | None
    honest_escalated: float | None
    heavy_escalated: float | None
    recall_by_kind: dict[Kind, float | None]

    @classmethod
    def of(cls, requests: list[Scored]) -> "Fraud":
        """All figures of one year."""
        truth = [one.is_fraud for one in requests]
        return cls(
            auroc=auroc([one.score for one in requests], truth),
            auroc_of_returns=auroc([one.returns_only for one in requests], truth),
            share=share(truth),
            precision=share([one.is_fraud for one in requests if one.is_escalated]),
            recall=share([one.is_escalated for one in requests if one.is_fraud]),
            honest_escalated=share([one.is_escalated for one in requests if not one.is_fraud]),
            heavy_escalated=share([one.is_escalated for one in requests if one.kind is Kind.HEAVY]),
            recall_by_kind={
                kind: share([one.is_escalated for one in requests if one.is_fraud and one.kind is kind])
                for kind in FRAUD
            },
        )
