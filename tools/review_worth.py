"""What a review is worth a reviewer's minute, as the queue is ordered by it, with the arithmetic to show.

    loss avoided = chance that the answer is no x money at stake + what a day of waiting costs
    worth        = loss avoided / minutes that reviews of this kind take
    head start   = 24 h x log(worth / 0.10 USD) / log(1,000 USD / 0.10 USD), from 0 to 24 h

A review goes before those that came up to its head start earlier and have none. All grow older alike, so
the order never has to be worked out anew, and what has waited 24 hours longer than another goes before it,
whatever the other is worth: that is the bound on waiting. The logarithm makes ten times the worth the same
number of hours everywhere on the scale.

The figures named `_ASSUMED` are estimates of operations, none was measured; what is on record outweighs them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import log
from typing import Any

from backhaul.domain.codes import Action, Tier
from backhaul.store.review_habits import ReviewHabit
from backhaul.store.review_order import LONGEST_HEAD_START_SECONDS

PERSON_NEEDED = "person"
"""Kind of a review without a proposal"""
_ASSUMED_TURNED_DOWN, _TURNED_DOWN_WEIGHS = 0.2, 8.0
_ASSUMED_SECONDS, _SECONDS_WEIGH = 360.0, 10.0
_ASSUMED_DAY_OF_WAITING_USD_MINOR: Mapping[Tier, int] = {
    Tier.STANDARD: 400,
    Tier.SILVER: 600,
    Tier.GOLD: 1_000,
    Tier.PLATINUM: 2_000,
}
_CUSTOMER_WAITS = {
    Action.CREATE_RMA,
    Action.REPLACEMENT,
    Action.CREDIT_MEMO,
    Action.RETURNLESS_REFUND,
    Action.REPAIR_ORDER,
    Action.CANCEL_RMA,
}
_LEAST_A_MINUTE, _MOST_A_MINUTE = 10.0, 100_000.0
_PERMILLE, _SECONDS_A_MINUTE = 1_000, 60


@dataclass(frozen=True, slots=True)
class Worth:
    """The parts of a priority, in cents of the ledger currency; kept with the review and shown."""

    kind: str
    stake_usd_minor: int | None
    """Money that a wrong yes costs; None where it is unknown, and then the review goes first"""
    goods_back_permille: int
    """Share of the value that the goods are expected to bring in again, taken off the stake already"""
    turned_down_permille: int
    turned_down: int
    decided: int
    """On record of this kind, of which so many were turned down"""
    waiting_usd_minor: int
    seconds: int
    avoided_usd_minor: int | None
    head_start_seconds: int

    def record(self) -> dict[str, Any]:
        """As it is kept with the review."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What is under review. `value_usd_minor` is None where there is no exchange rate."""

    action: Action | None
    rule: str
    tier: Tier | None
    value_usd_minor: int | None
    goods_back_permille: int = 0

    @property
    def kind(self) -> str:
        """Reviews of a kind take about as long and end alike: the effect, and the rule that sent it here."""
        return f"{self.action.value}/{self.rule}" if self.action else PERSON_NEEDED


def worth_of(reviewed: Reviewed, habits: Sequence[ReviewHabit]) -> Worth:
    """The parts and the head start, from what is on record of such reviews."""
    turned_down, seconds = _turned_down(reviewed.kind, habits), _seconds(reviewed.kind, habits)
    own = next((one for one in habits if one.kind == reviewed.kind), None)
    waits = reviewed.action is None or reviewed.action in _CUSTOMER_WAITS
    waiting = day_of_waiting(reviewed.tier) if waits else 0
    value = reviewed.value_usd_minor
    stake = None if value is None else value * (_PERMILLE - reviewed.goods_back_permille) // _PERMILLE
    avoided = None if stake is None else int(turned_down * stake) + waiting
    return Worth(
        kind=reviewed.kind,
        stake_usd_minor=stake,
        goods_back_permille=reviewed.goods_back_permille,
        turned_down_permille=round(turned_down * _PERMILLE),
        turned_down=own.turned_down if own else 0,
        decided=own.decided if own else 0,
        waiting_usd_minor=waiting,
        seconds=round(seconds),
        avoided_usd_minor=avoided,
        head_start_seconds=head_start(avoided, seconds),
    )


def head_start(avoided_usd_minor: int | None, seconds: float) -> int:
    """Seconds by which a review goes before others; all of them where the loss is unknown."""
    if avoided_usd_minor is None:
        return LONGEST_HEAD_START_SECONDS
    a_minute = avoided_usd_minor * _SECONDS_A_MINUTE / max(seconds, 1.0)
    within = min(max(a_minute, _LEAST_A_MINUTE), _MOST_A_MINUTE)
    share = log(within / _LEAST_A_MINUTE) / log(_MOST_A_MINUTE / _LEAST_A_MINUTE)
    return round(LONGEST_HEAD_START_SECONDS * share)


def day_of_waiting(tier: Tier | None) -> int:
    """What a customer who waits a day costs us in goodwill, in cents of the ledger currency."""
    return _ASSUMED_DAY_OF_WAITING_USD_MINOR[tier or Tier.STANDARD]


def _turned_down(kind: str, habits: Sequence[ReviewHabit]) -> float:
    share = _ASSUMED_TURNED_DOWN
    for level in _levels(kind, habits):
        hits, of = sum(one.turned_down for one in level), sum(one.decided for one in level)
        share = (hits + _TURNED_DOWN_WEIGHS * share) / (of + _TURNED_DOWN_WEIGHS)
    return share


def _seconds(kind: str, habits: Sequence[ReviewHabit]) -> float:
    seconds = _ASSUMED_SECONDS
    for level in _levels(kind, habits):
        spent, of = sum(one.seconds for one in level), sum(one.timed for one in level)
        seconds = (spent + _SECONDS_WEIGH * seconds) / (of + _SECONDS_WEIGH)
    return seconds


def _levels(kind: str, habits: Sequence[ReviewHabit]) -> tuple[list[ReviewHabit], ...]:
    """All reviews, those of the same effect, those of the same kind, each to lean on the one before."""
    effect = kind.split("/", maxsplit=1)[0]
    same_effect = [one for one in habits if one.kind.split("/", maxsplit=1)[0] == effect]
    return list(habits), same_effect, [one for one in same_effect if one.kind == kind]
