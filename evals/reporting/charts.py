"""Where the lines, dots and bars of the drawings lie; `charts.html` draws them, the stylesheet colours them.

Shares lie between 0 and 1; places are units of the drawing. See docs/decisions/0007.
"""

from dataclasses import dataclass

from evals.scoring.measured import Measured, Unit
from evals.scoring.records import Bin, Calibration, Coverage

WIDTH, HEIGHT = 380, 310
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 10, 30, 44
_COUNTS = 54
_TALLEST = 30
"""Height of the bars of counts under a reliability plot"""
_SPAN_WIDTH, _SPAN_PAD = 140, 5
_STEPS = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
"""Where an axis of risk may end"""
_TICKS = 5


@dataclass(frozen=True, slots=True)
class Span:
    """A share and its interval on a line from 0 to 1."""

    width: int
    low: float
    high: float
    at: float


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Dot:
    """A point with its whisker; `top` and `bottom` are places of the interval."""

    x: float
    y: float
    top: float
    bottom: float
    text: str


@dataclass(frozen=True, slots=True)
class Bar:
    """How many lie in a bin."""

    x: float
    y: float
    width: float
    height: float
    count: int


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything a drawing needs."""

    width: int
    height: int
    left: float
    right: float
    top: float
    bottom: float
    xs: tuple[Tick, ...]
    ys: tuple[Tick, ...]
    dots: tuple[Dot, ...] = ()
    bars: tuple[Bar, ...] = ()
    line: str = ""
    bound: str = ""


def span_of(measured: Measured) -> Span | None:
    """The drawing of an interval; None for what is no share, or has no interval."""
    value, low, high = measured.value, measured.low, measured.high
    if value is None or low is None or high is None or measured.unit not in {Unit.SHARE, Unit.SCORE}:
        return None
    if not 0 <= low <= high <= 1:
        return None
    return Span(_SPAN_WIDTH, _on_span(low), _on_span(high), _on_span(value))


def _on_span(share: float) -> float:
    return round(_SPAN_PAD + share * (_SPAN_WIDTH - 2 * _SPAN_PAD), 1)


def reliability(calibration: Calibration) -> Chart | None:
    """How often what was so sure was right; None when no line carried a confidence."""
    bins = [one for one in calibration.bins if one.confidence.n and one.right.value is not None]
    if not bins:
        return None
    most = max(one.right.n for one in bins)
    height = HEIGHT + _COUNTS
    return Chart(
        width=WIDTH,
        height=height,
        left=_LEFT,
        right=WIDTH - _RIGHT,
        top=_TOP,
        bottom=HEIGHT - _BOTTOM,
        xs=_ticks_across(1.0),
        ys=_ticks_up(1.0),
        dots=tuple(_dot(one) for one in bins),
        bars=tuple(_bar(one, most, height) for one in bins),
    )


def _dot(one: Bin) -> Dot:
    right = one.right.value or 0.0
    sure = one.confidence.value if one.confidence.value is not None else (one.low + one.high) / 2
    low = right if one.right.low is None else one.right.low
    high = right if one.right.high is None else one.right.high
    text = f"{one.right.n} lines, {one.confidence.text} sure, {one.right.text} right"
    return Dot(_across(sure), _up(right, 1.0), _up(high, 1.0), _up(low, 1.0), text)


def _bar(one: Bin, most: int, height: int) -> Bar:
    tall = round(max(2.0, _TALLEST * one.right.n / most), 1)
    left = _across(one.low) + 1
    return Bar(left, height - tall - 1, round(_across(one.high) - left - 1, 1), tall, one.right.n)


def risk_coverage(calibration: Calibration) -> Chart | None:
    """What the wrong share would be if only the surest were decided; None when nothing was measured."""
    curve = [one for one in calibration.curve if one.covered.value is not None and one.risk.value is not None]
    if not curve:
        return None
    worst = max(one.risk.value or 0.0 for one in curve)
    at_full = curve[-1].bound
    top = next((step for step in _STEPS if step >= max(worst, min(1.0, at_full))), 1.0)
    return Chart(
        width=WIDTH,
        height=HEIGHT,
        left=_LEFT,
        right=WIDTH - _RIGHT,
        top=_TOP,
        bottom=HEIGHT - _BOTTOM,
        xs=_ticks_across(1.0),
        ys=_ticks_up(top),
        dots=_ends(curve, top),
        line=_path([(one.covered.value or 0.0, one.risk.value or 0.0) for one in curve], top),
        bound=_path([(one.covered.value or 0.0, one.bound) for one in curve], top),
    )


def _ends(curve: list[Coverage], top: float) -> tuple[Dot, ...]:
    """A curve of one point is no line, so each end is drawn as a dot."""
    ends = (curve[0], curve[-1]) if len(curve) > 1 else (curve[0],)
    return tuple(_end(one, _up(one.risk.value or 0.0, top)) for one in ends)


def _end(one: Coverage, y: float) -> Dot:
    text = f"{one.covered.text} decided, {one.risk.text} wrong"
    return Dot(_across(one.covered.value or 0.0), y, y, y, text)


def _path(points: list[tuple[float, float]], top: float) -> str:
    """The `d` of a path through the points; it has gaps where they lie above the drawing."""
    steps, pen = [], "M"
    for x, y in points:
        if y > top:
            pen = "M"
            continue
        steps.append(f"{pen}{_across(x)},{_up(y, top)}")
        pen = "L"
    return " ".join(steps)


def _across(share: float) -> float:
    return round(_LEFT + share * (WIDTH - _LEFT - _RIGHT), 1)


def _up(share: float, top: float) -> float:
    return round(HEIGHT - _BOTTOM - share / top * (HEIGHT - _TOP - _BOTTOM), 1)


def _ticks_across(top: float) -> tuple[Tick, ...]:
    return tuple(
        Tick(_across(step / _TICKS * top), _per_cent(step / _TICKS * top)) for step in range(_TICKS + 1)
    )


def _ticks_up(top: float) -> tuple[Tick, ...]:
    return tuple(
        Tick(_up(step / _TICKS * top, top), _per_cent(step / _TICKS * top)) for step in range(_TICKS + 1)
    )


def _per_cent(share: float) -> str:
    return f"{100 * share:.1f}".removesuffix(".0") + " %"
