"""A figure with its interval and how much it stands on. What was not measured has no value, never zero."""

from enum import StrEnum

from evals.scenario import Sheet

NOT_MEASURED = "not measured"
_CENTS = 100


class Unit(StrEnum):
    """What a figure counts in."""

    SHARE = "share"
    """From 0 to 1"""
    SCORE = "score"
    """From 0 to 1, but no share of cases, such as an F1"""
    SECONDS = "seconds"
    MINUTES = "minutes"
    MESSAGES = "messages"
    TOKENS = "tokens"
    USD = "usd"
    """Dollars that a model cost, with a fraction"""


class Measured(Sheet):
    """One figure. `low` and `high` bound its 95 % interval, by the named `method`; a bound may be unknown.

    `n` is what it is a figure of; `clusters` are the independent ones among these, such as scenarios when an
    epoch repeats them. `hits` counts what a share counts.
    """

    name: str
    unit: Unit = Unit.SHARE
    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int = 0
    clusters: int = 0
    hits: int | None = None
    method: str = ""

    @property
    def is_measured(self) -> bool:
        """Whether there was anything to measure."""
        return self.value is not None

    @property
    def text(self) -> str:
        """The value as people read it, in its unit."""
        return shown(self.value, self.unit)

    @property
    def interval(self) -> str:
        """The bounds as people read them; of what has no interval, "not measured"."""
        if self.low is None:
            return NOT_MEASURED
        if self.high is None:
            return f"{shown(self.low, self.unit)} and above"
        return f"{shown(self.low, self.unit)} to {shown(self.high, self.unit)}"

    def __str__(self) -> str:
        return (
            f"{self.name} {self.text} ({self.interval}; n = {self.n})"
            if self.is_measured
            else (f"{self.name} {NOT_MEASURED}")
        )


def shown(value: float | None, unit: Unit = Unit.SHARE) -> str:
    """A value in its unit; None is "not measured"."""
    if value is None:
        return NOT_MEASURED
    match unit:
        case Unit.SHARE:
            return f"{value * _CENTS:.1f} %"
        case Unit.SCORE:
            return f"{value:.3f}"
        case Unit.SECONDS:
            return f"{value:.2f} s"
        case Unit.MINUTES:
            return f"{value:.1f} min"
        case Unit.MESSAGES:
            return f"{value:.1f}"
        case Unit.TOKENS:
            return f"{value:,.0f}"
        case Unit.USD:
            return f"{value:.4f} USD"
