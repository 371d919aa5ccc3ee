"""Which open slot of a line changes the verdict most, and which changes nothing and need not be asked for.

Each open slot has likely values. Every combination of them is held against the policy (tools.foresight), and
a question is worth what its answer would tell: first of the verdict, then of the money. Nothing is shown.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from agent.state import DraftLine, TurnContext
from agent.wording import COMMON_REASONS, CREDIT_IS_IMPLIED
from backhaul.domain.codes import Outcome, Reason, Resolution
from tools.foresight import OrderedGoods, Outlook, Reading, foresee

_Value = TypeVar("_Value")
_MOST_READINGS = 60
_MOST_REASONS = 4
_KNOWN_PERMILLE = 900
"""So much of what the words may mean must be among the reasons weighed before one of them is taken."""
_SURE = 1_000
_A_DIFFERENCE = 0.01
"""Bits. Verdicts that differ by less are the same; then the money decides."""

_ONE, _ALL = 0.33, 0.20
"""How often one piece comes back and how often all do, where more were shipped: 130 and 79 of 391 such lines
in the suites core, edge and dialogue. The rest is taken as half of them.
"""
_WISHES: Mapping[Reason, Mapping[Resolution, float]] = {
    Reason.DEFECTIVE: {Resolution.CREDIT: 0.5, Resolution.REPLACEMENT: 0.45, Resolution.REPAIR: 0.05},
    Reason.WARRANTY_FAILURE: {Resolution.REPLACEMENT: 0.7, Resolution.REPAIR: 0.2, Resolution.CREDIT: 0.1},
    Reason.DAMAGED_IN_TRANSIT: {Resolution.CREDIT: 0.5, Resolution.REPLACEMENT: 0.5},
    Reason.MISSING_PARTS: {Resolution.REPLACEMENT: 0.65, Resolution.CREDIT: 0.35},
    Reason.WRONG_ITEM: {Resolution.REPLACEMENT: 0.8, Resolution.CREDIT: 0.2},
}
"""What is wished for where the reason implies no credit; counted over the same suites and rounded."""
_SLOTS: Mapping[str, Callable[[Reading], Hashable]] = {
    "reason": lambda reading: reading.reason,
    "quantity": lambda reading: reading.quantity,
    "resolution": lambda reading: reading.resolution,
}


@dataclass(frozen=True, slots=True)
class Worth:
    """What the answer to a question is expected to tell.

    `verdict_bits` is the mutual information of the slot and the outcome (permit, deny, ask, escalate).
    `regret_minor`, in cents of the ledger currency, is what would on average be put down wrongly if the
    likeliest value were taken instead of asking.
    """

    slot: str
    verdict_bits: float
    regret_minor: float

    @property
    def rank(self) -> tuple[int, float]:
        """The verdict first; differences that nobody would notice do not count."""
        return round(self.verdict_bits / _A_DIFFERENCE), self.regret_minor


@dataclass(frozen=True, slots=True)
class Case:
    """A combination of values, how likely it is, and what would come of it."""

    reading: Reading
    chance: float
    outlook: Outlook


def first_of(turn: TurnContext, line: DraftLine, slots: Sequence[str]) -> str:
    """The slot to ask for: the one whose answer tells most. Those that tell the same keep their order.

    `slots` are among reason, quantity and resolution, and the line is tied to its order line: before that,
    nothing can be weighed.
    """
    if len(slots) == 1:
        return slots[0]
    ranked = sorted(worths(cases_of(turn, line), slots), key=lambda one: one.rank, reverse=True)
    return ranked[0].slot


def assumed(turn: TurnContext, line: DraftLine) -> DraftLine:
    """The line with its likeliest wish or reason, where every likely one comes to the very same.

    The same verdict by the same rules, the same goods or money. Quantity, order line and serials are never
    taken: they are what a consent binds to. An assumption is shown in the read-back and can be changed.
    """
    if not line.order_number or not 0 < line.quantity <= line.returnable:
        return line
    if not line.reason:
        line = _assumed_reason(turn, line)
    if line.reason and not line.resolution:
        line = _assumed_wish(turn, line)
    return line


def not_assumed(line: DraftLine) -> DraftLine:
    """The line without its assumptions: after another message they may not hold any more."""
    fresh = replace(line, resolution="" if "resolution" in line.assumed else line.resolution, assumed=())
    return replace(fresh, reason="", reason_permille=0) if "reason" in line.assumed else fresh


def _assumed_wish(turn: TurnContext, line: DraftLine) -> DraftLine:
    outlooks = {one.outlook for one in cases_of(turn, line)}
    if len(outlooks) != 1:
        return line
    (only,) = outlooks
    wish = only.effect or next(iter(_wishes(Reason(line.reason)))).value
    return replace(line, resolution=wish, assumed=(*line.assumed, "resolution"))


def _assumed_reason(turn: TurnContext, line: DraftLine) -> DraftLine:
    """Taken as unsure as it was read: policy has a person look where that alone would stand in the way."""
    likely = dict(zip(line.maybe, line.maybe_permille, strict=False))
    if sum(list(likely.values())[:_MOST_REASONS]) < _KNOWN_PERMILLE:
        return line
    code, permille = max(likely.items(), key=lambda one: one[1])
    taken = replace(line, reason=code, reason_permille=permille, assumed=(*line.assumed, "reason"))
    outlooks = {one.outlook for one in (*cases_of(turn, line), *cases_of(turn, taken))}
    return taken if len(outlooks) == 1 else line


def cases_of(turn: TurnContext, line: DraftLine) -> list[Case]:
    """Every likely combination of what is open on the line, at most sixty, with what would come of it."""
    chances = [
        (Reading(quantity, reason, wish, line.reason_permille if line.reason else _SURE), chance)
        for quantity, often in quantity_chances(line).items()
        for reason, likely in reason_chances(line).items()
        for wish, wished in _wishes_of(line, reason).items()
        if (chance := often * likely * wished)
    ][:_MOST_READINGS]
    goods = OrderedGoods(line.order_number, line.line, line.serials)
    outlooks = foresee(turn.desk, turn.speaker, turn.thread_id, goods, [reading for reading, _ in chances])
    return [Case(reading, chance, outlooks[reading]) for reading, chance in chances]


def quantity_chances(line: DraftLine) -> Mapping[int, float]:
    """One piece, half of them, or all; or what was said, where so many can come back."""
    most = line.returnable
    if 0 < line.quantity <= most or most <= 1:
        return {line.quantity or 1: 1.0}
    some = {most // 2: 1 - _ONE - _ALL} if most // 2 > 1 else {}
    return _shares({1: _ONE, **some, most: _ALL})


def reason_chances(line: DraftLine) -> Mapping[Reason, float]:
    """As the reader calibrated them; without a word about why, the commonest are taken as equally likely."""
    if line.reason:
        return {Reason(line.reason): 1.0}
    heard = dict(zip(line.maybe, line.maybe_permille, strict=False))
    if not any(heard.values()):
        return _shares(dict.fromkeys(COMMON_REASONS, 1.0))
    return _shares({Reason(code): float(permille) for code, permille in list(heard.items())[:_MOST_REASONS]})


def worths(cases: Sequence[Case], slots: Sequence[str]) -> list[Worth]:
    """What each question is worth, given how likely every combination is. Pure."""
    return [Worth(slot, _bits_told(cases, slot), _regret(cases, slot)) for slot in slots]


def _wishes_of(line: DraftLine, reason: Reason) -> Mapping[Resolution, float]:
    return {Resolution(line.resolution): 1.0} if line.resolution else _wishes(reason)


def _wishes(reason: Reason) -> Mapping[Resolution, float]:
    return {Resolution.CREDIT: 1.0} if reason in CREDIT_IS_IMPLIED else _WISHES[reason]


def _bits_told(cases: Sequence[Case], slot: str) -> float:
    """Entropy of the outcome, less what is left of it on average once the slot is known."""
    left = sum(sum(one.chance for one in known) * _entropy(known) for known in _by(cases, slot).values())
    return max(_entropy(cases) - left, 0.0)


def _entropy(cases: Iterable[Case]) -> float:
    """Of the outcome, in bits."""
    often: defaultdict[Outcome, float] = defaultdict(float)
    for one in cases:
        often[one.outlook.outcome] += one.chance
    return -sum(part * math.log2(part) for part in _shares(often).values() if part)


def _regret(cases: Sequence[Case], slot: str) -> float:
    """What would be put down wrongly on average, if the likeliest value stood for all of them."""
    taken = max(_by(cases, slot).values(), key=lambda known: sum(one.chance for one in known))
    rest = [name for name in _SLOTS if name != slot]
    return sum(
        one.chance * min(_difference(one, other) for other in _alike(one, taken, rest)) for one in cases
    )


def _alike(one: Case, among: Sequence[Case], slots: Sequence[str]) -> Sequence[Case]:
    """Those with the same values in these slots; all, where a reason is not wished for so."""
    same = [
        other
        for other in among
        if all(_SLOTS[name](other.reading) == _SLOTS[name](one.reading) for name in slots)
    ]
    return same or among


def _difference(one: Case, other: Case) -> int:
    """Cents between two outlooks; all of it where the customer gets something else."""
    mine, theirs = one.outlook.usd_minor or 0, other.outlook.usd_minor or 0
    return abs(mine - theirs) if one.outlook.effect == other.outlook.effect else max(mine, theirs)


def _by(cases: Sequence[Case], slot: str) -> Mapping[Hashable, list[Case]]:
    found: defaultdict[Hashable, list[Case]] = defaultdict(list)
    for one in cases:
        found[_SLOTS[slot](one.reading)].append(one)
    return found


def _shares(weights: Mapping[_Value, float]) -> dict[_Value, float]:
    """The weights as parts of one."""
    whole = sum(weights.values())
    return {value: weight / whole for value, weight in weights.items()}
