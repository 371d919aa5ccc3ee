"""Right every time: pass^k over the epochs of a scenario."""

from collections import defaultdict
from collections.abc import Sequence
from math import comb

import numpy as np

from evals.scoring.intervals import effective_n, wilson
from evals.scoring.measured import Measured
from evals.scoring.records import Scored


def pass_k(scored: Sequence[Scored]) -> tuple[Measured, ...]:
    """For each k up to the most epochs: the chance that k epochs of a scenario, drawn at random, all pass.

    Estimated without bias as in tau-bench (arXiv 2406.12045): of n epochs with c passed, (c over k) / (n over
    k), averaged over the scenarios that have at least k.
    """
    epochs: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for one in scored:
        epochs[one.cluster, one.case].append(one.passed)
    most = max((len(passed) for passed in epochs.values()), default=0)
    return tuple(
        _pass_k(k, [(cluster, passed) for (cluster, _), passed in epochs.items() if len(passed) >= k])
        for k in range(1, most + 1)
    )


def _pass_k(k: int, epochs: list[tuple[str, list[bool]]]) -> Measured:
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for cluster, passed in epochs:
        sums[cluster][0] += comb(sum(passed), k) / comb(len(passed), k)
        sums[cluster][1] += 1
    counts = np.array(list(sums.values()))
    value = float(counts[:, 0].sum() / counts[:, 1].sum())
    runs = sum(len(passed) for _, passed in epochs)
    effective = effective_n(counts, lambda sums: np.asarray(sums[..., 0] / sums[..., 1]), runs)
    low, high = wilson(value * effective, effective, clusters=len(counts))
    return Measured(
        name=f"pass^{k}",
        value=value,
        low=low,
        high=high,
        n=runs,
        clusters=len(counts),
        method="Wilson, effective n of the clusters",
    )
