"""Reviewers before a queue: what is lost under each order, and how long the longest wait is.

The truth is made otherwise than the priority reckons. Whether a review matters depends on a hidden trait of
its customer beside its kind. A case is lost when its customer's patience, drawn for each, ends before anybody
looked: then what would have been turned down is paid. Waiting costs more with every hour, not the same. Work
takes log-normal time, by a reviewer's own pace, and the queue learns its habits from decided reviews only.
Reviews come in waves by the hour, more than two reviewers can take in the busy ones.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from math import log
from random import Random

from backhaul.domain.codes import Action, Tier
from backhaul.store.review_habits import ReviewHabit
from backhaul.store.review_order import priority_of
from tools.review_worth import Reviewed, worth_of

_BEGIN = datetime(2026, 3, 2, tzinfo=UTC)
_REVIEWERS = 2
_HOURS, _LEARNT_HOURS = 400, 120
_BUSY, _CALM = 24.0, 10.0
"""Reviews an hour, by the half of a day of eight hours: together about what two reviewers can take"""
_KINDS = {
    (Action.CREATE_RMA, "AUTO-LIMIT"): (0.10, 6.0, 7.2, 30),
    (Action.CREATE_RMA, "CONFIDENCE"): (0.15, 3.0, 4.6, 40),
    (Action.CREATE_RMA, "FRAUD"): (0.50, 14.0, 5.8, 6),
    (Action.CREDIT_MEMO, "QUALITY"): (0.25, 9.0, 6.2, 14),
    (Action.RETURNLESS_REFUND, "RTL-LIMIT"): (0.30, 4.0, 4.0, 10),
}
"""Chance that the answer is no, median minutes, log of the median value in USD, and how often of a hundred"""
_PATIENCE_HOURS, _PATIENCE_SPREAD = 30.0, 0.7
_VALUE_SPREAD, _TRAIT_SPREAD, _WORK_SPREAD = 1.1, 0.8, 0.5
_CENTS, _MINUTES = 100, 60


@dataclass(slots=True)
class Review:
    """A case with its truth: `matters`, minutes of work, patience in hours, cents at stake."""

    number: int
    kind: tuple[Action, str]
    tier: Tier
    came: float
    value: int
    matters: bool
    minutes: float
    patience: float
    goodwill: float


@dataclass(frozen=True, slots=True)
class Lost:
    """Cents lost, the longest wait in hours, and the median wait of reviews."""

    cents: float
    longest: float
    median: float


Order = Callable[[Review, list[ReviewHabit]], float]
"""The higher, the sooner; static from the moment the review comes"""


def _fifo(one: Review, _habits: list[ReviewHabit]) -> float:
    return -one.came


def _by_value(one: Review, _habits: list[ReviewHabit]) -> float:
    return float(one.value)


def _worth(one: Review, habits: list[ReviewHabit]) -> float:
    """The priority of the house."""
    worth = worth_of(Reviewed(one.kind[0], one.kind[1], one.tier, one.value), habits)
    return priority_of(worth.head_start_seconds, _BEGIN + timedelta(hours=one.came))


def _greedy(one: Review, habits: list[ReviewHabit]) -> float:
    """The same worth without any ageing."""
    worth = worth_of(Reviewed(one.kind[0], one.kind[1], one.tier, one.value), habits)
    return (worth.avoided_usd_minor or 0) / worth.seconds


ORDERS: dict[str, Order] = {
    "first come, first served": _fifo,
    "highest value first": _by_value,
    "worth a minute, never ageing": _greedy,
    "the house: worth a minute, ageing": _worth,
}


def reviews(seed: int) -> list[Review]:
    """All that come in one world."""
    random = Random(f"queue {seed}")
    came, found = 0.0, list[Review]()
    load = random.uniform(0.85, 1.15)
    while came < _HOURS:
        rate = (_BUSY if int(came / 4) % 2 == 0 else _CALM) * load
        came += random.expovariate(rate)
        found.append(_review(random, len(found), came))
    return found


def _review(random: Random, number: int, came: float) -> Review:
    kind = random.choices(list(_KINDS), [one[3] for one in _KINDS.values()])[0]
    turned_down, minutes, log_value, _ = _KINDS[kind]
    trait = random.lognormvariate(0, _TRAIT_SPREAD)
    tier = random.choices(list(Tier), [50, 25, 15, 10])[0]
    return Review(
        number=number,
        kind=kind,
        tier=tier,
        came=came,
        value=int(random.lognormvariate(log_value, _VALUE_SPREAD) * _CENTS),
        matters=random.random() < min(turned_down * trait, 0.95),
        minutes=random.lognormvariate(log(minutes), _WORK_SPREAD),
        patience=random.lognormvariate(log(_PATIENCE_HOURS), _PATIENCE_SPREAD),
        goodwill=random.lognormvariate(0, 0.5)
        * {"standard": 3, "silver": 5, "gold": 12, "platinum": 30}[tier],
    )


def played(seed: int, order: Order) -> Lost:
    """One world worked through in that order; its first hours only teach the habits."""
    coming, waiting, habits = reviews(seed), list[tuple[float, int]](), list[ReviewHabit]()
    seen: dict[str, list[float]] = {}
    pace = [Random(f"pace {seed} {at}").lognormvariate(0, 0.2) for at in range(_REVIEWERS)]
    free, lost, waits = [0.0] * _REVIEWERS, 0.0, list[float]()
    at_next, learnt_on = 0, -1
    while at_next < len(coming) or waiting:
        who = min(range(_REVIEWERS), key=lambda at: free[at])
        now = free[who] if waiting else max(free[who], coming[at_next].came)
        while at_next < len(coming) and coming[at_next].came <= now:
            one = coming[at_next]
            heappush(waiting, (-order(one, habits), one.number))
            at_next += 1
        if not waiting:
            free[who] = coming[at_next].came
            continue
        one = coming[heappop(waiting)[1]]
        took = one.minutes * pace[who] / _MINUTES
        free[who] = now + took
        _learn(seen, one, took)
        if int(now / 24) > learnt_on:
            learnt_on, habits = int(now / 24), _habits(seen)
        if one.came >= _LEARNT_HOURS:
            lost += _loss(one, now - one.came)
            waits.append(now - one.came)
    return Lost(lost, max(waits), sorted(waits)[len(waits) // 2])


def _loss(one: Review, waited: float) -> float:
    """Cents: what is paid wrongly when nobody looked in time, and goodwill that melts ever faster."""
    paid = one.value if one.matters and waited > one.patience else 0
    return float(paid + one.goodwill * _CENTS * (waited / 24) ** 1.5)


def _learn(seen: dict[str, list[float]], one: Review, took: float) -> None:
    held = seen.setdefault(f"{one.kind[0].value}/{one.kind[1]}", [0.0, 0.0, 0.0])
    held[0] += 1
    held[1] += one.matters
    held[2] += took * _MINUTES * 60


def _habits(seen: dict[str, list[float]]) -> list[ReviewHabit]:
    return [
        ReviewHabit(kind, int(held[0]), int(held[1]), int(held[0]), int(held[2]))
        for kind, held in seen.items()
    ]
