"""Two runs held against each other, each flip with both of its transcripts, its money and its minutes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from evals.played import Played, Run
from evals.reporting.cases import CaseShown, minutes_of, stake_of
from evals.reporting.lines import lines_of
from evals.scoring.compared import Comparison, Flip
from evals.scoring.comparing import compare as held_against
from evals.scoring.measured import NOT_MEASURED
from evals.scoring.records import Scored

_SELDOM = 0.001


@dataclass(frozen=True, slots=True)
class FlipShown:
    """A case that came out otherwise, as it was before and as it is now."""

    key: str
    before: CaseShown
    after: CaseShown

    @property
    def stake(self) -> str:
        """Net value decided wrongly, before and after."""
        return f"{self.before.stake} → {self.after.stake}"

    @property
    def minutes(self) -> str:
        """Of reviewers, before and after."""
        return f"{self.before.minutes} → {self.after.minutes}"


@dataclass(frozen=True, slots=True)
class Toll:
    """What flips cost in all, before and after; a case that stopped with an error costs nothing known."""

    stake: str
    minutes: str


@dataclass(frozen=True, slots=True)
class Compared:
    """A comparison with all that is needed to see why. `comparison` holds the statistics."""

    comparison: Comparison
    before: Run
    after: Run
    broke: tuple[FlipShown, ...]
    mended: tuple[FlipShown, ...]

    @property
    def changed(self) -> tuple[str, ...]:
        """The agent and the components of a release, by name, that are not the same in both runs."""
        old, new = _decides(self.before), _decides(self.after)
        return tuple(sorted(name for name in {*old, *new} if old.get(name) != new.get(name)))

    @property
    def chance(self) -> str:
        """How likely the difference is between two agents that are equal."""
        found = self.comparison
        is_drop = found.difference.value is not None and found.difference.value < 0
        likely = found.p_worse if is_drop else found.p_value
        if likely is None:
            return f"Whether it is chance: {NOT_MEASURED}."
        times = f"{100 * likely:.1f}" if likely >= _SELDOM else f"fewer than {100 * _SELDOM:.1f}"
        apart = "show such a drop, or a larger one," if is_drop else "differ as much, or more,"
        return f"Two equal agents would {apart} in {times} of 100 comparisons."

    @property
    def broke_toll(self) -> Toll:
        return _toll(self.broke)

    @property
    def mended_toll(self) -> Toll:
        return _toll(self.mended)


def compare(before: Run, after: Run, suite: str = "") -> Compared:
    """Exactly the flips between two runs, both ways; no suite is all."""
    found = held_against(before, after, suite)
    earlier, later = _by_key(before.played), _by_key(after.played)
    return Compared(
        comparison=found,
        before=before,
        after=after,
        broke=tuple(_shown(flip, earlier, later) for flip in found.broke),
        mended=tuple(_shown(flip, earlier, later) for flip in found.mended),
    )


def _decides(run: Run) -> dict[str, str]:
    return {**run.head.components, "policies": run.head.policies, "agent": run.head.agent}


def _by_key(plays: Iterable[Played]) -> dict[str, Played]:
    return {one.key: one for one in plays}


def _shown(flip: Flip, earlier: Mapping[str, Played], later: Mapping[str, Played]) -> FlipShown:
    return FlipShown(flip.key, _case(earlier[flip.key], flip.before), _case(later[flip.key], flip.after))


def _case(one: Played, scored: Scored) -> CaseShown:
    return CaseShown(one, scored, lines_of(one))


def _toll(flips: tuple[FlipShown, ...]) -> Toll:
    before, after = [flip.before.scored for flip in flips], [flip.after.scored for flip in flips]
    return Toll(
        stake=f"{stake_of(before)} → {stake_of(after)}",
        minutes=f"{minutes_of(before)} → {minutes_of(after)}",
    )
