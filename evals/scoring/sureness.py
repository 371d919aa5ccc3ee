"""Whether the reader is as right as it says it is sure, and what deciding only the sure ones would risk."""

from collections.abc import Iterable
from itertools import groupby

import numpy as np

from evals.scoring.assumptions import BINS, CONFIDENCE
from evals.scoring.intervals import Floats, mean, score_of, share, upper_bound
from evals.scoring.lines import Pair
from evals.scoring.measured import Measured, Unit
from evals.scoring.records import Bin, Calibration, Coverage

_PERMILLE = 1000
_N, _SURE, _RIGHT = range(3)
_TRIES = 2000

Told = tuple[str, int, bool]
"""Case, confidence in permille, and whether the reason is right"""


def calibration(pairs: Iterable[tuple[str, Pair]]) -> Calibration:
    """Of the lines that gold has and that were proposed with a confidence.

    The error of few lines lies above the true one, and the interval can never hold a true error of zero: read
    it beside what chance alone would show. Away from zero the interval covers 93 to 96 % with 120 lines.
    """
    told = [
        (case, pair.found.confidence_permille, pair.found.reason == pair.gold.reason.value)
        for case, pair in pairs
        if pair.gold is not None and pair.found is not None and pair.found.confidence_permille is not None
    ]
    return Calibration(ece=_ece(told), by_chance=_by_chance(told), bins=_bins(told), curve=_curve(told))


def _ece(told: list[Told]) -> Measured:
    if not told:
        return Measured(name="ece", unit=Unit.SCORE)
    cases = {case: row for row, case in enumerate(dict.fromkeys(case for case, _, _ in told))}
    counts = np.zeros((len(cases), BINS, 3))
    for case, sure, right in told:
        counts[cases[case], _bin_of(sure)] += (1, sure / _PERMILLE, right)
    return score_of("ece", counts, _expected_error, len(told))


def _by_chance(told: list[Told]) -> float | None:
    """Simulated, with a fixed seed. The lines of a case are right together, as epochs may well be."""
    if not told:
        return None
    cases = {case: column for column, case in enumerate(dict.fromkeys(case for case, _, _ in told))}
    sure = np.array([one / _PERMILLE for _, one, _ in told])
    luck = np.random.default_rng(0).random((_TRIES, len(cases)))[:, [cases[case] for case, _, _ in told]]
    apart = sure - (luck < sure)
    bins = np.eye(BINS)[[_bin_of(one) for _, one, _ in told]]
    errors = np.abs(apart @ bins).sum(axis=1) / len(told)
    return float(np.quantile(errors, CONFIDENCE))


def _expected_error(counts: Floats) -> Floats:
    apart = np.abs(counts[..., _SURE] - counts[..., _RIGHT]).sum(axis=-1)
    with np.errstate(invalid="ignore"):
        return np.asarray(apart / counts[..., _N].sum(axis=-1), dtype=float)


def _bins(told: list[Told]) -> tuple[Bin, ...]:
    return tuple(
        Bin(
            low=index / BINS,
            high=(index + 1) / BINS,
            confidence=mean("confidence", Unit.SHARE, ((case, sure / _PERMILLE) for case, sure, _ in held)),
            right=share("right", ((case, right) for case, _, right in held)),
        )
        for index in range(BINS)
        for held in [[one for one in told if _bin_of(one[1]) == index]]
    )


def _bin_of(permille: int) -> int:
    return min(permille * BINS // _PERMILLE, BINS - 1)


def _curve(told: list[Told]) -> tuple[Coverage, ...]:
    """One point for each confidence that occurs: lines that are equally sure are covered together."""
    surest_first = sorted(told, key=lambda one: -one[1])
    covered: list[Told] = []
    points = []
    for sure, lines in groupby(surest_first, key=lambda one: one[1]):
        covered.extend(lines)
        risk = share("risk", ((case, not right) for case, _, right in covered))
        points.append(
            Coverage(
                at_least_permille=sure,
                covered=share("covered", ((case, one >= sure) for case, one, _ in told)),
                risk=risk,
                bound=_bound(risk),
            )
        )
    return tuple(points)


def _bound(risk: Measured) -> float:
    """For as many lines as the clusters are worth at least: a case told twice is one case."""
    value = risk.value or 0.0
    n = risk.n if risk.clusters == risk.n else risk.clusters
    return upper_bound(value * n, n)
