"""A table as a form: its cells as an owner types them, and which of them were changed."""

from collections.abc import Mapping
from dataclasses import dataclass

from policies.bundle import Edition
from policies.model import TableUnit
from policies.syntax import Word
from policies.tables import CellKey, Grid
from web.policies_tables import laid_out, table_title
from web.policies_words import time_words, unit_words, words

_CELL = "cell:"
_HINTS = {
    TableUnit.USD: "US dollars and cents, such as 500.00",
    TableUnit.PERMILLE: "whole parts of a thousand: 860 is 86 %",
    TableUnit.BASIS_POINTS: "whole parts of ten thousand: 1500 is 15 %",
}
_CENTS = 100


@dataclass(frozen=True, slots=True)
class CellField:
    """A cell to type into; `choices` makes it a list to choose from."""

    name: str
    label: str
    value: str
    was: str
    choices: tuple[str, ...]

    @property
    def is_changed(self) -> bool:
        return self.value.strip() != self.was


@dataclass(frozen=True, slots=True)
class TableForm:
    """A table of an edition laid out for typing."""

    name: str
    title: str
    doc: str
    clause: str
    owner: str
    unit: str
    hint: str
    edition: str
    time: str
    heads: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[tuple[str, ...], tuple[CellField, ...]], ...]

    @property
    def changed(self) -> tuple[CellField, ...]:
        """The cells somebody typed over."""
        return tuple(cell for _, cells in self.rows for cell in cells if cell.is_changed)


def form_of(edition: Edition, table: str, typed: Mapping[str, str]) -> TableForm:
    """The table with what was typed, or else the figures of the edition."""
    grid, policy = edition.grids[table], edition.policy
    layout = laid_out(grid)
    return TableForm(
        name=table,
        title=table_title(table),
        doc=grid.table.doc,
        clause=grid.table.clause,
        owner=grid.table.owner,
        unit=unit_words(grid.table),
        hint=_HINTS.get(grid.table.unit, ""),
        edition=policy.label,
        time=time_words(policy.effective, policy.basis),
        heads=layout.heads,
        columns=layout.columns,
        rows=tuple((head, tuple(_field(grid, key, typed) for key in keys)) for head, keys in layout.rows),
    )


def changed_cells(grid: Grid, typed: Mapping[str, str]) -> dict[CellKey, str]:
    """The cells in a form that differ from the table; a cell the form does not have was not changed."""
    found = ((key, typed.get(_name(key))) for key in grid.cells)
    return {
        key: said
        for key, said in found
        if said is not None and said.strip() != _as_typed(grid, grid.cells[key])
    }


def _field(grid: Grid, key: CellKey, typed: Mapping[str, str]) -> CellField:
    was, name = _as_typed(grid, grid.cells[key]), _name(key)
    label = ", ".join(map(words, key)) or "Value"
    return CellField(name, label, typed.get(name, was), was, grid.table.choices)


def _name(key: CellKey) -> str:
    return _CELL + ".".join(key)


def _as_typed(grid: Grid, value: Word) -> str:
    if grid.table.unit is TableUnit.USD:
        whole, cents = divmod(int(value), _CENTS)
        return f"{whole}.{cents:02d}"
    return str(value)
