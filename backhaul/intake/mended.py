"""The rows that could not be taken in, written out again with what is wrong, to be mended and run again."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from backhaul.intake.files import Done
from backhaul.intake.rows import Sheet

WRONG, TO_DO, LINE, FOUND = "what is wrong", "what to do", "line before", "row as it was"
_OURS = (WRONG, TO_DO, LINE, FOUND)


def write_bad_rows(path: Path, sheet: Sheet, bad: Sequence[Done]) -> None:
    """Write them as csv in UTF-8 with the headings of the file.

    Cells stand as they came: a guard against what a spreadsheet might take for a formula would change what is
    run again.
    """
    headings = [name for name in sheet.headings if name not in _OURS]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*headings, *_OURS])
        writer.writerows(_cells(headings, bad))


def _cells(headings: Sequence[str], bad: Iterable[Done]) -> Iterable[list[str]]:
    for done in bad:
        own = [done.row.values.get(name, "") for name in headings]
        outcome = done.outcome
        yield [*own, outcome.why, outcome.to_do, str(done.row.line), done.row.found]
