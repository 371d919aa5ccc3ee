"""Two sets of exemplars held against each other: why goods come back, read by heads that saw neither text."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # ships no types

from agent.understanding.classifier import FOLDS, Floats, fit, rotate
from agent.understanding.encoder import Encoder
from agent.understanding.exemplar import Exemplar
from agent.understanding.features import features


@dataclass(frozen=True, slots=True)
class ReadTwice:
    """A text with what it says, and what each of two readers took it for."""

    text: str
    expected: str
    before: str
    after: str


def read_unseen(
    before: Sequence[Exemplar], after: Sequence[Exemplar], encoder: Encoder
) -> tuple[ReadTwice, ...]:
    """Every text of either set that says why, by the reason head of each set, on the same folds.

    In each fold both heads are trained without the texts they then read, each on what its own set holds of
    the others. Deterministic.
    """
    from sklearn.model_selection import StratifiedKFold  # noqa: PLC0415 - as in classifier.train

    items = [item for item in dict.fromkeys((*before, *after)) if item.why]
    labels = np.array([str(item.why) for item in items])
    rows, _ = rotate(features([item.text for item in items], encoder))
    taught = [np.array([item in held for item in items]) for held in (set(before), set(after))]
    read = [np.empty(len(items), dtype=labels.dtype) for _ in taught]
    with threadpool_limits(1):
        for seen, unseen in StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(rows, labels):
            for held, answers in zip(taught, read, strict=True):
                own = seen[held[seen]]
                answers[unseen] = _answers(rows[own], labels[own], rows[unseen])
    told = zip(items, labels, *read, strict=True)
    return tuple(ReadTwice(item.text, str(label), str(one), str(two)) for item, label, one, two in told)


def _answers(rows: Floats, labels: np.ndarray, unseen: Floats) -> np.ndarray:
    weights, bias = fit(rows, labels)
    return np.asarray(np.unique(labels)[(unseen @ weights + bias).argmax(axis=1)])
