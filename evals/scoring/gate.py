"""The gate: what a run has to reach, and whether it could have shown that it did not."""

from evals.played import Run
from evals.scoring.gated import GateResult
from evals.scoring.thresholds import Gate


def judge(run: Run, gate: Gate, baseline: Run | None = None) -> GateResult:
    """Hold a run against the thresholds, and against an earlier run where one is given."""
    raise NotImplementedError(run.head.run_id, gate, baseline)
