"""A table laid out for reading and for typing, with what regions and facilities write over its cells."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product

from policies.bundle import OverlayEdition
from policies.facts import FACTS
from policies.model import Scope
from policies.tables import MONEY_SUFFIX, CellKey, Grid
from web.policies_words import capital, cell_value, day_words, unit_words, words


@dataclass(frozen=True, slots=True)
class Mark:
    """A cell as an overlay writes it."""

    value: str
    where: str
    written_in: str


@dataclass(frozen=True, slots=True)
class TableCell:
    """A cell of the edition, and what overlays make of it."""

    value: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class TableShown:
    """A table laid out: with two keys or more the last one runs across."""

    name: str
    title: str
    doc: str
    clause: str
    owner: str
    unit: str
    document: str
    heads: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[tuple[str, ...], tuple[TableCell, ...]], ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the cells of a table stand: with two keys or more the last one runs across."""

    heads: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[tuple[str, ...], tuple[CellKey, ...]], ...]


def laid_out(grid: Grid) -> Layout:
    """The cells of a table by row, in the order of its closed lists."""
    lists = [FACTS[key].choices for key in grid.table.keys]
    across = lists[-1] if len(lists) > 1 else ()
    down = lists[:-1] if across else lists
    ends: list[CellKey] = [(one,) for one in across] or [()]
    return Layout(
        heads=tuple(capital(words(key)) for key in grid.table.keys[: len(down)]),
        columns=tuple(map(words, across)),
        rows=tuple(
            (tuple(map(words, head)), tuple((*head, *last) for last in ends)) for head in product(*down)
        ),
    )


def table_title(name: str) -> str:
    """A table's name as a heading: `Auto limit`."""
    return capital(words(name.removesuffix(MONEY_SUFFIX)))


def place_words(scope: Scope) -> str:
    """Where an overlay holds: `west and southwest`, `RNO1`."""
    return " and ".join([*map(words, scope.region), *scope.facility])


def cell_name(table: str, key: CellKey) -> str:
    """A cell in a sentence: `window days for hand tool, gold`."""
    title = words(table.removesuffix(MONEY_SUFFIX))
    return f"{title} for {', '.join(map(words, key))}" if key else title


def read_table(grid: Grid, document: str, overlays: Iterable[OverlayEdition]) -> TableShown:
    """Lay a table out, with what the overlays write over its cells."""
    table, marks, layout = grid.table, _marks(grid, overlays), laid_out(grid)
    return TableShown(
        name=grid.name,
        title=table_title(grid.name),
        doc=table.doc,
        clause=table.clause,
        owner=table.owner,
        unit=unit_words(table),
        document=document,
        heads=layout.heads,
        columns=layout.columns,
        rows=tuple((head, tuple(_cell(grid, key, marks) for key in keys)) for head, keys in layout.rows),
    )


def _cell(grid: Grid, key: CellKey, marks: Mapping[CellKey, tuple[Mark, ...]]) -> TableCell:
    return TableCell(cell_value(grid.table.unit, grid.cells[key]), marks.get(key, ()))


def _marks(grid: Grid, overlays: Iterable[OverlayEdition]) -> dict[CellKey, tuple[Mark, ...]]:
    found: dict[CellKey, tuple[Mark, ...]] = {}
    for one in overlays:
        for key, value in one.cells.get(grid.name, {}).items():
            grant = one.grants.get((grid.name, key))
            written = one.overlay.label + (
                f" by grant {grant.id} until {day_words(grant.until)}" if grant else ""
            )
            mark = Mark(cell_value(grid.table.unit, value), place_words(one.overlay.applies), written)
            found[key] = (*found.get(key, ()), mark)
    return found
