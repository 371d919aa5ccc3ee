"""How far each segment is from deciding by itself, and which floors its labels bear out.

A proposal lowers a floor only to what is proved, and raises one that its labels contradict. A floor that is
neither is left as it is: it is its owner's choice, and the report calls it one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from backhaul.analytics.bounds import upper_bound
from backhaul.analytics.earning import STANDARD, Evidence, Opened, Plan, Standing, sample_of, standing
from backhaul.domain.autonomy import (
    CLOSED,
    FLOOR_TABLE,
    LEAVES,
    TREE,
    BlindLabel,
    Segment,
    Stratum,
    ValueBand,
    countable,
    is_held,
)
from policies.bundle import Bundle
from policies.drafting import edition_of


class Basis(StrEnum):
    """What a floor rests on."""

    PROVED = "proved"
    CHOICE = "a choice, not proved"
    CONTRADICTED = "contradicted by its labels"
    CLOSED = "closed"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Line:
    """One segment of the report. Floors are permille of confidence."""

    segment: Segment
    labels: int
    wrong: int
    floor: int | None
    """What the policy has now; None where the leaves differ"""
    bound: float
    """Upper bound of the share of wrong ones at that floor"""
    covered: int
    """Labels at or above that floor"""
    basis: Basis
    earned: Opened | None
    """The floor it could have, and by whose labels; of the leaves with the least when they differ"""
    needs: int | None
    """More labels, all of them right, until its own prove the floor it has; None when no look will"""


@dataclass(frozen=True, slots=True)
class Denials:
    """Refusals without anybody, read blind as well. No floor decides about them."""

    labels: int
    wrong: int
    bound: float
    """Upper bound of the share of wrong ones, at 95 %"""


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that is known about the autonomy of a house."""

    plan: Plan
    standing: Standing
    floors: Mapping[Segment, int]
    """What the policy has, by leaf"""
    held: tuple[Segment, ...]
    drawn: int
    waiting: int
    """Drawn, and not read by anybody yet; nothing after the first of them counts"""
    counted: int
    denials: Denials

    @property
    def lines(self) -> tuple[Line, ...]:
        """A line for every segment of the hierarchy, the widest first."""
        return tuple(_line(self, self.standing.evidence[segment]) for segment in TREE)

    @property
    def changes(self) -> dict[Segment, int]:
        """The floors to propose, by leaf: lower ones that are proved, higher ones where labels contradict."""
        told = {leaf: self._proposed(leaf) for leaf in LEAVES if leaf in self.floors}
        return {leaf: floor for leaf, floor in told.items() if floor != self.floors[leaf]}

    def _proposed(self, leaf: Segment) -> int:
        now, earned = self.floors[leaf], self.standing.opened.get(leaf)
        if earned and earned.floor < now:
            return now if is_held(self.held, leaf) else earned.floor
        if not self.is_contradicted(leaf, now):
            return now
        higher = [at for at in sorted(self.plan.thresholds) if at > now]
        fit = (at for at in higher if not self.is_contradicted(leaf, at))
        return earned.floor if earned else next(fit, CLOSED)

    def is_contradicted(self, segment: Segment, floor: int) -> bool:
        """Whether its labels, or those of what it is a part of, say that too many are wrong at that floor."""
        around = (self.standing.evidence[one] for one in TREE if one.holds(segment))
        return any(one.contradicts(self.plan, floor) for one in around)


def floors_of(bundle: Bundle, day: date) -> dict[Segment, int]:
    """The floors of the policy in force, by leaf. BadInput when its documents have no tables of them."""
    found: dict[Segment, int] = {}
    for band in ValueBand:
        table = f"{FLOOR_TABLE}{band.value}"
        cells = edition_of(bundle, table, day).grids[table].cells
        found |= {Segment(key[0], band.value): int(cell) for key, cell in cells.items()}
    return found


def report(
    labels: Sequence[BlindLabel],
    floors: Mapping[Segment, int],
    held: Sequence[Segment] = (),
    plan: Plan = STANDARD,
) -> Report:
    """Hold the labels against the floors."""
    counted = countable([one for one in labels if one.stratum is not Stratum.DENIED])
    return Report(
        plan=plan,
        standing=standing(sample_of(counted), plan),
        floors=floors,
        held=tuple(held),
        drawn=len(labels),
        waiting=sum(1 for one in labels if one.person is None and not one.is_over),
        counted=len(counted),
        denials=_denials(labels),
    )


def _denials(labels: Sequence[BlindLabel]) -> Denials:
    counted = countable([one for one in labels if one.stratum is Stratum.DENIED])
    wrong = sum(one.is_wrong for one in counted)
    return Denials(len(counted), wrong, upper_bound(wrong, len(counted), 0.05))


def _line(found: Report, evidence: Evidence) -> Line:
    segment, plan = evidence.segment, found.plan
    floors = {found.floors[leaf] for leaf in segment.leaves if leaf in found.floors}
    floor = floors.pop() if len(floors) == 1 else None
    at = CLOSED if floor is None else floor
    return Line(
        segment=segment,
        labels=evidence.labels,
        wrong=evidence.wrong,
        floor=floor,
        bound=evidence.bound(plan, at),
        covered=evidence.covered(plan, at),
        basis=_basis(found, segment, at),
        earned=_earned(found.standing, segment),
        needs=None if floor is None else evidence.still_needed(plan, at),
    )


def _basis(found: Report, segment: Segment, floor: int) -> Basis:
    if is_held(found.held, segment):
        return Basis.HELD
    if floor == CLOSED:
        return Basis.CLOSED
    if found.is_contradicted(segment, floor):
        return Basis.CONTRADICTED
    earned = _earned(found.standing, segment)
    return Basis.PROVED if earned and earned.floor <= floor else Basis.CHOICE


def _earned(found: Standing, segment: Segment) -> Opened | None:
    opened = [found.opened.get(leaf) for leaf in segment.leaves]
    every = [one for one in opened if one is not None]
    return max(every, key=lambda one: one.floor) if len(every) == len(opened) else None
