"""A file as rows with the lines they stand on: csv, jsonl and xlsx, each row with its text by column.

A row that cannot be read is given with what is wrong with it, and the rest goes on. A file that cannot be
read at all is UnusableFile.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backhaul.intake.problems import UnusableFile

MOST_BYTES = 50_000_000
_ENCODINGS = ("utf-8-sig", "cp1252")
"""What spreadsheets write; cp1252 is tried last, because it reads nearly anything"""
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Row:
    """One record. `line` counts from 1 as an editor shows it, or as the spreadsheet numbers its rows.

    `wrong` says why it could not be read; its values are then empty and `found` is what stands there.
    """

    line: int
    values: Mapping[str, str]
    wrong: str = ""
    found: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """All rows of a file under their headings. `twice` are headings that more than one column has."""

    headings: tuple[str, ...]
    rows: Sequence[Row]
    twice: frozenset[str] = field(default=frozenset())
    remarks: tuple[str, ...] = ()
    """What whoever sent the file should know of how it was read"""


def read_sheet(path: Path) -> Sheet:
    """Read a file by its ending.

    Raises:
        UnusableFile: It is missing, too large, of another kind, or nothing in it can be read.
    """
    if not path.is_file():
        raise UnusableFile(f"there is no file {path}", field="file")
    if path.stat().st_size > MOST_BYTES:
        raise UnusableFile(f"{path.name} has more than {MOST_BYTES // 1_000_000} MB; split it", field="file")
    kind = path.suffix.lower()
    if kind in {".xlsx", ".xlsm"}:
        from backhaul.intake.workbook import read_workbook  # noqa: PLC0415 - a third of a second, for xlsx only

        return read_workbook(path)
    if kind in {".jsonl", ".ndjson"}:
        return _read_jsonl(decoded(path))
    if kind in {".csv", ".tsv", ".txt"}:
        from backhaul.intake.delimited import read_delimited  # noqa: PLC0415 - it uses what is defined here

        return read_delimited(decoded(path))
    raise UnusableFile(
        f"{path.name}: only csv, jsonl and xlsx are read; save it as one of them", field="file"
    )


def decoded(path: Path) -> str:
    """The text of a file, whatever usual encoding it has.

    Raises:
        UnusableFile: It is no text.
    """
    raw = path.read_bytes()
    encodings = ("utf-16",) if raw.startswith(_UTF_16) else _ENCODINGS
    for encoding in encodings:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise UnusableFile(f"{path.name} is no text; save it as UTF-8", field="file")


def headed(names: Sequence[str], rows: Sequence[Row], remarks: tuple[str, ...] = ()) -> Sheet:
    """Rows under their headings.

    Raises:
        UnusableFile: There are no headings.
    """
    counted = Counter(name for name in names if name)
    if not counted:
        raise UnusableFile("the file is empty; the first row names the columns", field="file")
    twice = frozenset(name for name, times in counted.items() if times > 1)
    return Sheet(tuple(counted), rows, twice, remarks)


def row_of(line: int, names: Sequence[str], cells: Sequence[str]) -> Row | None:
    """The row of these cells, or nothing when all are empty. Cells beyond the headings make it wrong."""
    told = [cell.strip() for cell in cells]
    if not any(told):
        return None
    if any(told[len(names) :]):
        more = f"it has {len(told)} cells, and there are {len(names)} headings"
        return Row(line, {}, wrong=more, found=" | ".join(told))
    values: dict[str, str] = {}
    for name, cell in zip(names, told, strict=False):
        if name and cell:
            values.setdefault(name, cell)
    return Row(line, values)


def _read_jsonl(text: str) -> Sheet:
    rows = list(_json_rows(text))
    names = list(dict.fromkeys(name for row in rows for name in row.values))
    if not names and rows:
        first = rows[0]
        raise UnusableFile(f"no line is a JSON object; line {first.line}: {first.wrong}", field="file")
    return headed(names, rows)


def _json_rows(text: str) -> Iterator[Row]:
    for line, written in enumerate(text.split("\n"), start=1):
        if not written.strip():
            continue
        try:
            found = json.loads(written, object_pairs_hook=_once)
            values = {name.strip(): plain_text(value).strip() for name, value in found.items()}
        except (ValueError, AttributeError, RecursionError) as error:
            told = "it is no JSON object" if isinstance(error, AttributeError) else str(error)
            yield Row(line, {}, wrong=told, found=written.strip())
            continue
        kept = {name: value for name, value in values.items() if value}
        if kept:
            yield Row(line, kept)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    twice = [name for name, times in Counter(name for name, _ in pairs).items() if times > 1]
    if twice:
        raise ValueError(f"{twice[0]} is given twice")
    return dict(pairs)


def plain_text(value: Any) -> str:
    """A JSON value as text: lists of plain values with commas, nothing for null.

    Raises:
        ValueError: It is an object, or a list of other than plain values.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str | int | float):
        return str(value)
    if isinstance(value, list) and all(isinstance(one, str | int | float) for one in value):
        return ", ".join(str(one) for one in value)
    raise ValueError("a value is itself an object; give plain text")
