"""What the gate answers."""

from enum import StrEnum

from evals.scenario import Sheet
from evals.scoring.compared import Comparison
from evals.scoring.measured import Measured


class Standing(StrEnum):
    """How one check, or the whole gate, stands. Only `passed` lets a release through."""

    PASSED = "passed"
    BROKE = "broke"
    NOT_ENOUGH_EVIDENCE = "not enough evidence"


EXIT_CODES = {Standing.PASSED: 0, Standing.BROKE: 1, Standing.NOT_ENOUGH_EVIDENCE: 3}
"""Of `backhaul eval gate`; 2 is for what could not be done at all"""


class Checked(Sheet):
    """One threshold, and what was found."""

    suite: str
    figure: str
    """A key of `Part.figures`, or `regression`"""
    standing: Standing
    measured: Measured
    threshold: str
    """As in the file, such as "at least 90.0 %" """
    smallest_seen: float | None
    """The smallest shortfall from the threshold that breaks it in 80 of 100 such runs; None if none does.

    In the unit of the figure."""
    why: str
    """One sentence with the figure, its interval and the threshold"""


class GateResult(Sheet):
    """The whole gate. Broken stands above not enough evidence, which stands above passed."""

    standing: Standing
    checks: tuple[Checked, ...]
    comparisons: tuple[Comparison, ...]
    ungated: tuple[str, ...]
    """Suites that were run and that the file does not name"""

    @property
    def exit_code(self) -> int:
        """0 passed, 1 broke, 3 not enough evidence."""
        return EXIT_CODES[self.standing]

    @property
    def broke(self) -> tuple[Checked, ...]:
        """What broke."""
        return tuple(one for one in self.checks if one.standing is Standing.BROKE)

    @property
    def undecided(self) -> tuple[Checked, ...]:
        """What there was not enough evidence for."""
        return tuple(one for one in self.checks if one.standing is Standing.NOT_ENOUGH_EVIDENCE)
