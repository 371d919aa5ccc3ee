"""Dispositions of a year of goods: how well the forecast foretells those of its last quarter.

The truth is made otherwise than the forecast reckons: a hidden wear that grows with age and class, a
customer who tells the condition wrongly now and then, a market for each class, inspectors with a taste of
their own, and in the last quarter one class that is scrapped instead of repaired, which no record foretells.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random

from backhaul.domain.codes import Condition, ProductClass, Reason
from backhaul.domain.receiving import Disposition
from evals.advice_figures import calibration_error, log_loss
from tools.disposition_forecast import KNOWN, Kind, Tally, forecast

_MONTHS, _LEARNT_MONTHS = 12, 9
_REASONS = {
    Reason.NO_LONGER_NEEDED: 30,
    Reason.DEFECTIVE: 25,
    Reason.WRONG_SIZE: 12,
    Reason.ORDERED_BY_MISTAKE: 12,
    Reason.DAMAGED_IN_TRANSIT: 10,
    Reason.WARRANTY_FAILURE: 8,
    Reason.OVER_SHIPPED: 3,
}
_BROKEN = {Reason.DEFECTIVE: 1.6, Reason.WARRANTY_FAILURE: 2.4, Reason.DAMAGED_IN_TRANSIT: 1.2}
_TELLS_WRONGLY = 0.15
_AGES = ("a week", "a month", "a quarter", "longer")
_WORTHS = ("25 USD", "250 USD", "1,000 USD", "more")
_SPREAD = 0.6
_PSEUDO = 1.0

Shares = Mapping[Disposition, float]


@dataclass(frozen=True, slots=True)
class Went:
    """Goods that went one way, with what was known before they arrived."""

    month: int
    kind: Kind
    way: Disposition


@dataclass(frozen=True, slots=True)
class Foretold:
    """How well one way of foretelling did on the last quarter."""

    log_loss: float | None
    accuracy: float | None
    calibration: float | None


def year(seed: int, count: int = 4_000) -> list[Went]:
    """So many returns of one world, in their order."""
    random = Random(f"dispositions {seed}")
    wear = {one: random.lognormvariate(0, _SPREAD) for one in ProductClass}
    repaired = {one: random.random() for one in ProductClass}
    taken_back = {one: random.random() * 0.6 for one in ProductClass}
    turned = random.choice(list(ProductClass))
    months = (at * _MONTHS // count for at in range(count))
    return [_one(random, month, wear, repaired, taken_back, turned) for month in months]


def _one(
    random: Random,
    month: int,
    wear: Mapping[ProductClass, float],
    repaired: Mapping[ProductClass, float],
    taken_back: Mapping[ProductClass, float],
    turned: ProductClass,
) -> Went:
    goods = random.choice(list(ProductClass))
    reason = random.choices(list(_REASONS), list(_REASONS.values()))[0]
    age, worth = random.randrange(len(_AGES)), min(int(random.expovariate(0.8)), len(_WORTHS) - 1)
    worn = random.expovariate(1.0) * wear[goods] * (0.4 + 0.35 * age) * _BROKEN.get(reason, 0.35)
    way = _way(random, worn, worth, repaired[goods], taken_back[goods])
    if goods is turned and month >= _LEARNT_MONTHS and way is Disposition.REPAIR:
        way = Disposition.SCRAP
    told = _told(random, worn)
    return Went(month, Kind(goods.value, reason.value, told.value, _AGES[age], _WORTHS[worth]), way)


def _told(random: Random, worn: float) -> Condition:
    if random.random() < _TELLS_WRONGLY:
        return random.choice(list(Condition))
    if worn > 1.2:  # noqa: PLR2004 - thresholds of this world alone
        return Condition.BROKEN
    return Condition.USED if worn > 0.5 else Condition.OPENED_UNUSED if worn > 0.2 else Condition.UNOPENED  # noqa: PLR2004


def _way(random: Random, worn: float, worth: int, repaired: float, taken_back: float) -> Disposition:
    """An inspector's taste moves every threshold a little."""
    seen = worn * random.lognormvariate(0, 0.25)
    if seen > 0.5 and random.random() < taken_back:  # noqa: PLR2004
        return Disposition.RETURN_TO_VENDOR
    if seen < 0.35:  # noqa: PLR2004
        return Disposition.RESTOCK
    if seen < 0.8:  # noqa: PLR2004
        return Disposition.B_STOCK if worth else Disposition.SCRAP
    return Disposition.REPAIR if worth > 1 and random.random() < repaired else Disposition.SCRAP


def foretold(went: list[Went]) -> dict[str, Foretold]:
    """The last quarter by the forecast and by three simpler ways, all learnt on what came before."""
    learnt = [one for one in went if one.month < _LEARNT_MONTHS]
    late = [one for one in went if one.month >= _LEARNT_MONTHS]
    counted = Counter((one.kind, one.way) for one in learnt)
    by_reason = _tallies(counted)

    @cache
    def by_forecast(kind: Kind) -> Shares:
        found = forecast(kind, by_reason[kind.reason])
        return found.shares if found else {}

    return {
        "forecast": _judged(late, [by_forecast(one.kind) for one in late]),
        "all goods alike": _judged(late, [_counted_shares(learnt)] * len(late)),
        "by class": _by(late, learnt, "product_class"),
        "by reason": _by(late, learnt, "reason"),
        "exactly such goods, unsmoothed": _exactly(late, counted),
    }


def _tallies(counted: Mapping[tuple[Kind, Disposition], int]) -> dict[str, list[Tally]]:
    """As the house reads them: those of the reason apart, all others added up."""
    ways = Counter[Disposition]()
    for (_kind, way), times in counted.items():
        ways[way] += times
    found = {}
    for reason in _REASONS:
        same = [Tally(kind, way, times) for (kind, way), times in counted.items() if kind.reason == reason]
        own = Counter[Disposition]()
        for one in same:
            own[one.chosen] += one.times
        found[reason.value] = [*same, *(Tally(Kind(), way, times - own[way]) for way, times in ways.items())]
    return found


def _counted_shares(learnt: list[Went]) -> Shares:
    found = Counter(one.way for one in learnt)
    total = found.total() + _PSEUDO * len(KNOWN)
    return {way: (found[way] + _PSEUDO) / total for way in KNOWN}


def _by(late: list[Went], learnt: list[Went], name: str) -> Foretold:
    parts: dict[str, list[Went]] = {}
    for one in learnt:
        parts.setdefault(getattr(one.kind, name), []).append(one)
    shares = {key: _counted_shares(held) for key, held in parts.items()}
    nothing = _counted_shares([])
    return _judged(late, [shares.get(getattr(one.kind, name), nothing) for one in late])


def _exactly(late: list[Went], counted: Mapping[tuple[Kind, Disposition], int]) -> Foretold:
    said = []
    for one in late:
        found = {way: counted.get((one.kind, way), 0) + _PSEUDO for way in KNOWN}
        said.append({way: times / sum(found.values()) for way, times in found.items()})
    return _judged(late, said)


def _judged(late: list[Went], said: Sequence[Shares]) -> Foretold:
    likeliest = [max(KNOWN, key=lambda way: shares[way]) for shares in said]
    hits = [way is one.way for way, one in zip(likeliest, late, strict=True)]
    sure = [shares[way] for shares, way in zip(said, likeliest, strict=True)]
    return Foretold(
        log_loss([shares[one.way] for shares, one in zip(said, late, strict=True)]),
        sum(hits) / len(hits) if hits else None,
        calibration_error(sure, hits),
    )
