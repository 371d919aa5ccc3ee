"""Fitting one head: logistic regression in the space that a kernel spans, and an honest temperature."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_C = 10.0
_FOLDS = 5
_JITTER = 1e-5
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
    duals: Floats
    bias: Floats
    temperature: float
    evidence: Evidence


def train(labels: Sequence[str], gram: Floats) -> Trained:
    """Fit one head on inner products of its exemplars; deterministic for the same input.

    The temperature comes from scores that heads gave to exemplars they had not seen.
    """
    from sklearn.model_selection import StratifiedKFold  # noqa: PLC0415 - as in _fit

    expected = np.array(labels)
    names = np.unique(expected)
    held_out = np.zeros((len(expected), len(names)))
    for seen, unseen in StratifiedKFold(_FOLDS, shuffle=True, random_state=0).split(expected, expected):
        duals, bias = _fit(gram[np.ix_(seen, seen)], expected[seen])
        held_out[unseen] = gram[np.ix_(unseen, seen)] @ duals + bias
    temperature = _temperature(held_out, np.searchsorted(names, expected))
    duals, bias = _fit(gram, expected)
    chances = softmax(held_out / temperature)
    evidence = Evidence(
        tuple(labels), tuple(names[chances.argmax(1)].tolist()), tuple(chances.max(1).tolist())
    )
    return Trained(tuple(names.tolist()), duals, bias, temperature, evidence)


def softmax(scores: Floats) -> Floats:
    """Scores to chances, each row by itself."""
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def _fit(gram: Floats, labels: NDArray[np.str_]) -> tuple[Floats, Floats]:
    """Duals and bias. Rows of a triangular root have the same inner products, and that is all that counts."""
    from scipy.linalg import solve_triangular  # type: ignore[import-untyped]  # noqa: PLC0415
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - two seconds that only training needs

    root = np.linalg.cholesky(gram + _JITTER * np.eye(len(gram)))
    model = LogisticRegression(C=_C, max_iter=2_000, class_weight="balanced").fit(
        root.astype(np.float32), labels
    )
    duals = solve_triangular(root.T, model.coef_.T.astype(np.float64))
    bias = model.intercept_.astype(np.float64)
    if len(model.classes_) > 2:  # noqa: PLR2004 - two classes share one set of weights
        return duals, bias
    return np.hstack([np.zeros_like(duals), duals]), np.array([0.0, bias[0]])


def _temperature(scores: Floats, truth: NDArray[np.intp]) -> float:
    from scipy.optimize import minimize_scalar  # type: ignore[import-untyped]  # noqa: PLC0415 - as in _fit

    def surprise(log_temperature: float) -> float:
        chances = softmax(scores / np.exp(log_temperature))
        return float(-np.log(chances[np.arange(len(truth)), truth] + 1e-12).mean())

    return float(np.exp(minimize_scalar(surprise, bounds=(-3, 3), method="bounded").x))
