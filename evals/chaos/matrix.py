"""A whole chaos run: its rounds one after the other, and what came of every fault."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from evals.chaos.cells import Cell, cells_of, plain_cells, points_of, quick_cells
from evals.chaos.faults import OF_THE_HOUSE, Fault
from evals.chaos.homes import Homes
from evals.chaos.kinds import KINDS, kind_named
from evals.chaos.outcomes import Outcome, Sums, sums_of
from evals.chaos.rounds import Played, Rules, play

_CELLS_A_HOME = 150
_CUT_SECONDS = 10.0


class Progress(Protocol):
    """Hears how far a run is."""

    def round_begins(self, what: str, cases: int) -> None:
        """Another home, with so many cases."""
        ...

    def advanced(self, cases: int) -> None:
        """So many more ended or were given up."""
        ...


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a run."""

    database: str
    outcomes: list[Outcome]
    deaths: Counter[str]
    seconds: float

    @property
    def total(self) -> Sums:
        """Everything in figures."""
        return sums_of(self.outcomes)

    @property
    def by_fault(self) -> dict[Fault, Sums]:
        """The same for each fault that was tried."""
        tried = [fault for fault in Fault if any(one.case.doom.fault is fault for one in self.outcomes)]
        return {
            fault: sums_of([one for one in self.outcomes if one.case.doom.fault is fault]) for fault in tried
        }


Round = tuple[str, Sequence[Cell], Rules]


def run_quick(homes: Homes, rules: Rules, progress: Progress) -> Report:
    """A dozen cells in one home, every fault once: two workers, one with a wrong clock, and a cut."""
    everything = replace(rules, skews=(0, 420), cut_every=_CUT_SECONDS)
    return _run(homes, [("every fault once", quick_cells(), everything)], progress)


def run_killing(homes: Homes, rules: Rules, cases: int, progress: Progress) -> Report:
    """Many cases of every kind, with workers killed at random while they work."""
    return _run(homes, [("random kills", plain_cells(cases), rules)], progress)


def run_full(homes: Homes, rules: Rules, faults: Sequence[Fault], progress: Progress) -> Report:
    """Every moment of every step with every fault. The steps are found by sending every kind through."""
    first = _run(homes, [("the way of each kind", plain_cells(len(KINDS)), rules)], progress)
    ways = [(kind_named(one.case.kind.name), one.way) for one in first.outcomes]
    rounds = list(_rounds(rules, faults, lambda some: cells_of(points_of(ways), some)))
    rest = _run(homes, rounds, progress)
    return Report(
        homes.database,
        [*first.outcomes, *rest.outcomes],
        first.deaths + rest.deaths,
        first.seconds + rest.seconds,
    )


def _rounds(
    rules: Rules, faults: Sequence[Fault], cells: Callable[[Sequence[Fault]], list[Cell]]
) -> Sequence[Round]:
    own = cells([fault for fault in faults if fault not in OF_THE_HOUSE])
    found: list[Round] = [
        (f"cells {at + 1} to {min(at + _CELLS_A_HOME, len(own))}", own[at : at + _CELLS_A_HOME], rules)
        for at in range(0, len(own), _CELLS_A_HOME)
    ]
    if Fault.CLOCK_SKEW in faults:
        found.append(("clocks off", cells([Fault.CLOCK_SKEW]), replace(rules, skews=(0, 420, -420))))
    if Fault.DATABASE in faults:
        found.append(("database away", cells([Fault.DATABASE]), replace(rules, cut_every=_CUT_SECONDS)))
    return found


def _run(homes: Homes, rounds: Sequence[Round], progress: Progress) -> Report:
    played: list[Played] = []
    for what, cells, rules in rounds:
        progress.round_begins(what, len(cells))
        with homes.fresh() as settings:
            played.append(play(settings, cells, rules, progress.advanced))
    return Report(
        homes.database,
        [one for part in played for one in part.outcomes],
        sum((part.deaths for part in played), Counter[str]()),
        sum(part.seconds for part in played),
    )
