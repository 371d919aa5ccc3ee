"""The tables of insight: the parts of a figure and the cases behind it, for a page and for a spreadsheet."""

from collections.abc import Iterator, Sequence

from backhaul.analytics.kpis import Answer, Kpi, Look, Row, Unit
from backhaul.store.insight_facts import Fact
from web.finance_tables import Cell, Table
from web.insight_words import (
    SPREADSHEET_UNITS,
    cases_address,
    duration,
    figure,
    money,
    names_of,
    number,
    plain,
    share,
)
from web.pages import day
from web.policies_words import capital

_EMPTY = "There is nothing of this kind on record{period}."
_VALUE = {Unit.TIME: "Median", Unit.MONEY: "Value", Unit.SHARE: "Share", Unit.NUMBER: "Number"}


def empty_words(kpi: Kpi) -> str:
    """What it means that there is nothing."""
    return _EMPTY.format(period=" now" if kpi.is_now else " in this period")


def parts_table(found: Answer, look: Look, days: int) -> Table:
    """One row for each part; every number leads to the cases it is made of."""
    columns = (*found.kpi.parts, *_headings(found.kpi))
    rows = [_row(found.kpi, look, row, days) for row in found.rows]
    return Table(columns, rows, empty_words(found.kpi))


def _headings(kpi: Kpi) -> tuple[str, ...]:
    counted = capital(kpi.noun)
    if kpi.unit is Unit.TIME:
        return counted, "Median", "9 in 10 within"
    if kpi.of_money:
        return counted, "Claimed", "Given", "Share"
    if kpi.unit is Unit.SHARE:
        return counted, "Of these", "Share"
    return (counted, "Value") if kpi.unit is Unit.MONEY else (counted,)


def _row(kpi: Kpi, look: Look, row: Row, days: int) -> tuple[Cell, ...]:
    there = cases_address(kpi, row.part, days)
    numbers = (Cell(text, href=there, is_number=True) for text in _numbers(kpi, row))
    return (*(Cell(name) for name in names_of(kpi, look, row)), *numbers)


def _numbers(kpi: Kpi, row: Row) -> Iterator[str]:
    value, whole = row.sums
    yield number(row.count)
    if kpi.of_money:
        yield money(whole)
        yield money(value)
    elif kpi.unit is Unit.SHARE:
        yield number(value)
    if kpi.unit is not Unit.NUMBER:
        yield figure(kpi.unit, row.value)
    if kpi.unit is Unit.TIME:
        yield figure(kpi.unit, row.ninth_decile)


def parts_for_spreadsheet(found: Answer, look: Look) -> Table:
    """The same figures as bare numbers, with their unit in the heading."""
    kpi, unit = found.kpi, SPREADSHEET_UNITS[found.kpi.unit]
    headings = [f"{name} ({unit})" if unit and name in _WITH_UNIT else name for name in _headings(kpi)]
    rows = [
        (
            *(Cell(name) for name in names_of(kpi, look, row)),
            *(Cell(text, is_number=True) for text in _bare_numbers(kpi, row)),
        )
        for row in found.rows
    ]
    return Table((*kpi.parts, *headings), rows, "")


_WITH_UNIT = {"Median", "9 in 10 within", "Share", "Value"}


def _bare_numbers(kpi: Kpi, row: Row) -> Iterator[str]:
    value, whole = row.sums
    yield str(row.count)
    if kpi.of_money:
        yield plain(Unit.MONEY, whole)
        yield plain(Unit.MONEY, value)
    elif kpi.unit is Unit.SHARE:
        yield plain(Unit.NUMBER, value)
    if kpi.unit is not Unit.NUMBER:
        yield plain(kpi.unit, row.value)
    if kpi.unit is Unit.TIME:
        yield plain(kpi.unit, row.ninth_decile)


def cases_table(kpi: Kpi, look: Look, facts: Sequence[Fact], *, bare: bool = False) -> Table:
    """The facts behind a figure, each with its case."""
    columns = ("Case", "Record", *kpi.parts, "When", *_value_headings(kpi, bare=bare))
    rows = [_fact(kpi, look, one, bare=bare) for one in facts]
    return Table(columns, rows, empty_words(kpi))


def _value_headings(kpi: Kpi, *, bare: bool) -> tuple[str, ...]:
    unit = f" ({SPREADSHEET_UNITS[kpi.unit]})" if bare and kpi.unit in {Unit.TIME, Unit.MONEY} else ""
    if kpi.of_money:
        return "Claimed", "Given"
    names = {Unit.TIME: "Took", Unit.MONEY: "Value", Unit.SHARE: "Counts as", Unit.NUMBER: ""}
    return (f"{names[kpi.unit]}{unit}",) if names[kpi.unit] else ()


def _fact(kpi: Kpi, look: Look, one: Fact, *, bare: bool) -> tuple[Cell, ...]:
    when = "" if one.at is None else one.at.isoformat(timespec="seconds") if bare else day(one.at)
    return (
        Cell(one.case_id or "none", href=f"/insight/case/{one.case_id}" if one.case_id else ""),
        Cell(one.about),
        *(Cell(name) for name in names_of(kpi, look, Row(one.part, 1, None))),
        Cell(when),
        *(Cell(text, is_number=True) for text in _value(kpi, one, bare=bare)),
    )


def _value(kpi: Kpi, one: Fact, *, bare: bool) -> Iterator[str]:
    if kpi.of_money:
        for minor in (one.whole, one.value):
            yield plain(Unit.MONEY, minor) if bare else money(minor)
    elif kpi.unit is Unit.TIME:
        yield plain(kpi.unit, one.value) if bare else duration(one.value)
    elif kpi.unit is Unit.MONEY:
        yield plain(kpi.unit, one.value) if bare else money(one.value)
    elif kpi.unit is Unit.SHARE:
        yield "yes" if one.value else ("no" if one.whole else "not counted")


def total_words(found: Answer, look: Look) -> str:
    """The one figure that stands for all parts."""
    kpi, total = found.kpi, found.total
    if not found.rows:
        return "none"
    if kpi.one_after_another:
        return f"{figure(kpi.unit, total.value)} at the longest: {', '.join(names_of(kpi, look, total))}"
    if kpi.unit is Unit.TIME:
        return f"{figure(kpi.unit, total.value)}, 9 in 10 within {figure(kpi.unit, total.ninth_decile)}"
    if kpi.of_money:
        return f"{share(total.value)} of {money(total.sums[1])}"
    return figure(kpi.unit, total.value)
