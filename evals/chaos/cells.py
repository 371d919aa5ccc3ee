"""The matrix: where a worker dies, times what else goes wrong. The points are those that cases come through."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random

from evals.chaos.faults import OF_THE_HOUSE, Fault
from evals.chaos.kinds import KINDS, Kind
from evals.chaos.notebook import Doom, Point
from evals.chaos.strikes import MOMENTS

NOT_IN_A_QUICK_RUN = OF_THE_HOUSE


@dataclass(frozen=True, slots=True)
class Cell:
    """One field of the matrix, and the kind of case that comes through its point."""

    doom: Doom
    kind: Kind


def points_of(ways: Iterable[tuple[Kind, Sequence[tuple[str, str]]]]) -> dict[Point, Kind]:
    """Every moment of every step that a kind of case comes through, with the first kind that does."""
    found: dict[Point, Kind] = {}
    for kind, way in ways:
        for workflow, step in way:
            for moment in MOMENTS:
                found.setdefault(Point(workflow, step, moment), kind)
    return found


def whole_matrix(points: dict[Point, Kind], faults: Sequence[Fault]) -> list[Cell]:
    """Every point with every fault."""
    return [Cell(Doom(fault, point), kind) for fault in faults for point, kind in points.items()]


def some_of(points: dict[Point, Kind], faults: Sequence[Fault], seed: int) -> list[Cell]:
    """One point for each fault, drawn by the seed."""
    drawn = Random(seed)
    chosen = [(fault, drawn.choice(list(points))) for fault in faults]
    return [Cell(Doom(fault, point), points[point]) for fault, point in chosen]


def plain_cells(count: int) -> list[Cell]:
    """Cases without a fault of their own, every kind in turn."""
    return [Cell(Doom(Fault.NONE, None), KINDS[number % len(KINDS)]) for number in range(count)]
