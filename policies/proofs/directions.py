"""Proves of every table that moving a cell the stricter way never turns a refusal into a permit.

That makes the cell-by-cell comparison of overlays in the loader sound.
"""

from collections.abc import Iterator

from policies.model import FindingKind
from policies.proofs.cells import any_cell, as_number, is_stricter, stricter_cells
from policies.proofs.examination import Examination
from policies.proofs.findings import Finding, in_words
from policies.proofs.solver import Term, all_of, any_of, opposite
from policies.proofs.standing import Agenda, Case
from policies.rules import TABLE_PREFIX, BoundRule, show
from policies.syntax import Word
from policies.tables import Grid


def wrong_directions(exam: Examination) -> Iterator[Finding]:
    """Each table whose `stricter` names the wrong side, with a case that a stricter cell lets through."""
    told, proved = set[tuple[str, str]](), set[object]()
    for on in exam.agendas:
        for name, grid in on.grids.items():
            document = next(of.policy.label for of in on.standing.editions if name in of.grids)
            reading = [bound for bound in on.rules if name in bound.reading.tables]
            if grid.table.stricter is None or not reading or (document, name) in told:
                continue
            if all(_is_monotone(exam, on, grid, bound, proved) for bound in reading):
                continue
            found = _misled(exam, on, grid, document)
            if found is not None:
                told.add((document, name))
                yield found


def _is_monotone(exam: Examination, on: Agenda, grid: Grid, bound: BoundRule, proved: set[object]) -> bool:
    """Whether no rule fails less for a stricter cell, whatever the other tables say: one proof for all."""
    read = (on.grids[name].table for name in bound.reading.tables)
    spans = tuple((table.unit, table.choices) for table in read)
    rule = (bound.require.text, bound.when.text if bound.when else "")
    key = (on.action, grid.name, grid.table.stricter, rule, bound.reading.tables, spans)
    if key in proved:
        return True
    reader, bounds = on.reader, list[Term]()
    for name in bound.reading.tables:
        value, bound_to = any_cell(on.grids[name], f"{name} ")
        reader, bounds = reader.with_table(name, value), [*bounds, bound_to]
    now, stricter = any_cell(grid, "now "), any_cell(grid, "stricter ")
    before, after = (reader.with_table(grid.name, value).fails(bound) for value, _ in (now, stricter))
    moved = is_stricter(grid, as_number(grid, stricter[0]), as_number(grid, now[0]))
    if exam.prover.answer(*bounds, now[1], stricter[1], moved, before, opposite(after)) is not None:
        return False
    proved.add(key)
    return True


def _misled(exam: Examination, on: Agenda, grid: Grid, document: str) -> Finding | None:
    value, bounds = any_cell(grid, "moved ")
    moved = on.reader.with_table(grid.name, value)
    terms = (
        bounds,
        is_stricter(grid, as_number(grid, value), as_number(grid, on.reader.table(grid.name))),
        any_of(on.fails.values()),
        all_of(opposite(moved.fails(bound)) for bound in on.rules),
    )
    if exam.prover.answer(on.here, *terms) is None:
        return None
    example = exam.smallest(on, *terms)
    words = f"{grid.name} says that {grid.table.stricter} is stricter, and it is not"
    if example is None:
        return Finding(FindingKind.DIRECTION, document, grid.name, grid.table.clause, f"{words}.")
    cell = grid.cells[tuple(str(exam.whole(example)[key]) for key in grid.table.keys)]
    other = _nearest_cell(exam, on, grid, example)
    name = f"{TABLE_PREFIX}{grid.name}"
    words += (
        f": this is refused with {show(name, cell)} and permitted with {show(name, other)}: "
        f"{in_words(example)}."
    )
    return Finding(
        FindingKind.DIRECTION, document, grid.name, grid.table.clause, words, example, {name: other}
    )


def _nearest_cell(exam: Examination, on: Agenda, grid: Grid, example: Case) -> Word:
    """The nearest stricter cell that lets the example through."""
    case = exam.whole(example)
    key = tuple(str(case[name]) for name in grid.table.keys)
    return next(cell for cell in stricter_cells(grid, grid.cells[key]) if _lets(on, grid, key, cell, case))


def _lets(on: Agenda, grid: Grid, key: tuple[str, ...], cell: Word, case: Case) -> bool:
    changed = {**on.grids, grid.name: grid.with_cells({key: cell}, "")}
    return not Agenda(on.action, on.rules, changed, on.regions, on.standing).answer(case)[1]
