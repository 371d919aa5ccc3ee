"""The chart of a backtest: for each change of answer a bar of cases and a bar of their value.

Only the geometry is made here. `policies_chart.html` draws it, and the stylesheet colours it for light and
dark.
"""

from dataclasses import dataclass

from web.policies_backtest import BacktestShown, KindShown

WIDTH = 380
_LONGEST_BAR = 250
_SHORTEST_BAR = 2
_HEADING, _KIND, _TOP = 26, 62, 8


@dataclass(frozen=True, slots=True)
class Bars:
    """One change of answer. Widths and places are in units of the drawing, `WIDTH` of them across."""

    kind: KindShown
    y: int
    cases_width: int
    value_width: int


@dataclass(frozen=True, slots=True)
class Group:
    """The changes that go one way."""

    title: str
    looser: bool
    y: int
    bars: tuple[Bars, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything the drawing needs."""

    width: int
    height: int
    groups: tuple[Group, ...]
    title: str


def chart_of(shown: BacktestShown) -> Chart | None:
    """The drawing of a comparison; None when no answer changes and there is nothing to draw."""
    if not shown.kinds:
        return None
    most_cases = max(kind.cases for kind in shown.kinds)
    most_value = max(kind.amount_usd_minor for kind in shown.kinds)
    y, groups = _TOP, list[Group]()
    for title, kinds in (("Looser", shown.looser), ("Tighter", shown.tighter)):
        if not kinds:
            continue
        head, bars = y, list[Bars]()
        y += _HEADING
        for kind in kinds:
            bars.append(
                Bars(kind, y, _long(kind.cases, most_cases), _long(kind.amount_usd_minor, most_value))
            )
            y += _KIND
        groups.append(Group(title, kinds[0].looser, head, tuple(bars)))
    return Chart(WIDTH, y, tuple(groups), shown.summary)


def _long(number: int, most: int) -> int:
    """A bar's length: in proportion, and never so short that it cannot be seen; nothing has none."""
    return max(_SHORTEST_BAR, round(_LONGEST_BAR * number / most)) if number else 0
