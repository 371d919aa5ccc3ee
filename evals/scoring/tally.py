"""What gold has, what was found, and what is in both: counted by cluster and by name."""

from collections import defaultdict

import numpy as np

from evals.scoring.intervals import Floats, Statistic, score_of
from evals.scoring.measured import Measured, Unit
from evals.scoring.records import ClassScore

_BOTH, _GOLD, _FOUND = range(3)


class Tally:
    """Counts of classes or of fields, from which precision, recall and F1 are made."""

    def __init__(self) -> None:
        self._counts: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0, 0]))
        self._names: dict[str, None] = {}

    def add(self, cluster: str, name: str, *, gold: int = 0, found: int = 0, both: int = 0) -> None:
        """Count so many of a name; of nothing at all nothing is kept."""
        if not gold and not found:
            return
        self._names.setdefault(name)
        counts = self._counts[cluster][name]
        for index, count in ((_BOTH, both), (_GOLD, gold), (_FOUND, found)):
            counts[index] += count

    def scores(self) -> tuple[ClassScore, ...]:
        """Each name against all others, by name."""
        table, names = self._table(), sorted(self._names)
        return tuple(self._score(table[:, index], name) for index, name in enumerate(names))

    def macro_f1(self, name: str) -> Measured:
        """The plain mean of the F1 of all that gold has."""
        return self._of(name, _macro_f1, self._table())

    def precision(self, name: str) -> Measured:
        """Of all that was found, how much is right."""
        return self._summed(name, _precision)

    def recall(self, name: str) -> Measured:
        """Of all that gold has, how much was found."""
        return self._summed(name, _recall)

    def f1(self, name: str) -> Measured:
        """The harmonic mean of both."""
        return self._summed(name, _f1)

    def _summed(self, name: str, statistic: Statistic) -> Measured:
        return self._of(name, statistic, self._table().sum(axis=1))

    def _score(self, table: Floats, name: str) -> ClassScore:
        return ClassScore(
            name=name,
            support=int(table[:, _GOLD].sum()),
            precision=self._of("precision", _precision, table),
            recall=self._of("recall", _recall, table),
            f1=self._of("f1", _f1, table),
        )

    def _of(self, name: str, statistic: Statistic, table: Floats) -> Measured:
        """Clusters without any of it are no evidence about it."""
        kept = table[table.any(axis=tuple(range(1, table.ndim)))]
        if not len(kept):
            return Measured(name=name, unit=Unit.SCORE)
        return score_of(name, kept, statistic, _stands_on(statistic, kept))

    def _table(self) -> Floats:
        """Cluster by name by count."""
        names = sorted(self._names)
        rows = [[counts.get(name, (0, 0, 0)) for name in names] for counts in self._counts.values()]
        return np.array(rows, dtype=float).reshape(len(rows), len(names), 3)


def _stands_on(statistic: Statistic, counts: Floats) -> int:
    """How many a figure is of: all that was found, all that gold has, or all that is in either."""
    both, gold, found = (int(counts[..., index].sum()) for index in (_BOTH, _GOLD, _FOUND))
    if statistic is _precision:
        return found
    return gold + found - both if statistic is _f1 else gold


def _over(part: Floats, whole: Floats) -> Floats:
    """A share of nothing is not a number."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(whole > 0, part / whole, np.nan), dtype=float)


def _precision(counts: Floats) -> Floats:
    return _over(counts[..., _BOTH], counts[..., _FOUND])


def _recall(counts: Floats) -> Floats:
    return _over(counts[..., _BOTH], counts[..., _GOLD])


def _f1(counts: Floats) -> Floats:
    return _over(2 * counts[..., _BOTH], counts[..., _GOLD] + counts[..., _FOUND])


def _macro_f1(counts: Floats) -> Floats:
    in_gold = counts[..., _GOLD] > 0
    each = np.where(in_gold, np.nan_to_num(_f1(counts)), 0.0)
    return _over(each.sum(axis=-1), in_gold.sum(axis=-1).astype(float))
