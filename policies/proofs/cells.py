"""Cells of a table as they might be: any of them, those on the stricter side, and which side that is."""

from collections.abc import Iterator, Mapping

from policies.model import Stricter
from policies.proofs.solver import Term, z3
from policies.proofs.terms import Value
from policies.syntax import Word
from policies.tables import Grid, highest_cell

_EVERY_ONE = 100


def stricter_cells(grid: Grid, cell: Word) -> Iterator[Word]:
    """Stricter cells, nearest first; for numbers in growing steps once the first hundred were tried."""
    if grid.table.choices:
        yield from reversed(grid.table.choices[: grid.table.choices.index(str(cell))])
        return
    down = grid.table.stricter is Stricter.LOWER
    step, now, most = 1, int(cell), highest_cell(grid.table.unit)
    tried = 0
    while True:
        tried += 1
        step = step if tried < _EVERY_ONE else step * 2
        now = max(now - step, 0) if down else min(now + step, most)
        yield now
        if now in {0, most}:
            return


def any_cell(grid: Grid, mark: str) -> tuple[Value, Term]:
    """An unknown cell of the table, and its bounds."""
    variable = z3().Int(f"{mark}p.{grid.name}")
    if not grid.table.choices:
        return variable, z3().And(variable >= 0, variable <= highest_cell(grid.table.unit))
    options: Mapping[str, Term] = {word: variable == at for at, word in enumerate(grid.table.choices)}
    return dict(options), z3().And(variable >= 0, variable < len(grid.table.choices))


def as_number(grid: Grid, value: Value) -> Term:
    """A cell as a number: a choice by its place in the list."""
    if not isinstance(value, dict):
        return value
    places = [(grid.table.choices.index(word), term) for word, term in value.items()]
    number: Term = places[-1][0]
    for place, term in places[:-1]:
        number = z3().If(term, place, number)
    return number


def is_stricter(grid: Grid, new: Term, old: Term) -> Term:
    """Whether `new` lies on the side that the table calls stricter."""
    return new > old if grid.table.stricter is Stricter.HIGHER else new < old
