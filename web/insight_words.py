"""How figures of insight are written: times, shares, money, names of parts, and their addresses."""

from urllib.parse import urlencode

from backhaul.analytics.kpis import Kpi, Look, Row, Unit
from backhaul.domain.money import Money
from web.pages import words
from web.policies_words import capital

NOTHING = "none"
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_CENTS = 100
_PLAIN = {"rma": "RMA"}


def duration(seconds: float) -> str:
    """`42 s`, `12 min`, `5.4 h`, `12.1 days`."""
    if seconds < _MINUTE:
        return f"{seconds:.0f} s"
    if seconds < _HOUR:
        return f"{seconds / _MINUTE:.0f} min"
    if seconds < 2 * _DAY:
        return f"{seconds / _HOUR:.1f} h"
    return f"{seconds / _DAY:.1f} days"


def money(minor: float) -> str:
    """`1,234.50 USD`."""
    return str(Money(round(minor)))


def share(value: float | None) -> str:
    """`68.7 %`; nothing to be shared has none."""
    return NOTHING if value is None else f"{value * _CENTS:.1f} %"


def number(value: float) -> str:
    """`1,234`."""
    return f"{value:,.0f}"


def figure(unit: Unit, value: float | None) -> str:
    """A value with its unit."""
    if value is None:
        return NOTHING
    writers = {Unit.TIME: duration, Unit.MONEY: money, Unit.SHARE: share, Unit.NUMBER: number}
    return writers[unit](value)


def plain(unit: Unit, value: float | None) -> str:
    """The same for a spreadsheet: hours, amounts and per cent as bare numbers."""
    if value is None:
        return ""
    if unit is Unit.TIME:
        return f"{value / _HOUR:.3f}"
    if unit is Unit.MONEY:
        return f"{value / _CENTS:.2f}"
    return f"{value * _CENTS:.2f}" if unit is Unit.SHARE else f"{value:.0f}"


SPREADSHEET_UNITS = {Unit.TIME: "hours", Unit.MONEY: "USD", Unit.SHARE: "%", Unit.NUMBER: ""}


def names_of(kpi: Kpi, look: Look, row: Row) -> tuple[str, ...]:
    """The names of a part in words, one for each heading."""
    return tuple(_name(kpi, look, name, is_first=at == 0) for at, name in enumerate(row.names))


def _name(kpi: Kpi, look: Look, name: str, *, is_first: bool) -> str:
    if name in kpi.says:
        return kpi.says[name]
    if kpi.looks_up and is_first:
        return kpi.looks_up(look, name)
    effect, slash, rule = name.partition("/")
    if slash and effect == effect.lower():
        return f"{_in_words(effect)}: {rule}"
    return _in_words(name)


def _in_words(name: str) -> str:
    if name != name.lower():
        return capital(name)
    return capital(" ".join(_PLAIN.get(word, word) for word in words(name).split(" ")))


def cases_address(kpi: Kpi, part: str, days: int, *, suffix: str = "") -> str:
    """Where the cases behind a figure are listed; an empty part is all of them."""
    asked = {"part": part} if part else {}
    return f"/insight/{kpi.key}/cases{suffix}?{urlencode({**asked, **_period(kpi, days)})}".rstrip("?")


def page_address(kpi: Kpi, days: int, *, suffix: str = "") -> str:
    """The page of a figure, or its spreadsheet."""
    return f"/insight/{kpi.key}{suffix}?{urlencode(_period(kpi, days))}".rstrip("?")


def _period(kpi: Kpi, days: int) -> dict[str, int]:
    return {} if kpi.is_now else {"days": days}
