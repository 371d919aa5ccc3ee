"""A spreadsheet's first sheet as rows, by what its cells show: dates as dates, formulas as their results."""

import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from backhaul.intake.problems import UnusableFile
from backhaul.intake.rows import Row, Sheet, headed, row_of

_MOST_UNPACKED = 200_000_000
"""Bytes a workbook may unpack to: a packed file of kilobytes can hold gigabytes"""
_MOST_ROWS = 200_000
_MOST_COLUMNS = 200
_BROKEN = (
    *(InvalidFileException, zipfile.BadZipFile, zlib.error, ParseError),
    *(AttributeError, EOFError, KeyError, OSError, TypeError, ValueError),
)
"""What openpyxl raises for files that are no workbooks, or broken ones"""


def read_workbook(path: Path) -> Sheet:
    """Read the first sheet that can be seen; its first row that is not empty names the columns.

    Raises:
        UnusableFile: It is no workbook, too large when unpacked, or empty.
    """
    try:
        _sized(path)
        with warnings.catch_warnings():
            # It warns of styles and drop-down lists that it does not know; only cells are read.
            warnings.simplefilter("ignore", UserWarning)
            return _both(path)
    except _BROKEN as broken:
        raise UnusableFile(f"{path.name} is no workbook that can be read: save it again as xlsx") from broken


def _both(path: Path) -> Sheet:
    values = openpyxl.load_workbook(path, read_only=True, data_only=True)
    written = openpyxl.load_workbook(path, read_only=True, data_only=False)
    try:
        return _read(values, written)
    finally:
        values.close()
        written.close()


def _sized(path: Path) -> None:
    with zipfile.ZipFile(path) as packed:
        unpacked = sum(part.file_size for part in packed.infolist())
    if unpacked > _MOST_UNPACKED:
        most = _MOST_UNPACKED // 1_000_000
        raise UnusableFile(f"{path.name} unpacks to more than {most} MB; split it", field="file")


def _read(values: Any, written: Any) -> Sheet:
    seen = [sheet for sheet in values.worksheets if sheet.sheet_state == "visible"]
    if not seen:
        raise UnusableFile("the workbook has no sheet that can be seen", field="file")
    first = seen[0]
    names: tuple[str, ...] = ()
    rows: list[Row] = []
    for line, cells, formulas in _lines(first, written[first.title]):
        told = [_text(cell) for cell in cells]
        if not names:
            names = tuple(cell.strip() for cell in told) if any(cell.strip() for cell in told) else ()
        elif (row := _row(line, names, told, formulas)) is not None:
            rows.append(row)
    others = f"only the first of {len(seen)} sheets was read, {first.title}"
    return headed(names, rows, (others,) if len(seen) > 1 else ())


def _lines(values: Any, written: Any) -> Iterator[tuple[int, Sequence[Any], Sequence[Any]]]:
    # What a file says of its own size is often wrong; then rows would be cut off.
    values.reset_dimensions()
    written.reset_dimensions()
    pairs = zip(
        values.iter_rows(values_only=True, max_col=_MOST_COLUMNS),
        written.iter_rows(values_only=True, max_col=_MOST_COLUMNS),
        strict=False,
    )
    for line, (cells, formulas) in enumerate(pairs, start=1):
        if line > _MOST_ROWS:
            raise UnusableFile(f"the sheet has more than {_MOST_ROWS:,} rows; split it", field="file")
        yield line, cells, formulas


def _row(line: int, names: Sequence[str], told: list[str], formulas: Sequence[Any]) -> Row | None:
    while told and not told[-1] and not formulas[len(told) - 1]:
        told.pop()
    for column, formula in enumerate(formulas[: len(told)]):
        if isinstance(formula, str) and formula.startswith("=") and not told[column]:
            cell = f"{get_column_letter(column + 1)}{line}"
            wrong = f"cell {cell} is a formula without a result: open the file, let it calculate, and save it"
            return Row(line, {}, wrong=wrong, found=" | ".join(told))
    return row_of(line, names, told)


def _text(value: Any) -> str:
    """What the cell shows; a whole number without a point, a date as in ISO 8601."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
