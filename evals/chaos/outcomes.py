"""What came of the cases: effects wanted against effects found, and where the rest is."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from evals.chaos.driving import Case
from evals.chaos.found import effects_found
from evals.chaos.ground import Ground
from evals.chaos.kinds import Effects, wanted

DOCUMENTS = frozenset(
    {
        "RMA",
        "cancelled RMA",
        "live label",
        "receipt",
        "stock move",
        "credit memo",
        "replacement",
        "repair order",
    }
)
"""Effects that are counted in sums; pieces and cents would drown them, and are compared all the same"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One case at the end of a run."""

    case: Case
    wanted: Effects
    found: Effects
    why_stuck: str
    """Why a person finds it on the list of what is stuck; empty when nobody does"""
    way: Sequence[tuple[str, str]]
    """The steps it came through, as (workflow, step)"""
    faults: tuple[str, ...]
    """What is wrong with its chain of audit events"""
    ran_out: bool
    """Its deadline passed when the run moved the clock, while it waited for a person"""

    @property
    def lost(self) -> Effects:
        """Wanted and not found, in a case that says it has ended."""
        return self.wanted - self.found if self.case.ended else Counter()

    @property
    def doubled(self) -> Effects:
        """Found more often than wanted, wherever the case stands."""
        # A return that is not cancelled yet still has its label.
        spare = Counter({"live label": 1}) if not self.case.ended else Counter()
        spare += Counter({"cancelled RMA": 1}) if self.ran_out else Counter()
        return self.found - self.wanted - spare

    @property
    def is_accounted_for(self) -> bool:
        """It has ended, or a person finds it; and its audit chain is whole."""
        return not self.faults and (self.case.ended or bool(self.why_stuck))


@dataclass(frozen=True, slots=True)
class Sums:
    """Some outcomes in figures."""

    cases: int
    ended: int
    stuck: int
    untold: int
    """Neither ended nor where a person finds them"""
    wanted: int
    found: int
    lost: int
    doubled: int

    @property
    def is_clean(self) -> bool:
        """Nothing lost, nothing doubled, everything accounted for."""
        return not (self.lost or self.doubled or self.untold)


def outcome_of(ground: Ground, case: Case) -> Outcome:
    """Count the effects of one case in the books of the peers."""
    return Outcome(
        case,
        wanted(case.kind, case.goods),
        effects_found(ground.settings, case.goods.order_number, case.dispositions),
        "" if case.ended else ground.why_stuck(case.case_id),
        ground.notes.way_of(case.case_id),
        tuple(ground.audit_faults(case.case_id)),
        not case.ended and ground.ran_out(case.case_id),
    )


def sums_of(outcomes: list[Outcome]) -> Sums:
    """Add outcomes up."""
    return Sums(
        cases=len(outcomes),
        ended=sum(one.case.ended for one in outcomes),
        stuck=sum(not one.case.ended and bool(one.why_stuck) for one in outcomes),
        untold=sum(not one.is_accounted_for for one in outcomes),
        wanted=sum(_documents(one.wanted) for one in outcomes),
        found=sum(_documents(one.found) for one in outcomes),
        lost=sum(bool(one.lost) and (_documents(one.lost) or 1) for one in outcomes),
        doubled=sum(bool(one.doubled) and (_documents(one.doubled) or 1) for one in outcomes),
    )


def _documents(effects: Effects) -> int:
    return sum(count for name, count in effects.items() if name in DOCUMENTS)
