"""Fitting heads: logistic regression in the space that a kernel spans, and an honest temperature."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]
_C = 10.0
FOLDS = 4
_JITTER = 1e-4
"""Added to the diagonal, so that exemplars that read the same do no harm"""


@dataclass(frozen=True, slots=True)
class Evidence:
    """How the exemplars themselves were read, each by a head that had not seen it."""

    expected: tuple[str, ...]
    predicted: tuple[str, ...]
    confidence: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Trained:
    """One head: a column for each label. `duals` say how much each exemplar speaks for it."""

    labels: tuple[str, ...]
    duals: Floats32
    bias: Floats
    temperature: float
    evidence: Evidence


class Spanned:
    """Exemplars by their inner products, from which any number of heads is fitted."""

    def __init__(self, gram: Floats32) -> None:
        # Rows of a triangular root have the same inner products, and nothing else counts.
        gram[np.diag_indices_from(gram)] += _JITTER
        self._root: Floats32 = np.linalg.cholesky(gram)

    def train(self, labels: Sequence[str], places: Sequence[int]) -> Trained:
        """Fit one head on the exemplars at these places; deterministic for the same input.

        The temperature comes from scores that heads gave to exemplars they had not seen.
        """
        from scipy.linalg import solve_triangular  # type: ignore[import-untyped]  # noqa: PLC0415 - as in _fit
        from sklearn.model_selection import StratifiedKFold  # noqa: PLC0415 - as in _fit

        expected, rows = np.array(labels), self._root[list(places)]
        names = np.unique(expected)
        held_out = np.zeros((len(expected), len(names)))
        for seen, unseen in StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(rows, expected):
            weights, bias = _fit(rows[seen], expected[seen])
            held_out[unseen] = rows[unseen] @ weights + bias
        temperature = _temperature(held_out, np.searchsorted(names, expected))
        weights, bias = _fit(rows, expected)
        chances = softmax(held_out / temperature)
        evidence = Evidence(
            tuple(labels), tuple(names[chances.argmax(1)].tolist()), tuple(chances.max(1).tolist())
        )
        duals = solve_triangular(self._root.T, weights, lower=False)
        return Trained(tuple(names.tolist()), duals, bias, temperature, evidence)

    def answers(
        self, labels: NDArray[np.str_], places: NDArray[np.intp], asked: NDArray[np.intp]
    ) -> NDArray[np.str_]:
        """What a head fitted at some places takes those at others for."""
        weights, bias = _fit(self._root[places], labels)
        return np.asarray(np.unique(labels)[(self._root[asked] @ weights + bias).argmax(axis=1)])


def softmax(scores: Floats) -> Floats:
    """Scores to chances, each row by itself."""
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def _fit(rows: Floats32, labels: NDArray[np.str_]) -> tuple[Floats32, Floats]:
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - two seconds that only training needs

    model = LogisticRegression(C=_C, max_iter=2_000, class_weight="balanced")
    model.fit(rows, labels)
    weights, bias = model.coef_.T.astype(np.float32), model.intercept_.astype(np.float64)
    if len(model.classes_) > 2:  # noqa: PLR2004 - two classes share one set of weights
        return weights, bias
    return np.hstack([np.zeros_like(weights), weights]), np.array([0.0, bias[0]])


def _temperature(scores: Floats, truth: NDArray[np.intp]) -> float:
    from scipy.optimize import minimize_scalar  # type: ignore[import-untyped]  # noqa: PLC0415 - as in _fit

    def surprise(log_temperature: float) -> float:
        chances = softmax(scores / np.exp(log_temperature))
        return float(-np.log(chances[np.arange(len(truth)), truth] + 1e-12).mean())

    return float(np.exp(minimize_scalar(surprise, bounds=(-3, 3), method="bounded").x))
