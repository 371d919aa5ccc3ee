"""Every figure of a run, with its interval and what it stands on."""

from evals.played import Run
from evals.scoring.records import Summary


def summary(run: Run) -> Summary:
    """Score all runs of scenarios, and sum them up: as a whole, by suite, and by slice."""
    raise NotImplementedError(run.head.run_id)
