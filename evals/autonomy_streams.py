"""Made-up streams of readings whose true rates are known, to try earned autonomy on.

How unsure a reading says it is (1 - confidence) is log-normal around the error of its class. How often it is
wrong in truth is that figure for a calibrated reader, and another one for the others.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from backhaul.analytics.bounds import Floats, Whole
from backhaul.analytics.earning import STANDARD, Sample
from backhaul.domain.autonomy import LEAVES, MOST_SURE

_TRAFFIC = np.array([0.20, 0.18, 0.12, 0.08, 0.10, 0.08, 0.05, 0.07, 0.05, 0.04, 0.03])
"""Share of each product class, in the order of the codes"""
_BANDS = np.array([0.6, 0.3, 0.1])
_HARDER = np.array([-0.5, -0.6, -0.3, 0.0, 0.0, 0.2, 0.4, -0.2, 0.1, 0.0, 0.5])
"""Of each class, how much more unsure it is read than the usual, as a power of ten"""
_USUAL, _SPREAD = -2.3, 0.8
"""Median of log10(1 - confidence), and its standard deviation"""
_TRUTH_SIZE = 1_000_000
_SURE = 0.98
BAD_CLASS = 4
"""Electrical goods: a tenth of the traffic"""


@dataclass(frozen=True, slots=True)
class Read:
    """Readings with what is true of them."""

    leaf: Whole
    confidence: Whole
    chance: Floats
    """Of being wrong"""

    def sample(self, luck: np.random.Generator) -> Sample:
        """As labels tell it."""
        wrong = (luck.random(self.chance.size) < self.chance).astype(np.int64)
        return Sample(self.leaf, self.confidence, wrong)


Errors = Callable[[Floats, Whole], Floats]
"""From 1 - confidence and the class to the chance of being wrong"""


def _calibrated(unsure: Floats, product_class: Whole) -> Floats:  # noqa: ARG001 - one of several
    return unsure


def _overconfident(unsure: Floats, product_class: Whole) -> Floats:  # noqa: ARG001 - one of several
    return np.asarray(unsure**0.85)


def _concentrated(unsure: Floats, product_class: Whole) -> Floats:
    return np.where(product_class == BAD_CLASS, np.maximum(unsure, 0.06), unsure * 0.5)


def _wrong_when_sure(unsure: Floats, product_class: Whole) -> Floats:  # noqa: ARG001 - one of several
    return np.where(1 - unsure >= _SURE, 0.03, 0.002)


def _hard(unsure: Floats, product_class: Whole) -> Floats:  # noqa: ARG001 - one of several
    return np.maximum(unsure, 0.0101)


STREAMS: Mapping[str, Errors] = MappingProxyType(
    {
        "calibrated": _calibrated,
        "overconfident": _overconfident,
        "errors in one class": _concentrated,
        "wrong when sure": _wrong_when_sure,
        "just above 1 %": _hard,
    }
)


def readings(errors: Errors, size: int, luck: np.random.Generator) -> Read:
    """So many readings that would be automatic if the floor were the lowest of the grid."""
    product_class = luck.choice(len(_TRAFFIC), size, p=_TRAFFIC)
    band = luck.choice(len(_BANDS), size, p=_BANDS)
    unsure = 10 ** (luck.normal(_USUAL, _SPREAD, size) + _HARDER[product_class])
    least = 1 - STANDARD.thresholds[-1] / 1_000
    while (out := unsure > least).any():
        unsure[out] = 10 ** (luck.normal(_USUAL, _SPREAD, int(out.sum())) + _HARDER[product_class[out]])
    confidence = np.minimum((1_000 * (1 - unsure)).astype(np.int64), MOST_SURE)
    chance = np.minimum(errors(unsure, product_class), 1.0)
    return Read(product_class * len(_BANDS) + band, confidence, chance)


@dataclass(frozen=True, slots=True)
class Truth:
    """What is true of a stream: for each leaf and threshold, the share of readings and of wrong ones."""

    read: npt.NDArray[np.float64]
    wrong: npt.NDArray[np.float64]

    def rate(self, leaves: npt.NDArray[np.int64], at: int) -> float:
        """Share of wrong ones in these leaves from a threshold of the grid on."""
        return float(self.wrong[leaves, at].sum() / self.read[leaves, at].sum())

    def automatic(self, opened: Mapping[int, int]) -> tuple[float, float]:
        """What floors, by leaf and as places of the grid, let through, and the share of wrong ones in it."""
        through = sum(float(self.read[leaf, at]) for leaf, at in opened.items())
        wrong = sum(float(self.wrong[leaf, at]) for leaf, at in opened.items())
        return through, wrong / through if through else 0.0


def truth_of(errors: Errors) -> Truth:
    """The rates of a stream, from a million readings and their chances."""
    made = readings(errors, _TRUTH_SIZE, np.random.default_rng(0))
    shape = (len(LEAVES), len(STANDARD.thresholds))
    read, wrong = np.zeros(shape), np.zeros(shape)
    for at, threshold in enumerate(STANDARD.thresholds):
        sure = made.confidence >= threshold
        read[:, at] = np.bincount(made.leaf[sure], minlength=len(LEAVES))
        wrong[:, at] = np.bincount(made.leaf[sure], made.chance[sure], minlength=len(LEAVES))
    return Truth(read / _TRUTH_SIZE, wrong / _TRUTH_SIZE)
