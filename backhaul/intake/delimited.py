"""Text with delimiters: line numbers stay right over quoted line breaks, and a broken row breaks no other."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from backhaul.intake.problems import UnusableFile
from backhaul.intake.rows import Row, Sheet, headed, row_of

_DELIMITERS = ",;\t|"
_MOST_LINES = 500
"""Lines one record may take: a quotation mark that is never closed must not swallow the file"""
_LONGEST_FIELD = 1_000_000


@dataclass(frozen=True, slots=True)
class _Record:
    line: int
    cells: tuple[str, ...]
    wrong: str = ""


def read_delimited(text: str) -> Sheet:
    """Read the text; the delimiter is the one that the first row has most of.

    Raises:
        UnusableFile: There is no first row with headings.
    """
    csv.field_size_limit(_LONGEST_FIELD)
    lines = list(io.StringIO(text, newline=""))
    records = _records(lines, _delimiter(lines))
    names: tuple[str, ...] = ()
    for first in records:
        if first.wrong:
            raise UnusableFile(f"line {first.line}, where the headings are: {first.wrong}", field="file")
        if any(cell.strip() for cell in first.cells):
            names = tuple(cell.strip() for cell in first.cells)
            break
    rows = [row for record in records if (row := _row(record, names, lines)) is not None]
    return headed(names, rows)


def _delimiter(lines: list[str]) -> str:
    head = next((line for line in lines if line.strip()), "")
    bare = "".join(head.split('"')[::2])
    return max(_DELIMITERS, key=bare.count)


def _records(lines: list[str], delimiter: str) -> Iterator[_Record]:
    at = 0
    while at < len(lines):
        few = (lines[place] for place in range(at, min(at + _MOST_LINES, len(lines))))
        reader = csv.reader(few, delimiter=delimiter, strict=True)
        try:
            yield _Record(at + 1, tuple(next(reader)))
            at += reader.line_num
        except csv.Error as error:
            # The lines after a broken one are read on their own: one of them may have been meant to close it.
            yield _Record(at + 1, (), _wrong(error))
            at += 1


def _wrong(error: csv.Error) -> str:
    told = str(error)
    if "unexpected end of data" in told:
        return "a quotation mark is opened and not closed"
    if "expected after" in told:
        return "a quotation mark stands inside a cell; write it twice"
    return told


def _row(record: _Record, names: tuple[str, ...], lines: list[str]) -> Row | None:
    if record.wrong:
        return Row(record.line, {}, wrong=record.wrong, found=lines[record.line - 1].strip())
    return row_of(record.line, names, record.cells)
