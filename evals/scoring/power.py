"""What a run could have shown: the smallest regression that is seen in 80 of 100 such runs."""

from collections.abc import Callable
from math import ceil

import numpy as np
from scipy.optimize import brentq  # type: ignore[import-untyped]
from scipy.stats import binom, norm  # type: ignore[import-untyped]

from evals.scoring.assumptions import POWER, SIGNIFICANCE

_ROUNDING = 1e-9


def smallest_regression(pairs: int, churn: float = 0.0) -> float | None:
    """The smallest drop of a share that exact McNemar calls a regression with 80 % power.

    `churn` is the share of cases that get better by themselves; as many get worse without a regression. The
    power is exact: binomial over the flips, and over how many of them are for the worse. None if no drop
    would be seen.
    """
    if pairs < 1:
        return None
    return _smallest(lambda drop: seen(drop, pairs, churn), 1 - 2 * churn)


def seen(drop: float, pairs: int, churn: float = 0.0) -> float:
    """How often exact McNemar, one-sided, sees that drop among so many pairs."""
    worse, better = churn + drop, churn
    flips = np.arange(pairs + 1)
    if not worse + better:
        return 0.0
    needed = binom.isf(SIGNIFICANCE, flips, 0.5) + 1
    found = binom.sf(needed - 1, flips, worse / (worse + better))
    return float((binom.pmf(flips, pairs, min(1.0, worse + better)) * found).sum())


def smallest_shortfall(cases: int, floor: float) -> float | None:
    """How far below a floor the truth must lie for a share of so many cases to fall below it 80 times of 100.

    For a ceiling, ask with its complement. None if not even a share of zero would.
    """
    most = ceil(floor * cases - _ROUNDING) - 1
    if cases < 1 or most < 0:
        return None
    return _smallest(lambda short: float(binom.cdf(most, cases, floor - short)), floor)


def smallest_by_error(low: float, high: float) -> float:
    """The same for a figure that is no share of cases, from the width of its 95 % interval (normal)."""
    return float(norm.ppf(POWER) * (high - low) / (2 * norm.ppf(0.975)))


def _smallest(power: Callable[[float], float], most: float) -> float | None:
    """Where a power that rises with its argument reaches 80 %."""
    if most <= 0 or power(most) < POWER:
        return None
    return float(brentq(lambda size: power(size) - POWER, 0.0, most)) if power(0.0) < POWER else 0.0
