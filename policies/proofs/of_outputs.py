"""Proves of every table behind a figure of the command that a stricter cell never favours the customer.

Which way a figure is stricter its output says. A table whose direction neither a rule nor such an output
shows could as well be written the other way round, and an overlay would loosen it without a grant.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from policies.facts import FACTS, Kind
from policies.model import FindingKind, Stricter
from policies.proofs.cells import any_cell, as_number, is_stricter, stricter_cells
from policies.proofs.examination import Examination
from policies.proofs.findings import Finding, in_words
from policies.proofs.solver import Term
from policies.proofs.standing import Agenda, Case
from policies.proofs.terms import Reader, Value
from policies.rules import TABLE_PREFIX, BoundOutput, show
from policies.syntax import Word
from policies.tables import Grid


@dataclass(frozen=True, slots=True)
class _Figure:
    """A figure that says which way it is stricter, a table it is looked up in, and where it is asked for."""

    bound: BoundOutput
    grid: Grid
    on: Agenda

    @property
    def document(self) -> str:
        """The edition the table stands in."""
        return _written_in(self.on, self.grid.name)

    def milder(self, new: Term, old: Term) -> Term:
        """Whether a figure favours the customer."""
        return new < old if self.bound.output.stricter is Stricter.HIGHER else new > old

    def in_case(self, exam: Examination, example: Case, cell: Word | None = None) -> int:
        """The figure for a case, with another cell of the table."""
        known = exam.ordinary.facts(**exam.whole(example)).known()
        facts = {
            name: {value: True} if FACTS[name].kind is Kind.CHOICE else value for name, value in known.items()
        }
        grids: Mapping[str, Grid] = self.on.grids
        if cell is not None:
            grids = {**grids, self.grid.name: self.grid.with_cells({self.key(exam, example): cell}, "")}
        figure: Term = Reader(facts, grids).value(self.bound.value.tree)
        return int(figure)

    def key(self, exam: Examination, example: Case) -> tuple[str, ...]:
        """The cell that a case picks."""
        case = exam.whole(example)
        return tuple(str(case[name]) for name in self.grid.table.keys)


def misled_outputs(exam: Examination) -> Iterator[Finding]:
    """Each table whose `stricter` a figure of the command contradicts, with the case in which it does."""
    told, proved = set[tuple[str, str]](), set[object]()
    for figure in _figures(exam):
        place = (figure.document, figure.grid.name)
        if place in told or _is_monotone(exam, figure, proved):
            continue
        found = _misled(exam, figure)
        if found is not None:
            told.add(place)
            yield found


def unshown_directions(exam: Examination) -> Iterator[Finding]:
    """Each table with a direction that no rule and no figure with a direction reads."""
    tables, shown = dict[tuple[str, str], Grid](), set[tuple[str, str]]()
    for on in _standing(exam):
        tables |= {
            (_written_in(on, name), name): grid for name, grid in on.grids.items() if grid.table.stricter
        }
        shown |= {(_written_in(on, name), name) for bound in on.rules for name in bound.reading.tables}
    shown |= {(figure.document, figure.grid.name) for figure in _figures(exam)}
    for document, name in sorted(tables.keys() - shown):
        table = tables[document, name].table
        words = (
            f"{name} says that {table.stricter} is stricter, and nothing shows it: no rule reads the table, "
            "and no output that says which way it is stricter. Write `stricter` under the output that reads "
            "it, or close the table with `stricter: null`."
        )
        yield Finding(FindingKind.DIRECTION, document, name, table.clause, words)


def _standing(exam: Examination) -> Iterator[Agenda]:
    yield from (twin for merged in exam.agendas for twin in merged.twins)


def _written_in(on: Agenda, table: str) -> str:
    return next(of.policy.label for of in on.standing.editions if table in of.grids)


def _figures(exam: Examination) -> Iterator[_Figure]:
    for on in _standing(exam):
        for bound in on.standing.ruleset.looked_up(on.action):
            if bound.output.stricter is not None:
                for name in bound.reading.tables:
                    if on.grids[name].table.stricter is not None:
                        yield _Figure(bound, on.grids[name], on)


def _is_monotone(exam: Examination, figure: _Figure, proved: set[object]) -> bool:
    """Whether a stricter cell never favours the customer, whatever other tables say: one proof for all."""
    bound, grid, on = figure.bound, figure.grid, figure.on
    read = [on.grids[name] for name in bound.reading.tables]
    spans = tuple((of.name, of.table.unit, of.table.choices) for of in read)
    key = (bound.value.text, bound.output.stricter, grid.name, grid.table.stricter, spans)
    if key in proved:
        return True
    reader, bounds = on.reader, list[Term]()
    for of in read:
        value, bound_to = any_cell(of, f"{of.name} ")
        reader, bounds = reader.with_table(of.name, value), [*bounds, bound_to]
    now, stricter = any_cell(grid, "now "), any_cell(grid, "stricter ")
    before, after = (_says(figure, reader, value) for value, _ in (now, stricter))
    moved = is_stricter(grid, as_number(grid, stricter[0]), as_number(grid, now[0]))
    if exam.prover.answer(*bounds, now[1], stricter[1], moved, figure.milder(after, before)) is not None:
        return False
    proved.add(key)
    return True


def _says(figure: _Figure, reader: Reader, cell: Value) -> Value:
    return reader.with_table(figure.grid.name, cell).value(figure.bound.value.tree)


def _misled(exam: Examination, figure: _Figure) -> Finding | None:
    grid, on, bound = figure.grid, figure.on, figure.bound
    reader = Reader(on.reader.facts, on.grids)
    value, bounds = any_cell(grid, "moved ")
    terms = (
        bounds,
        on.permitted,
        is_stricter(grid, as_number(grid, value), as_number(grid, reader.table(grid.name))),
        figure.milder(_says(figure, reader, value), reader.value(bound.value.tree)),
    )
    example = exam.smallest(on, *terms)
    if example is None:
        return None
    now, table = grid.cells[figure.key(exam, example)], f"{TABLE_PREFIX}{grid.name}"
    said = figure.in_case(exam, example)
    other = next(
        cell for cell in stricter_cells(grid, now) if figure.milder(figure.in_case(exam, example, cell), said)
    )
    milder = show(bound.name, figure.in_case(exam, example, other))
    words = (
        f"{grid.name} says that {grid.table.stricter} is stricter, and it is not: {bound.name} is "
        f"{show(bound.name, said)} with {show(table, now)} and {milder} with {show(table, other)}, and "
        f"{bound.output.stricter} is stricter there: {in_words(example)}."
    )
    return Finding(
        FindingKind.DIRECTION, figure.document, grid.name, grid.table.clause, words, example, {table: other}
    )
