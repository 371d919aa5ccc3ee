"""What a comparison of two runs answers."""

from evals.scenario import Sheet
from evals.scoring.measured import Measured
from evals.scoring.records import Scored


class Flip(Sheet):
    """A case that came out otherwise, with both scores: differences, money and minutes stand in them."""

    key: str
    before: Scored
    after: Scored

    @property
    def broke(self) -> bool:
        """Passed before, and fails now."""
        return self.before.passed


class Comparison(Sheet):
    """Two runs over the cases that both played. A case whose scenario was rewritten is not the same case."""

    suite: str
    """Empty is all"""
    pairs: int
    scenarios: int
    before: Measured
    """Share of the pairs that passed"""
    after: Measured
    difference: Measured
    """After less before, from -1 to 1; below zero is a regression"""
    broke: tuple[Flip, ...]
    mended: tuple[Flip, ...]
    p_worse: float | None
    """One-sided: how likely so many more breakages than mends are by chance. None is not measured.

    Exact McNemar; with epochs or goals of attackers, exact over the signs of whole clusters."""
    p_value: float | None
    """Two-sided"""
    smallest_seen: float | None
    """The smallest regression that so many clusters show in 80 of 100 comparisons; None if none would"""
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]
    rewritten: tuple[str, ...]
