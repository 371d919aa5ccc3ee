"""The matrix: where a worker dies, times what else goes wrong. Cases come through all of its points."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from evals.chaos.faults import Fault
from evals.chaos.kinds import KINDS, Kind, kind_named
from evals.chaos.notebook import Doom, Point
from evals.chaos.strikes import BEFORE, DONE, MOMENTS, RECORDED


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


def cells_of(points: dict[Point, Kind], faults: Sequence[Fault]) -> list[Cell]:
    """Every point with every fault."""
    return [Cell(Doom(fault, point), kind) for fault in faults for point, kind in points.items()]


def plain_cells(count: int) -> list[Cell]:
    """Cases without a fault of their own, every kind in turn."""
    return [Cell(Doom(Fault.NONE, None), KINDS[number % len(KINDS)]) for number in range(count)]


_QUICK = (
    ("decide", "decide", DONE, Fault.DATABASE, "credit"),
    ("return", "issue RMA", DONE, Fault.TIMEOUT, "credit"),
    ("return", "buy label", DONE, Fault.DUPLICATE, "in two parcels"),
    ("return", "buy label", BEFORE, Fault.CARRIER_DOWN, "credit"),
    ("return", "send replacement", DONE, Fault.TIMEOUT, "replaced before receipt"),
    ("return", "cancel in ERP", DONE, Fault.NONE, "expired"),
    ("receive", "post receipt to ERP", DONE, Fault.SERVER_ERROR, "credit"),
    ("dispose", "move stock", DONE, Fault.GARBAGE, "in two parcels"),
    ("dispose", "credit_memo", DONE, Fault.TIMEOUT, "credit"),
    ("dispose", "credit_memo", RECORDED, Fault.ERP_DOWN, "credit"),
    ("dispose", "replacement", DONE, Fault.TOO_MANY, "exchange"),
    ("dispose", "repair_order", DONE, Fault.SLOW, "repair"),
    ("reprint", "void the label before", DONE, Fault.REORDER, "label printed again"),
    ("cancel", "cancel in ERP", DONE, Fault.CLOCK_SKEW, "cancelled"),
)


def quick_cells() -> list[Cell]:
    """Every fault once, each with a crash right after an effect that moves goods or money, or nearly."""
    return [
        Cell(Doom(fault, Point(workflow, step, moment)), kind_named(kind))
        for workflow, step, moment, fault, kind in _QUICK
    ]
