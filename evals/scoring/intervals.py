"""Intervals that stay honest when the same scenario was run several times.

What is repeated is no new evidence, so runs are kept together in clusters: the scenario, and for attacks the
goal. The spread between clusters says how many independent cases the figure is worth (the effective n, by
delete-one-cluster jackknife), and Wilson's interval is taken for that many, with Student's t for few
clusters. In simulation it covers 94 to 97 % on average; with 30 clusters and a share within five points of 0
or 1 it can fall to 91 %. A percentile bootstrap fell to 77 %, which is why none is used.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from math import floor, sqrt

import numpy as np
import numpy.typing as npt
from scipy.stats import beta, norm  # type: ignore[import-untyped]
from scipy.stats import t as student

from evals.scoring.assumptions import CONFIDENCE
from evals.scoring.measured import Measured, Unit

Floats = npt.NDArray[np.float64]
Statistic = Callable[[Floats], Floats]
"""From sums of counts, in the last axis, to the figure; NaN where it is not defined"""

_UPPER = 1 - (1 - CONFIDENCE) / 2
_WILSON = "Wilson"
_CLUSTERED = "Wilson, effective n of the clusters"
_T = "Student's t over clusters"
_ORDER = "Woodruff, effective n of the clusters"
_FEWEST = 2


def wilson(hits: float, n: float, *, clusters: int | None = None) -> tuple[float, float]:
    """Wilson's interval for a share. `n` above zero may be effective; few clusters widen it."""
    z = _reach(clusters)
    value = hits / n
    centre = (value + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(value * (1 - value) / n + z * z / (4 * n * n))
    return max(0.0, centre - half), min(1.0, centre + half)


def clopper_pearson(hits: float, n: float, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """The exact interval: it never covers less than it says, and often more."""
    rest = (1 - confidence) / 2
    low = float(beta.ppf(rest, hits, n - hits + 1)) if hits > 0 else 0.0
    return low, _exact_upper(hits, n, 1 - rest)


def upper_bound(hits: float, n: float, confidence: float = CONFIDENCE) -> float:
    """One-sided and exact (Clopper-Pearson): the true share lies above it in 5 of 100 runs at most."""
    return _exact_upper(hits, n, confidence)


def share(name: str, counted: Iterable[tuple[str, bool]]) -> Measured:
    """The share of hits; each is told with its cluster. Of nothing it is not measured."""
    hits, sizes = _by_cluster(counted)
    if not sizes.size:
        return Measured(name=name)
    n, found = int(sizes.sum()), int(hits.sum())
    clusters = len(sizes)
    if clusters == n:
        (low, high), method = wilson(found, n), _WILSON
    else:
        effective = effective_n(np.column_stack([hits, sizes]), _ratio, n)
        value = found / n
        (low, high), method = wilson(value * effective, effective, clusters=clusters), _CLUSTERED
    return Measured(
        name=name, value=found / n, low=low, high=high, n=n, clusters=clusters, hits=found, method=method
    )


def score_of(name: str, counts: Floats, statistic: Statistic, n: int) -> Measured:
    """A figure from 0 to 1 that is made of counts, one row a cluster, such as an F1 of `n` lines."""
    value = float(statistic(counts.sum(axis=0))) if len(counts) else np.nan
    if np.isnan(value):
        return Measured(name=name, unit=Unit.SCORE, n=n, clusters=len(counts))
    effective = effective_n(counts, statistic, n)
    low, high = wilson(value * effective, effective, clusters=len(counts))
    return Measured(
        name=name,
        unit=Unit.SCORE,
        value=value,
        low=low,
        high=high,
        n=n,
        clusters=len(counts),
        method=_CLUSTERED,
    )


def mean(name: str, unit: Unit, values: Iterable[tuple[str, float]]) -> Measured:
    """The mean of amounts that are never below zero; of nothing it is not measured."""
    sums, sizes = _by_cluster(values)
    if not sizes.size:
        return Measured(name=name, unit=unit)
    clusters, n = len(sizes), int(sizes.sum())
    value = float(sums.sum() / n)
    low = high = None
    if clusters >= _FEWEST:
        half = _reach(clusters) * _standard_error(np.column_stack([sums, sizes]), _ratio)
        low, high = max(0.0, value - half), value + half
    return Measured(name=name, unit=unit, value=value, low=low, high=high, n=n, clusters=clusters, method=_T)


def quantile(name: str, unit: Unit, values: Sequence[tuple[str, float]], at: float) -> Measured:
    """What a share `at` of all does not exceed; of nothing it is not measured.

    The interval is Woodruff's: the exact one for the share, carried over to the values in their order. So few
    that all may well lie below it have no upper bound: of a 95th percentile, fewer than 59. So few that all
    may well lie above it begin at zero, below which no amount is.
    """
    if not values:
        return Measured(name=name, unit=unit)
    ordered = np.sort([value for _, value in values])
    value = float(np.quantile(ordered, at, method="inverted_cdf"))
    hits, sizes = _by_cluster((cluster, one <= value) for cluster, one in values)
    is_repeated = len(sizes) < len(ordered)
    counts = np.column_stack([hits, sizes])
    effective = effective_n(counts, _ratio, len(ordered)) if is_repeated else len(ordered)
    low, high = (floor(bound * len(ordered)) for bound in clopper_pearson(at * effective, effective))
    is_open = at**effective > 1 - CONFIDENCE
    return Measured(
        name=name,
        unit=unit,
        value=value,
        low=float(ordered[low - 1]) if low else 0.0,
        high=None if is_open else float(ordered[min(len(ordered) - 1, high)]),
        n=len(ordered),
        clusters=len(sizes),
        method=_ORDER,
    )


def effective_n(counts: Floats, statistic: Statistic, n: float) -> float:
    """How many independent cases a figure from 0 to 1 is worth, at most `n`.

    Where everything came out the same way there is no spread to learn from: each cluster is one case.
    """
    clusters = len(counts)
    if clusters < _FEWEST:
        return 1.0
    value = float(statistic(counts.sum(axis=0)))
    if not 0 < value < 1:
        return float(min(clusters, n))
    spread = _standard_error(counts, statistic) ** 2
    return max(1.0, min(value * (1 - value) / spread, n)) if spread else float(n)


def _standard_error(counts: Floats, statistic: Statistic) -> float:
    """By leaving out each cluster once."""
    without = statistic(counts.sum(axis=0) - counts)
    without = without[~np.isnan(without)]
    clusters = len(without)
    if clusters < _FEWEST:
        return 0.0
    return sqrt((clusters - 1) / clusters * float(((without - without.mean()) ** 2).sum()))


def _by_cluster(values: Iterable[tuple[str, float]]) -> tuple[Floats, Floats]:
    """Sums and sizes of the clusters, in the order of their first appearance."""
    sums: dict[str, list[float]] = {}
    for cluster, value in values:
        held = sums.setdefault(cluster, [0.0, 0.0])
        held[0] += value
        held[1] += 1
    table = np.array(list(sums.values()), dtype=float).reshape(-1, 2)
    return table[:, 0], table[:, 1]


def _ratio(sums: Floats) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(sums[..., 0] / sums[..., 1], dtype=float)


@cache
def _reach(clusters: int | None) -> float:
    """How many standard errors an interval reaches to each side."""
    if clusters is None or clusters < _FEWEST:
        return float(norm.ppf(_UPPER))
    return float(student.ppf(_UPPER, clusters - 1))


def _exact_upper(hits: float, n: float, at: float) -> float:
    return float(beta.ppf(at, hits + 1, n - hits)) if hits < n else 1.0
