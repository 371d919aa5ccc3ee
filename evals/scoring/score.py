"""What one run of one scenario is worth."""

from evals.played import Played
from evals.scoring.records import Scored


def score(played: Played) -> Scored:
    """Hold the end state, the words and the steps of a run against its gold."""
    raise NotImplementedError(played.key)
