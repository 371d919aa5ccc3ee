"""Which segments have earned that sure readings decide by themselves, and from which confidence on.

For each segment of the declared hierarchy and each confidence of a fixed grid the claim is: of the decisions
in it that are read at least so surely, at most `alpha` are wrong. An exact binomial test proves a claim.
All proofs together are false with probability `delta` at most, whatever the rates are:

* Labels are looked at only when a segment has a number of them fixed beforehand (`looks`), in the order in
  which they were drawn. Each look has its share of the segment's part of delta.
* At one look the confidences are tried from the highest down. The first has half of what the look may spend,
  the others equal parts of the rest, and what was spent on a proof is free again for the next one (fallback
  procedure: Wiens 2003, Wiens and Dmitrienko 2005). So a proof at the top costs those below it nothing, and
  where very sure readings are rare they do not stand in the way.
* Delta is spread over the hierarchy (`SPENT`): everything, the classes, the leaves, and contradictions.

A segment may be open by its own proof or by that of a wider one, unless its own labels contradict: its lower
bound lies above alpha. Open segments are always disjoint units that are each proved, so that the share of
wrong ones among everything automatic is at most alpha as well; a union of proofs that overlap would not be.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from backhaul.analytics.bounds import Flags, Floats, Whole, tail_above, tail_below, upper_bound
from backhaul.domain.autonomy import CLASSES, CLOSED, EVERYTHING, LEAVES, TREE, BlindLabel, Segment

SPENT = {"everything": 0.4, "class": 0.3, "leaf": 0.2, "contradiction": 0.1}
"""Parts of delta; log(1 / level) decides how many labels a proof takes, so that the split matters little"""
_OF_THE_FIRST = 0.5


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be proved, fixed before anybody looks. The thresholds are permille, the highest first."""

    alpha: float = 0.01
    """Most of the automatic decisions that may be wrong"""
    delta: float = 0.05
    """Chance that anything that is called proved is not so"""
    thresholds: tuple[int, ...] = (980, 950, 900, 800, 700, 600, 500)
    looks: tuple[int, ...] = (700, 1_100, 2_000, 3_500, 5_000, 10_000)
    """Numbers of labels of a segment at which it is looked at for a proof"""
    doubts: tuple[int, ...] = (30, 60, 120, 250, 500, 1_000, 2_000, 5_000, 10_000)
    """Those at which it is looked at whether its labels contradict"""

    def level(self, segment: Segment) -> float:
        """What one look at a segment may spend, over all thresholds."""
        if segment.band:
            part = SPENT["leaf"] / len(LEAVES)
        elif segment.product_class:
            part = SPENT["class"] / len(CLASSES)
        else:
            part = SPENT["everything"]
        return self.delta * part / len(self.looks)

    def parts(self, segment: Segment) -> Floats:
        """What each threshold may spend at one look at a segment by itself."""
        rest = (1 - _OF_THE_FIRST) / (len(self.thresholds) - 1)
        return self.level(segment) * np.array([_OF_THE_FIRST] + [rest] * (len(self.thresholds) - 1))

    @property
    def contradiction_level(self) -> float:
        """What one comparison of a segment's own labels with alpha may spend."""
        comparisons = len(TREE) * len(self.doubts) * len(self.thresholds)
        return self.delta * SPENT["contradiction"] / comparisons


STANDARD = Plan()


class Sample(NamedTuple):
    """Labels as arrays, in the order in which they were drawn."""

    leaf: Whole
    """Place in LEAVES"""
    confidence: Whole
    wrong: Whole


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the labels of one segment say. The arrays have a place for each threshold of the plan."""

    segment: Segment
    labels: int
    wrong: int
    looked_at: int
    """Labels at the last look; 0 before the first"""
    counted: Whole
    """Of all its labels, those read at least so surely"""
    counted_wrong: Whole
    proved: tuple[bool, ...]
    """At one of the looks so far"""
    contradicted: tuple[bool, ...]
    """At one of the looks so far: the lower bound lies above alpha"""

    def floor(self, plan: Plan) -> int:
        """The lowest confidence that is proved, and not contradicted since; CLOSED when none is."""
        said = zip(plan.thresholds, self.proved, self.contradicted, strict=True)
        return min((at for at, is_proved, is_not in said if is_proved and not is_not), default=CLOSED)

    def contradicts(self, plan: Plan, floor: int) -> bool:
        """Whether its own labels say that too many are wrong from that confidence on."""
        at = _place(plan, floor)
        return at is not None and self.contradicted[at]

    def covered(self, plan: Plan, floor: int) -> int:
        """How many of its labels are read so surely."""
        at = _place(plan, floor)
        return 0 if at is None else int(self.counted[at])

    def bound(self, plan: Plan, floor: int) -> float:
        """The upper bound of the share of wrong ones from a confidence on, at what one look may spend.

        It is the figure of the moment; what is proved is decided at the looks.
        """
        at = _place(plan, floor)
        if at is None:
            return 1.0
        level = float(plan.parts(self.segment)[at])
        return upper_bound(int(self.counted_wrong[at]), int(self.counted[at]), level)

    def still_needed(self, plan: Plan, floor: int) -> int | None:
        """How many more labels prove that confidence if all of them are right; None when the plan has no such
        look. As many of them are taken to be so sure as of those there are; without any, all.
        """
        at = _place(plan, floor)
        if at is None:
            return None
        share = float(self.counted[at]) / self.labels if self.labels else 1.0
        level = plan.parts(self.segment)[at]
        for look in plan.looks:
            more = look - self.labels
            reached = np.asarray(self.counted[at] + int(more * share), dtype=np.int64)
            if more > 0 and tail_below(self.counted_wrong[at], reached, plan.alpha) <= level:
                return more
        return None


def _place(plan: Plan, floor: int) -> int | None:
    """Where a floor stands on the grid; one between two thresholds is held against the lower one. None where
    nothing is let through.
    """
    if floor >= CLOSED:
        return None
    below = (at for at, threshold in enumerate(plan.thresholds) if threshold <= floor)
    return next(below, len(plan.thresholds) - 1)


@dataclass(frozen=True, slots=True)
class Opened:
    """A leaf that has earned a floor, and by whose proof."""

    floor: int
    by: Segment


@dataclass(frozen=True, slots=True)
class Standing:
    """The evidence of every segment, and what may be open because of it."""

    plan: Plan
    evidence: Mapping[Segment, Evidence]
    opened: Mapping[Segment, Opened] = field(default_factory=dict)
    """By leaf"""


def sample_of(labels: Sequence[BlindLabel]) -> Sample:
    """Labels, already in order and countable, as arrays."""
    place = {leaf: at for at, leaf in enumerate(LEAVES)}
    return Sample(
        np.array([place[one.segment] for one in labels], dtype=np.int64),
        np.array([one.confidence_permille for one in labels], dtype=np.int64),
        np.array([one.is_wrong for one in labels], dtype=np.int64),
    )


def standing(sample: Sample, plan: Plan = STANDARD) -> Standing:
    """Look at a sample as the plan says."""
    evidence = {segment: _evidence(segment, sample, plan) for segment in TREE}
    return Standing(plan, evidence, _best(EVERYTHING, evidence, plan).leaves)


def _evidence(segment: Segment, sample: Sample, plan: Plan) -> Evidence:
    mine = _HOLDS[segment][sample.leaf]
    confidence, wrong = sample.confidence[mine], sample.wrong[mine]
    counted, counted_wrong = _counted(confidence, wrong, (confidence.size,), plan)
    looks = [look for look in plan.looks if look <= confidence.size]
    doubts = [look for look in plan.doubts if look <= confidence.size]
    seen, bad = _counted(confidence, wrong, looks, plan)
    proved = _fallback(tail_below(bad, seen, plan.alpha), plan.parts(segment))
    seen, bad = _counted(confidence, wrong, doubts, plan)
    against = tail_above(bad, seen, plan.alpha) <= plan.contradiction_level
    return Evidence(
        segment,
        labels=int(confidence.size),
        wrong=int(wrong.sum()),
        looked_at=looks[-1] if looks else 0,
        counted=counted[0],
        counted_wrong=counted_wrong[0],
        proved=tuple(bool(column.any()) for column in proved.T),
        contradicted=tuple(bool(column.any()) for column in against.T),
    )


_HOLDS = {segment: np.array([segment.holds(leaf) for leaf in LEAVES]) for segment in TREE}


def _counted(confidence: Whole, wrong: Whole, ends: Sequence[int], plan: Plan) -> tuple[Whole, Whole]:
    """How many of the first labels, and how many wrong ones, are read as surely as each threshold says.

    A row for each number of labels, a column for each threshold.
    """
    place = np.searchsorted(plan.thresholds[::-1], confidence, side="right")
    bad = np.flatnonzero(wrong)
    size, shape = len(plan.thresholds) + 1, (len(ends), len(plan.thresholds))
    passed = [np.bincount(place[:end], minlength=size) for end in ends]
    passed_bad = [np.bincount(place[bad[bad < end]], minlength=size) for end in ends]
    rows = (np.array(one, dtype=np.int64).reshape(len(ends), size) for one in (passed, passed_bad))
    counted, counted_bad = (np.cumsum(one[:, :0:-1], axis=1).reshape(shape) for one in rows)
    return counted, counted_bad


def _fallback(chances: Floats, parts: Floats) -> Flags:
    """Which claims of each look are proved: a row a look, a column a threshold from the highest down."""
    if not chances.size:
        return np.zeros(chances.shape, dtype=np.bool_)
    carried = np.zeros(chances.shape[0])
    proved = np.zeros(chances.shape, dtype=np.bool_)
    for column, own in enumerate(parts):
        may_spend = own + carried
        proved[:, column] = chances[:, column] <= may_spend
        carried = np.where(proved[:, column], may_spend, 0.0)
    return proved


class _Choice(NamedTuple):
    """Disjoint proved units in a segment, and how many labels they let through."""

    covered: int
    leaves: dict[Segment, Opened]


def _best(segment: Segment, evidence: Mapping[Segment, Evidence], plan: Plan) -> _Choice:
    """The units that let most through: the segment's own proof without what contradicts it, or its parts'."""
    parts = [_best(child, evidence, plan) for child in segment.children]
    apart = _Choice(
        sum(part.covered for part in parts),
        {leaf: opened for part in parts for leaf, opened in part.leaves.items()},
    )
    floor = evidence[segment].floor(plan)
    if floor == CLOSED:
        return apart
    together = _together(segment, floor, evidence, plan)
    return together if together.covered > apart.covered or not parts else apart


def _together(segment: Segment, floor: int, evidence: Mapping[Segment, Evidence], plan: Plan) -> _Choice:
    at = plan.thresholds.index(floor)
    against = [
        part for part in TREE if part != segment and segment.holds(part) and evidence[part].contradicted[at]
    ]
    carved = [part for part in against if not any(other != part and other.holds(part) for other in against)]
    covered = int(evidence[segment].counted[at]) - sum(int(evidence[part].counted[at]) for part in carved)
    inside = [leaf for leaf in segment.leaves if not any(part.holds(leaf) for part in carved)]
    own = [_best(part, evidence, plan) for part in carved]
    leaves = {leaf: Opened(floor, segment) for leaf in inside}
    for part in own:
        leaves |= part.leaves
    return _Choice(covered + sum(part.covered for part in own), leaves)
