"""What a benchmark finds out, and how repeated times become one figure."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles

_MILLI = 1_000.0
_HUNDREDTHS = 100


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value, such as a median in `ms`; `digits` behind the point are worth showing."""

    name: str
    value: float
    unit: str
    digits: int = 1

    @property
    def text(self) -> str:
        """How it stands in the table."""
        return f"{self.name} {self.value:,.{self.digits}f} {self.unit}".strip()


@dataclass(frozen=True, slots=True)
class Aim:
    """What we want: `got` at most `most`. A missed aim is shown, it never fails a build."""

    text: str
    most: float
    got: float

    @property
    def met(self) -> bool:
        """Whether it was reached this time."""
        return self.got <= self.most


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table. `ratio` compares two things measured in this same run, and says which."""

    name: str
    figures: tuple[Figure, ...]
    aim: Aim | None = None
    ratio: Figure | None = None
    remarks: tuple[str, ...] = field(default=())


def milliseconds(deed: Callable[[], object]) -> float:
    """How long one call takes, on the machine's steady clock."""
    began = time.perf_counter()
    deed()
    return (time.perf_counter() - began) * _MILLI


def in_turn(rounds: int, *deeds: Callable[[], object]) -> list[list[float]]:
    """Milliseconds of each deed, done alternately, so that a busy machine slows all of them alike."""
    taken: list[list[float]] = [[] for _ in deeds]
    for _ in range(rounds):
        for times, deed in zip(taken, deeds, strict=True):
            times.append(milliseconds(deed))
    return taken


def middle(values: Sequence[float]) -> float:
    """The median."""
    return float(median(values))


def percentile(values: Sequence[float], hundredth: int) -> float:
    """The value that so many in a hundred do not exceed, never beyond the largest one seen."""
    if len(values) == 1:
        return values[0]
    return quantiles(values, n=_HUNDREDTHS, method="inclusive")[hundredth - 1]


def times_as_long(name: str, longer: float, shorter: float) -> Figure:
    """The ratio of two figures of one run."""
    return Figure(name, longer / shorter, "x", 2)
