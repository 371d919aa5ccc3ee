"""Two runs over the same cases, held against each other pair by pair."""

from evals.played import Run
from evals.scoring.compared import Comparison


def compare(before: Run, after: Run, suite: str = "") -> Comparison:
    """Pair by `Played.key`, list every flip, and say how likely so many are by chance; no suite is all."""
    raise NotImplementedError(before.head.run_id, after.head.run_id, suite)
