"""The run for a build server: JUnit XML, one test case a run of a scenario."""

from evals.scoring.gated import GateResult
from evals.scoring.records import Summary


def junit(summed: Summary, gate: GateResult | None = None) -> str:
    """The XML document: figures are properties of their suite, and the gate is a suite of its own."""
    raise NotImplementedError(summed.head.run_id, gate)
