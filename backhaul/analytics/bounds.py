"""Exact binomial tests, for many counts at once."""

import numpy as np
import numpy.typing as npt
from scipy.special import bdtr, betainc, betaincinv  # type: ignore[import-untyped]

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Whole = npt.NDArray[np.int64]


def tail_below(wrong: Whole, labels: Whole, rate: float) -> Floats:
    """Chance of so few wrong ones or fewer at that rate.

    It is at most `level` exactly where the upper Clopper-Pearson bound at 1 - `level` is at most `rate`
    (Clopper and Pearson, Biometrika 26, 1934). Without labels it is 1.
    """
    return np.asarray(bdtr(wrong, labels, rate), dtype=np.float64)


def tail_above(wrong: Whole, labels: Whole, rate: float) -> Floats:
    """Chance of so many wrong ones or more; the lower bound lies above `rate` where it is at most `level`."""
    some = np.maximum(wrong, 1)
    return np.where(wrong > 0, betainc(some, np.maximum(labels - some + 1, 1), rate), 1.0)


def upper_bound(wrong: int, labels: int, level: float) -> float:
    """The one-sided upper Clopper-Pearson bound of the share of wrong ones, at confidence 1 - `level`."""
    if wrong >= labels:
        return 1.0
    return float(betaincinv(wrong + 1, labels - wrong, 1 - level))
