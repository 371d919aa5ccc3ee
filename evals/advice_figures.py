"""Means over seeds with their intervals, and how well scores and chances foretell: for `evals.advice`."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, sqrt
from statistics import fmean, stdev

from scipy.stats import rankdata  # type: ignore[import-untyped]
from scipy.stats import t as student

_TWO_SIDED_95 = 0.975
_BINS = 10
_NEVER = 1e-12


@dataclass(frozen=True, slots=True)
class OverSeeds:
    """A mean over seeds with half the width of its 95 % interval; nothing where no seed could measure it."""

    mean: float | None
    half_width: float
    seeds: int

    @classmethod
    def of(cls, values: Sequence[float | None]) -> "OverSeeds":
        """Seeds that measured nothing are left out and not counted."""
        held = [one for one in values if one is not None]
        if not held:
            return cls(None, 0.0, 0)
        if len(held) == 1:
            return cls(held[0], float("inf"), 1)
        reach = float(student.ppf(_TWO_SIDED_95, len(held) - 1))
        return cls(fmean(held), reach * stdev(held) / sqrt(len(held)), len(held))

    @property
    def is_above_zero(self) -> bool:
        """The whole interval lies above zero."""
        return self.mean is not None and self.mean - self.half_width > 0

    @property
    def is_below_zero(self) -> bool:
        """The whole interval lies below zero."""
        return self.mean is not None and self.mean + self.half_width < 0

    def __str__(self) -> str:
        return "not measured" if self.mean is None else f"{self.mean:.3f} ± {self.half_width:.3f}"


def auroc(scores: Sequence[float], truth: Sequence[bool]) -> float | None:
    """The chance that one of the true scores above one of the others, ties half; None for one kind only."""
    true = sum(truth)
    others = len(truth) - true
    if not true or not others:
        return None
    ranks = rankdata(scores)
    of_true = sum(rank for rank, is_true in zip(ranks, truth, strict=True) if is_true)
    return float((of_true - true * (true + 1) / 2) / (true * others))


def share(counted: Sequence[bool]) -> float | None:
    """The share that is true; of nothing it is not measured."""
    return sum(counted) / len(counted) if counted else None


def log_loss(chances: Sequence[float]) -> float | None:
    """The mean of -ln of the chance that was given to what came."""
    return -fmean(log(max(one, _NEVER)) for one in chances) if chances else None


def calibration_error(said: Sequence[float], came: Sequence[bool]) -> float | None:
    """Expected calibration error in ten bins of equal width, of the chance said for the likeliest."""
    if not said:
        return None
    apart = 0.0
    for number in range(_BINS):
        held = [at for at, one in enumerate(said) if min(int(one * _BINS), _BINS - 1) == number]
        apart += abs(sum(said[at] - came[at] for at in held))
    return apart / len(said)
