"""What a comparison found: differences of one seed's means, and how sure they are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, stdev

from scipy.stats import t as student  # type: ignore[import-untyped]

_TWO_SIDED_95 = 0.975
_CENTS = 100


@dataclass(frozen=True, slots=True)
class Difference:
    """A mean of paired differences over seeds, in USD a return, with half the width of its 95 % interval."""

    mean: float
    half_width: float
    won: int
    seeds: int

    @classmethod
    def of(cls, ours: Sequence[float], theirs: Sequence[float]) -> "Difference":
        """From the means of each seed, in cents; at least two seeds."""
        apart = [(one - other) / _CENTS for one, other in zip(ours, theirs, strict=True)]
        freedom = len(apart) - 1
        half = float(student.ppf(_TWO_SIDED_95, freedom)) * stdev(apart) / sqrt(len(apart))
        return cls(fmean(apart), half, sum(one > 0 for one in apart), len(apart))

    @property
    def loses(self) -> bool:
        """The whole interval lies below zero."""
        return self.mean + self.half_width < 0

    @property
    def wins(self) -> bool:
        """The whole interval lies above zero."""
        return self.mean - self.half_width > 0

    def __str__(self) -> str:
        return f"{self.mean:+.2f} ± {self.half_width:.2f}"


def mean_of(cents: Iterable[int]) -> float:
    """The mean; of nothing it is zero, since nothing was brought in."""
    values = list(cents)
    return fmean(values) if values else 0.0
