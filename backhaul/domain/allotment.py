"""Splitting a lot over dispositions that have room for only so many pieces, for the highest sum."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations


@dataclass(frozen=True, slots=True)
class Curve:
    """What one disposition brings in, in cents of the ledger currency.

    `steps` are (cents a piece, pieces), best first; their pieces add up to the room there is. `lot_minor` is
    added once, as soon as one piece goes that way; it is a cost and never above zero.
    """

    steps: tuple[tuple[int, int], ...]
    lot_minor: int

    @property
    def room(self) -> int:
        """How many pieces can go that way."""
        return sum(pieces for _, pieces in self.steps)


def steps_of(marginals: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """Cents of the first, second, third ... piece, gathered into steps. They must not rise: ValueError."""
    steps: list[tuple[int, int]] = []
    for minor in marginals:
        if steps and minor > steps[-1][0]:
            raise ValueError(f"a later piece brings in more than an earlier one: {minor}")
        if steps and steps[-1][0] == minor:
            steps[-1] = (minor, steps[-1][1] + 1)
        else:
            steps.append((minor, 1))
    return tuple(steps)


def allot(curves: Sequence[Curve], quantity: int) -> tuple[int, ...]:
    """Pieces for each curve: as many as there is room for, and of all such splits the one of highest worth.

    Equal splits: the one over fewer dispositions, then the one that gives more to the earlier curves.

    Filling up a fixed set of curves by the best next piece is optimal, because no curve rises. What a lot
    costs once spoils that, so every set is tried; there are five dispositions, and so 31 sets.
    """
    placed = min(quantity, sum(curve.room for curve in curves))
    splits = [
        _fill(curves, chosen, placed)
        for size in range(len(curves) + 1)
        for chosen in combinations(range(len(curves)), size)
        if sum(curves[index].room for index in chosen) >= placed
    ]
    return max(splits, key=lambda split: (_worth(curves, split), split.count(0), split))


def _fill(curves: Sequence[Curve], chosen: tuple[int, ...], quantity: int) -> tuple[int, ...]:
    split = [0] * len(curves)
    steps = [(-minor, index, pieces) for index in chosen for minor, pieces in curves[index].steps]
    for _, index, pieces in sorted(steps):
        taken = min(pieces, quantity)
        split[index] += taken
        quantity -= taken
    return tuple(split)


def _worth(curves: Sequence[Curve], split: tuple[int, ...]) -> int:
    return sum(_worth_of(curve, pieces) for curve, pieces in zip(curves, split, strict=True) if pieces)


def _worth_of(curve: Curve, pieces: int) -> int:
    worth = curve.lot_minor
    for minor, room in curve.steps:
        taken = min(room, pieces)
        worth += minor * taken
        pieces -= taken
    return worth
