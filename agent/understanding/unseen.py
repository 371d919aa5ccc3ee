"""Two sets of exemplars held against each other: why goods come back, read by heads that saw neither text."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # ships no types

from agent.understanding.encoder import Encoder
from agent.understanding.exemplar import Exemplar
from agent.understanding.features import inner_products, space_of
from agent.understanding.training import FOLDS, Spanned


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
    from sklearn.model_selection import StratifiedKFold  # noqa: PLC0415 - as in training

    items = [item for item in dict.fromkeys((*before, *after)) if item.why]
    labels = np.array([str(item.why) for item in items])
    taught = [np.array([item in held for item in items]) for held in (set(before), set(after))]
    read = [np.empty(len(items), dtype=labels.dtype) for _ in taught]
    with threadpool_limits(1):
        spanned = Spanned(inner_products(*space_of([item.text for item in items], encoder)))
        for seen, unseen in StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(labels, labels):
            for held, answers in zip(taught, read, strict=True):
                own = seen[held[seen]]
                answers[unseen] = spanned.answers(labels[own], own, unseen)
    told = zip(items, labels, *read, strict=True)
    return tuple(ReadTwice(item.text, str(label), str(one), str(two)) for item, label, one, two in told)
