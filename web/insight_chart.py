"""The chart of a figure: a bar for each part, and behind it a longer one for nine in ten where it is a time.

Only the geometry is made here; `insight_macros.html` draws it and the stylesheet colours it.
"""

from dataclasses import dataclass

from backhaul.analytics.kpis import Answer, Look, Row, Unit
from web.insight_words import figure, names_of

WIDTH = 380
MOST_BARS = 24
_LONGEST_BAR = 378
_SHORTEST_BAR = 2
_BAR, _TOP = 42, 4


@dataclass(frozen=True, slots=True)
class Bar:
    """A part. Widths and places are in units of the drawing, `WIDTH` of them across."""

    name: str
    y: int
    width: int
    behind: int
    """Width of the bar for nine in ten; 0 where there is none"""
    figure: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything the drawing needs."""

    key: str
    title: str
    height: int
    bars: tuple[Bar, ...]
    left_out: int
    """Parts for which there was no room; the table has them"""
    has_two: bool
    """Two bars for each part: the median, and nine in ten"""
    width: int = WIDTH


def chart_of(found: Answer, look: Look, *, only: frozenset[str] | None = None) -> Chart | None:
    """The drawing of a figure, or of some of its parts; None when there is nothing to draw."""
    rows = [row for row in found.rows if row.value is not None and (only is None or row.part in only)]
    shown = rows[:MOST_BARS]
    most = max((_long(row) for row in shown), default=0)
    if not shown:
        return None
    bars = tuple(
        Bar(
            ", ".join(names_of(found.kpi, look, row)),
            _TOP + at * _BAR,
            _width(row.value or 0, most),
            _width(row.ninth_decile or 0, most),
            _figure(found, row),
        )
        for at, row in enumerate(shown)
    )
    return Chart(
        found.kpi.key,
        found.kpi.name,
        _TOP + len(shown) * _BAR,
        bars,
        len(rows) - len(shown),
        has_two=found.kpi.unit is Unit.TIME,
    )


def _figure(found: Answer, row: Row) -> str:
    text = figure(found.kpi.unit, row.value)
    if found.kpi.unit is Unit.TIME:
        return f"{text} / {figure(Unit.TIME, row.ninth_decile)}"
    return f"{text} of {row.count:,}" if found.kpi.unit is Unit.SHARE and not found.kpi.of_money else text


def _long(row: Row) -> float:
    return max(row.value or 0, row.ninth_decile or 0)


def _width(value: float, most: float) -> int:
    """In proportion, and never so short that it cannot be seen; nothing has none."""
    return max(_SHORTEST_BAR, round(_LONGEST_BAR * value / most)) if value > 0 and most > 0 else 0
