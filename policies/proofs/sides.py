"""Two sets of documents side by side: what each says about one action on the same days at the same place."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product

from backhaul.domain.codes import Action, Outcome, Region
from policies.book import PolicyBook
from policies.bundle import Days, Edition
from policies.decision import SEVEREST_FIRST, severest
from policies.model import Basis
from policies.proofs.solver import Term, all_of, any_of, opposite
from policies.proofs.standing import Ordinary, facilities, pairs_of_days
from policies.proofs.terms import Reader, at_key, symbols
from policies.rules import BoundOutput, BoundRule
from policies.ruleset import Ruleset
from policies.syntax import Word
from policies.tables import CellKey, Grid


@dataclass(frozen=True)
class Side:
    """One set of documents, asked about one action. `floor` is what the engine answers at the least."""

    action: Action
    ruleset: Ruleset
    floor: Outcome

    @cached_property
    def rules(self) -> Mapping[str, BoundRule]:
        """The rules asked, by id."""
        return {bound.rule.id: bound for bound in self.ruleset.rules(self.action)}

    @cached_property
    def outputs(self) -> Mapping[str, BoundOutput]:
        """What is looked up for the command, by name."""
        return {bound.name: bound for bound in self.ruleset.looked_up(self.action)}

    @cached_property
    def reader(self) -> Reader:
        """Translates conditions for a case of this action."""
        return Reader(symbols().of_action(self.action), self.ruleset.grids)

    @cached_property
    def fails(self) -> Mapping[str, Term]:
        """For each rule whether it fails."""
        return {rule: self.reader.fails(bound) for rule, bound in self.rules.items()}

    @cached_property
    def watched(self) -> Term:
        """Whether a shadow rule hands the case to a person, whatever the others say."""
        return any_of(self.fails[rule] for rule, bound in self.rules.items() if bound.rule.shadow)

    def answers(self, level: Outcome) -> Term:
        """Whether the outcome is this one or a severer one."""
        if not is_milder(self.floor, level):
            return True
        severe = [rule for rule, bound in self.rules.items() if not is_milder(bound.rule.on_fail, level)]
        judged = any_of(self.fails[rule] for rule in severe if not self.rules[rule].rule.shadow)
        if level is Outcome.ESCALATE:
            return any_of((self.watched, judged))
        return all_of((opposite(self.watched), judged))

    def wording(self, name: str) -> tuple[object, ...]:
        """How a rule or an output reads; nothing if there is none of this name."""
        if name in self.outputs:
            output = self.outputs[name]
            return (output.value.text, self._keys(output.reading.tables))
        bound = self.rules.get(name)
        if bound is None:
            return ()
        when, effect = bound.when.text if bound.when else "", (bound.rule.on_fail, bound.rule.shadow)
        return (when, bound.require.text, *effect, self._keys(bound.reading.tables))

    def tables(self, name: str) -> tuple[str, ...]:
        """The tables that a rule or an output reads."""
        bound = self.outputs.get(name) or self.rules.get(name)
        return bound.reading.tables if bound else ()

    def says(self, name: str) -> tuple[object, ...]:
        """Equal for rules that fail in the same cases and ask the same, and for outputs that are the same."""
        grids = (self.ruleset.grids[table] for table in self.tables(name))
        return (self.wording(name), tuple((grid.name, *sorted(grid.cells.items())) for grid in grids))

    @cached_property
    def said(self) -> tuple[object, ...]:
        """Everything these documents say about the action."""
        every = (*self.rules, *self.outputs)
        return (self.action, self.floor, tuple((name, self.says(name)) for name in every))

    def _keys(self, tables: tuple[str, ...]) -> tuple[object, ...]:
        return tuple((name, self.ruleset.grids[name].table.keys) for name in tables)


@dataclass(frozen=True, slots=True)
class CellChange:
    """A cell that says something else; money in cents. `names` are the facts the table is keyed by."""

    table: str
    names: tuple[str, ...]
    key: CellKey
    before: Word
    after: Word


@dataclass(frozen=True, slots=True)
class Pair:
    """Both sides on the first of the days on which they are in force like this, and where that is."""

    before: Side
    after: Side
    days: Days
    facility: str | None
    regions: tuple[str, ...]

    @property
    def here(self) -> Term:
        """Whether a case belongs to this place."""
        return True if len(self.regions) == len(Region) else symbols().is_word("region", self.regions)

    def cells(self, tables: Iterable[str]) -> Iterator[CellChange]:
        """The cells of these tables that say something else here."""
        old, new = self.before.ruleset.grids, self.after.ruleset.grids
        for name in tables:
            if name in old and name in new and old[name].table.keys == new[name].table.keys:
                yield from self._changes(old[name], new[name])

    def picks(self, cell: CellChange) -> Term:
        """Whether a case looks this cell up."""
        return at_key(self.after.ruleset.grids[cell.table], cell.key, self.after.reader.facts)

    def _changes(self, old: Grid, new: Grid) -> Iterator[CellChange]:
        held = {"action": (self.after.action.value,), "region": self.regions}
        for key, value in new.cells.items():
            picked = zip(new.table.keys, key, strict=True)
            if value != old.cells[key] and all(word in held.get(name, (word,)) for name, word in picked):
                yield CellChange(new.name, new.table.keys, key, old.cells[key], value)


def is_milder(one: Outcome, other: Outcome) -> bool:
    """Whether an outcome asks for less than another."""
    return SEVEREST_FIRST.index(one) > SEVEREST_FIRST.index(other)


def different_pairs(before: PolicyBook, after: PolicyBook) -> Iterator[Pair]:
    """Each action, days and place for which the two do not say the same; a pair that says the same as an
    earlier one is left out.
    """
    seen, sides = set[object](), _Sides(before, after)
    for days, facility, action in product(pairs_of_days(before, after), facilities(before, after), Action):
        places: dict[object, tuple[Side, Side, list[str]]] = {}
        for region in Region:
            one, other = sides.of(action, region, days, facility)
            if one.said != other.said:
                places.setdefault((one.said, other.said), (one, other, []))[2].append(region.value)
        for said, (one, other, regions) in places.items():
            if (said, *regions) not in seen:
                seen.add((said, *regions))
                yield Pair(one, other, days, facility, tuple(regions))


class _Sides:
    """Makes each side once."""

    def __init__(self, before: PolicyBook, after: PolicyBook) -> None:
        self._books = (before, after)
        self._there = {region: Ordinary(after).facts(Action.CREATE_RMA, region=region) for region in Region}
        self._made: dict[object, Side] = {}

    def of(self, action: Action, region: Region, days: Days, facility: str | None) -> tuple[Side, Side]:
        """What both say there."""
        before, after = (self._side(book, action, region, days, facility) for book in self._books)
        return before, after

    def _side(
        self, book: PolicyBook, action: Action, region: Region, days: Days, facility: str | None
    ) -> Side:
        ruleset, findings = book.in_force(self._there[region], days, facility)
        floor = severest(findings) if ruleset.rules(action) else Outcome.DENY
        return self._made.setdefault((id(ruleset), action, floor), Side(action, ruleset, floor))


def basis_of(books: Iterable[PolicyBook], document: str) -> Basis | None:
    """Which day counts for a document, given by its label."""
    for book in books:
        for edition in _editions(book):
            if edition.policy.label == document:
                return edition.policy.basis
        for overlay in book.bundle.overlays:
            if overlay.overlay.label == document:
                return book.bundle.basis(overlay)
    return None


def home_of(books: Iterable[PolicyBook], output: str) -> str | None:
    """The label of a document that looks this output up."""
    editions = (edition for book in books for edition in _editions(book))
    return next((edition.policy.label for edition in editions if output in edition.policy.outputs), None)


def _editions(book: PolicyBook) -> Iterator[Edition]:
    for line in book.bundle.policies.values():
        yield from line
