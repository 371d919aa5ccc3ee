"""Decision tables over closed lists: every combination written, every cell of its unit, or no load."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import InvalidOperation
from itertools import product

from pydantic import JsonValue

from backhaul.domain.money import Money
from policies.cel import Variable
from policies.facts import FACTS, Kind
from policies.model import Stricter, Table, TableUnit
from policies.source import Document, Path
from policies.syntax import Word
from policies.wording import one_of, perhaps

MONEY_SUFFIX = "_usd_minor"
CellKey = tuple[str, ...]

_HIGHEST = {
    TableUnit.DAYS: 36_500,
    TableUnit.PIECES: 1_000_000,
    TableUnit.COUNT: 1_000,
    TableUnit.PERMILLE: 1_000,
    TableUnit.BASIS_POINTS: 10_000,
    TableUnit.USD: 10**11,
}


@dataclass(frozen=True, slots=True)
class Grid:
    """A table ready for look-ups: its cells by key, and the document each cell was written in."""

    name: str
    table: Table
    cells: Mapping[CellKey, Word]
    written_in: Mapping[CellKey, str]

    @property
    def variable(self) -> Variable:
        """The type a condition sees under `p.<name>`."""
        return Variable(Kind.CHOICE if self.table.choices else Kind.WHOLE, self.table.choices)

    def looser(self, new: Word, old: Word) -> bool:
        """Whether `new` moves the cell against the direction the table calls stricter."""
        if self.table.stricter is Stricter.EARLIER_CHOICE:
            return self.table.choices.index(str(new)) > self.table.choices.index(str(old))
        return new > old if self.table.stricter is Stricter.LOWER else new < old  # type: ignore[operator]

    def with_cells(self, cells: Mapping[CellKey, Word], document: str) -> "Grid":
        """The table after an overlay wrote some of its cells."""
        return replace(
            self,
            cells={**self.cells, **cells},
            written_in={**self.written_in, **dict.fromkeys(cells, document)},
        )


def highest_cell(unit: TableUnit) -> int:
    """The highest number a cell of this unit can hold; the lowest is 0."""
    return _HIGHEST[unit]


def read_grid(document: Document, name: str, table: Table, label: str) -> Grid:
    """Check a table of a policy and lay it out. PolicyError for a missing, surplus or ill-typed cell."""
    path: Path = ("tables", name)
    if (table.unit is TableUnit.USD) != name.endswith(MONEY_SUFFIX):
        raise document.error(path, f"a table ends in {MONEY_SUFFIX} when its unit is usd, and only then")
    lists = [_closed_list(document, (*path, "keys"), key) for key in table.keys]
    cells = dict(read_cells(document, (*path, "values"), table, table.values))
    missing = [key for key in product(*lists) if key not in cells]
    if missing:
        message = f"{name} has no cell for {', '.join(missing[0])}; write one for every combination"
        raise document.error((*path, "values"), message)
    return Grid(name, table, cells, dict.fromkeys(cells, label))


def read_cells(
    document: Document, path: Path, table: Table, values: JsonValue, key: CellKey = ()
) -> Iterator[tuple[CellKey, Word]]:
    """The cells written under `path`, one per combination. PolicyError names the first bad one."""
    if len(key) == len(table.keys):
        yield key, read_cell(document, path, table, values)
        return
    if not isinstance(values, dict):
        raise document.error(path, f"here the table lists one entry per {table.keys[len(key)]}")
    known = FACTS[table.keys[len(key)]].choices
    for word, inner in values.items():
        if word not in known:
            message = f"{word} is no {table.keys[len(key)]}{perhaps(word, known)}; write {one_of(known)}"
            raise document.error((*path, word), message)
        yield from read_cells(document, (*path, word), table, inner, (*key, word))


def read_cell(document: Document, path: Path, table: Table, value: JsonValue) -> Word:
    """One cell in its unit; money becomes cents. PolicyError if it is of another kind or out of bounds."""
    if table.unit is TableUnit.USD:
        return _cents(document, path, value)
    if table.unit is TableUnit.CHOICE:
        if isinstance(value, str) and value in table.choices:
            return value
        raise document.error(path, f"{value!r} is no word of this table; write {one_of(table.choices)}")
    if type(value) is not int or not 0 <= value <= _HIGHEST[table.unit]:
        most = _HIGHEST[table.unit]
        raise document.error(
            path, f"{value!r} cannot stand here; write a whole number of {table.unit} from 0 to {most:,}"
        )
    return value


def _cents(document: Document, path: Path, value: JsonValue) -> int:
    if not isinstance(value, str):
        raise document.error(path, f'{value!r} is not money; write dollars as quoted text such as "500.00"')
    try:
        cents = Money.of(value).minor
    except (ValueError, InvalidOperation) as wrong:
        message = f'{value!r} is no amount; write dollars and cents as quoted text such as "500.00"'
        raise document.error(path, message) from wrong
    if not 0 <= cents <= _HIGHEST[TableUnit.USD]:
        most = Money(_HIGHEST[TableUnit.USD])
        raise document.error(path, f"{value!r} is beyond any limit of this business; write 0.00 to {most}")
    return cents


def _closed_list(document: Document, path: Path, key: str) -> tuple[str, ...]:
    info = FACTS.get(key)
    if info is None or info.kind is not Kind.CHOICE:
        raise document.error(
            path, f"{key} is not a fact with a closed list; a table can be keyed by nothing else"
        )
    return info.choices
