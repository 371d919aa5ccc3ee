"""Two runs over the same cases, held against each other pair by pair."""

from collections import defaultdict
from math import sqrt

import numpy as np
from scipy.stats import t as student  # type: ignore[import-untyped]

from evals.played import Played, Run
from evals.scoring.assumptions import CONFIDENCE
from evals.scoring.compared import Comparison, Flip
from evals.scoring.intervals import share
from evals.scoring.measured import Measured
from evals.scoring.power import smallest_regression
from evals.scoring.records import Scored
from evals.scoring.score import score


def compare(before: Run, after: Run, suite: str = "") -> Comparison:
    """Pair by `Played.key`, list every flip, and say how likely so many are by chance; no suite is all."""
    old, new = _by_key(before, suite), _by_key(after, suite)
    both = [key for key in old if key in new]
    rewritten = tuple(key for key in both if old[key].scenario != new[key].scenario)
    pairs = [(score(old[key]), score(new[key])) for key in both if key not in rewritten]
    flips = [Flip(key=was.key, before=was, after=now) for was, now in pairs if was.passed is not now.passed]
    changes = _changes(pairs)
    moved = [sum(change) for change in changes.values()]
    worse, either = sign_flip(moved)
    churn = sum(change > 0 for change in moved) / len(moved) if moved else 0.0
    return Comparison(
        suite=suite,
        pairs=len(pairs),
        scenarios=len({was.case for was, _ in pairs}),
        before=share("before", ((was.cluster, was.passed) for was, _ in pairs)),
        after=share("after", ((now.cluster, now.passed) for _, now in pairs)),
        difference=difference(list(changes.values())),
        broke=tuple(flip for flip in flips if flip.broke),
        mended=tuple(flip for flip in flips if not flip.broke),
        p_worse=worse,
        p_value=either,
        smallest_seen=smallest_regression(len(changes), churn),
        only_before=tuple(key for key in old if key not in new),
        only_after=tuple(key for key in new if key not in old),
        rewritten=rewritten,
    )


def sign_flip(moved: list[int]) -> tuple[float | None, float | None]:
    """How likely the sum of the changes of clusters is by chance: for the worse, and in either direction.

    Exact: without a difference each cluster would as soon have changed the other way. Where each change is
    one case up or down, this is McNemar's exact test. Without pairs nothing is measured.
    """
    if not moved:
        return None, None
    chances = np.ones(1)
    for size in (abs(change) for change in moved if change):
        step = np.zeros(2 * size + 1)
        step[0] = step[-1] = 0.5
        chances = np.convolve(chances, step)
    # the middle of `chances` is a sum of zero
    seen = len(chances) // 2 + sum(moved)
    worse, better = float(chances[: seen + 1].sum()), float(chances[seen:].sum())
    return min(1.0, worse), min(1.0, 2 * min(worse, better))


def difference(changes: list[list[int]]) -> Measured:
    """After less before, from -1 to 1; each run counts alike.

    The interval is Bonett and Price's (2012): one cluster that got better and one that got worse are added,
    so that no flips at all do not pass for certainty. Over clusters as a ratio of what moved to their sizes,
    with Student's t; where these are of several runs, the two move as far as clusters that move do.
    """
    if not changes:
        return Measured(name="difference")
    moved = np.array([sum(change) for change in changes], dtype=float)
    sizes = np.array([len(change) for change in changes], dtype=float)
    value = float(moved.sum() / sizes.sum())
    moves = moved[moved != 0] / sizes.mean()
    far = min(1.0, float(np.sqrt((moves**2).mean()))) if moves.size else 1.0
    padded = np.array([*(value + (moved - value * sizes) / sizes.mean()), far, -far])
    half = float(student.ppf((1 + CONFIDENCE) / 2, len(padded) - 1)) * float(padded.std()) / sqrt(len(padded))
    centre = float(padded.mean())
    return Measured(
        name="difference",
        value=value,
        low=max(-1.0, centre - half),
        high=min(1.0, centre + half),
        n=int(sizes.sum()),
        clusters=len(changes),
        method="Bonett-Price over clusters",
    )


def _by_key(run: Run, suite: str) -> dict[str, Played]:
    return {played.key: played for played in run.played if suite in {"", played.suite}}


def _changes(pairs: list[tuple[Scored, Scored]]) -> dict[str, list[int]]:
    """By cluster, what became of each run: 1 mended, -1 broke, 0 neither."""
    changes: dict[str, list[int]] = defaultdict(list)
    for was, now in pairs:
        changes[was.cluster].append(int(now.passed) - int(was.passed))
    return changes
