"""Whether what is automatic still deserves it: a sequential watch over blind labels, and over what is read.

Labels: the Shiryaev-Roberts statistic of likelihood ratios against the rate `alpha`, averaged over some worse
rates, closes a segment when it reaches `RUN`. It is an e-detector (Shin, Ramdas and Rinaldo 2023): whatever
the true rate up to alpha is, and however often it is looked at, a segment is closed in error once in `RUN`
labels at the most, on average.

Readings: how sure they are (two-sample Kolmogorov-Smirnov) and their reasons (chi-squared), of the latest
against the first since the watch began. The levels are such that at one look each business day a house is
closed in error in `FALSE_ALARMS_A_YEAR` of its years at most, if its readings come independently.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate

import numpy as np
from scipy.stats import chi2_contingency, ks_2samp  # type: ignore[import-untyped]

from backhaul.domain.autonomy import CLASSES, EVERYTHING, Segment

RUN = 10_000
"""Labels between two false alarms of one segment, on average and at least"""
TIMES_WORSE = (2, 5, 15)
"""Rates, in multiples of alpha, that the watch over labels is sharpest for"""
FALSE_ALARMS_A_YEAR = 0.05
REFERENCE, RECENT = 500, 200
"""Readings that are compared: so many from the beginning, so many of the latest"""
WATCHED = (EVERYTHING, *CLASSES)
_LOOKS_A_YEAR = 260
_TESTS = 2
_LEVEL = FALSE_ALARMS_A_YEAR / (_LOOKS_A_YEAR * _TESTS * len(WATCHED))
_ENOUGH = 5.0
"""Pieces that a cell of the chi-squared test has to expect; rarer reasons are put together"""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of one request, and when."""

    at: datetime
    product_class: str
    confidence_permille: int
    reason: str


@dataclass(frozen=True, slots=True)
class Alarm:
    """Why a segment is to be closed, in words, and the figures behind it."""

    segment: Segment
    why: str
    figures: dict[str, float | int]


def labels_alarm(wrong: Sequence[bool], alpha: float) -> int | None:
    """After how many labels, in their order, too many have been wrong; None while they have not."""
    worse = np.minimum(0.5, alpha * np.array(TIMES_WORSE))
    odds = np.where(np.array(wrong, dtype=np.bool_)[:, None], worse / alpha, (1 - worse) / (1 - alpha))
    grown = accumulate(odds, lambda before, ratio: (before + 1) * ratio, initial=np.zeros(len(worse)))
    reached = (at for at, statistic in enumerate(grown) if statistic.mean() >= RUN)
    return next(reached, None)


def watch_labels(segment: Segment, wrong: Sequence[bool], alpha: float) -> Alarm | None:
    """Whether the labels of a segment since its watch began close it."""
    at = labels_alarm(wrong, alpha)
    if at is None:
        return None
    bad = sum(wrong[:at])
    why = f"{bad} of {at} blind labels are wrong, and at most {alpha:.1%} may be"
    return Alarm(segment, why, {"labels": at, "wrong": bad})


def watch_readings(segment: Segment, readings: Sequence[Reading]) -> Alarm | None:
    """Whether what is read of late in a segment is not what was read when its watch began."""
    if len(readings) < REFERENCE + RECENT:
        return None
    before, of_late = readings[:REFERENCE], readings[-RECENT:]
    tests: tuple[tuple[str, Callable[[Sequence[Reading], Sequence[Reading]], float]], ...] = (
        ("how sure readings are", _confidence_chance),
        ("the mix of reasons", _reason_chance),
    )
    for what, test in tests:
        chance = test(before, of_late)
        if chance <= _LEVEL:
            why = (
                f"{what} is not what it was: of {RECENT} readings against {REFERENCE}, by chance {chance:.0e}"
            )
            return Alarm(segment, why, {"chance": chance, "level": _LEVEL})
    return None


def _confidence_chance(before: Sequence[Reading], of_late: Sequence[Reading]) -> float:
    then = [one.confidence_permille for one in before]
    now = [one.confidence_permille for one in of_late]
    return float(ks_2samp(then, now).pvalue)


def _reason_chance(before: Sequence[Reading], of_late: Sequence[Reading]) -> float:
    then, now = Counter(one.reason for one in before), Counter(one.reason for one in of_late)
    share = len(of_late) / (len(before) + len(of_late))
    common = [reason for reason in sorted(then + now) if (then + now)[reason] * share >= _ENOUGH]
    rows = [[said[reason] for reason in common] for said in (then, now)]
    rest = [len(before) - sum(rows[0]), len(of_late) - sum(rows[1])]
    table = np.array([[*row, left] for row, left in zip(rows, rest, strict=True)])
    table = table[:, table.sum(axis=0) > 0]
    return float(chi2_contingency(table).pvalue) if table.shape[1] > 1 else 1.0
