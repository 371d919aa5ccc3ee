"""What a new set of documents makes looser, tighter or otherwise, with the smallest case that shows it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from backhaul.domain.codes import Action, Outcome
from backhaul.domain.errors import PolicyError
from policies.book import PolicyBook
from policies.bundle import Days
from policies.decision import SEVEREST_FIRST, PolicyDecision
from policies.facts import Facts
from policies.model import Basis
from policies.proofs.findings import Example, in_words
from policies.proofs.nearest import smallest
from policies.proofs.sides import CellChange, Pair, Side, basis_of, different_pairs, home_of
from policies.proofs.solver import Prover, Term, any_of, is_installed, opposite
from policies.proofs.standing import Ordinary, pairs_of_days
from policies.proofs.terms import equal, symbols
from policies.rules import show
from policies.tables import MONEY_SUFFIX


class Direction(StrEnum):
    """What a change does: ask for less, ask for more, or hand another figure or word to the ERP."""

    LOOSER = "looser"
    TIGHTER = "tighter"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that the new documents decide otherwise, with the nearest case that shows it.

    `rule` names the rule that makes the difference, or the output of the command that changed. `example` is
    the case, as it differs from the baseline of its action. Decided on `days`, the first on which it is so,
    and at `facility` it goes one way under the old documents and another under the new ones. `cells` are the
    cells of that rule's tables that moved this way.
    """

    direction: Direction
    action: Action
    rule: str
    clause: str
    words: str
    example: Example
    cells: tuple[CellChange, ...]
    days: Days
    facility: str | None


def difference(before: PolicyBook, after: PolicyBook) -> tuple[Difference, ...]:
    """Everything decided otherwise on the same days at the same place; what is looser comes first.

    Raises:
        PolicyError: The prover is not installed, or the new documents have no baseline to name cases by.
    """
    if not is_installed():
        raise PolicyError("comparing documents needs the prover: install it with `pip install z3-solver`")
    comparison = _Comparison(before, after)
    found = [one for pair in different_pairs(before, after) for one in comparison.of(pair)]
    order = tuple(Direction)
    return tuple(sorted(found, key=lambda one: order.index(one.direction)))


_Says = Callable[[PolicyDecision], object]


class _Comparison:
    """Asks the prover about one pair after another, and tells the same change only once."""

    def __init__(self, before: PolicyBook, after: PolicyBook) -> None:
        self._books = (after, before)
        self._ordinary = Ordinary(after)
        self._prover = Prover(symbols().always)
        self._told: dict[object, set[CellChange]] = {}

    def of(self, pair: Pair) -> Iterator[Difference]:
        """What is otherwise here and was not told yet."""
        yield from self._moved(pair, Direction.LOOSER, pair.before, pair.after)
        yield from self._moved(pair, Direction.TIGHTER, pair.after, pair.before)
        yield from self._carried(pair)

    def _moved(self, pair: Pair, direction: Direction, strict: Side, mild: Side) -> Iterator[Difference]:
        """The rules by which `strict` asks for more than `mild` does."""
        for rule, terms in _causes(strict, mild):
            example = self._untold(pair, direction, rule, *terms)
            if example is not None:
                yield self._judged(pair, direction, rule, example)

    def _carried(self, pair: Pair) -> Iterator[Difference]:
        """The figures and words that a permitted command carries otherwise."""
        for name in dict.fromkeys((*pair.before.outputs, *pair.after.outputs)):
            if pair.before.says(name) == pair.after.says(name):
                continue
            permitted = opposite(pair.after.answers(Outcome.ESCALATE))
            example = self._untold(pair, Direction.CHANGED, name, permitted, _differs(pair, name))
            if example is not None:
                yield self._handed_over(pair, name, example)

    def _untold(self, pair: Pair, direction: Direction, name: str, *terms: Term) -> Example | None:
        """The nearest such case, in a cell of which nothing was told where the wording is known already."""
        wording = (pair.before.floor, pair.before.wording(name), pair.after.floor, pair.after.wording(name))
        key = (direction, pair.after.action, name, wording)
        cells = set(pair.cells(dict.fromkeys((*pair.before.tables(name), *pair.after.tables(name)))))
        new = any_of(map(pair.picks, cells - self._told[key])) if key in self._told else True
        if self._prover.answer(pair.here, new, *terms) is None:
            return None
        example = smallest((pair.here, new, *terms), self._ordinary.case(pair.after.action))
        if example is not None:
            self._told.setdefault(key, set()).update(cells)
        return example

    def _judged(self, pair: Pair, direction: Direction, rule: str, example: Example) -> Difference:
        facts = self._ordinary.facts(**example)
        bound = pair.after.rules.get(rule) or pair.before.rules.get(rule)
        was, now = (_outcome(side, facts) for side in (pair.before, pair.after))
        moved = pair.cells(bound.reading.tables if bound else ())
        cells = tuple(cell for cell in moved if _goes(pair, cell, direction))
        clause, document = (bound.rule.clause, bound.document) if bound else ("engine", None)
        time = self._time(pair, document, facts, lambda decision: _asked_by(rule, decision))
        words = (
            f"{direction.value.capitalize()}: {in_words(example)} {_IS[now]}{time}; before it {_WAS[was]} "
            f"({rule}, {clause}).{_at(cells, facts)}"
        )
        return Difference(
            direction, facts.action, rule, clause, words, example, cells, pair.days, pair.facility
        )

    def _handed_over(self, pair: Pair, name: str, example: Example) -> Difference:
        facts = self._ordinary.facts(**example)
        output = pair.after.outputs.get(name) or pair.before.outputs[name]
        was, now = (_carries(side, name, facts) for side in (pair.before, pair.after))
        cells = tuple(pair.cells(output.reading.tables))
        home, clause = home_of(self._books, name), output.output.clause
        time = self._time(pair, home, facts, lambda decision: decision.outputs.get(name))
        words = (
            f"Changed: {in_words(example)} carries the {_plain(name)} {now}{time}; before it carried {was} "
            f"({name}, {clause}).{_at(cells, facts)}"
        )
        return Difference(
            Direction.CHANGED, facts.action, name, clause, words, example, cells, pair.days, pair.facility
        )

    def _time(self, pair: Pair, document: str | None, facts: Facts, says: _Says) -> str:
        """Where, from which day on and, if it ends, until which day the case is decided otherwise."""
        basis = basis_of(self._books, document) if document else None
        on_order = basis is Basis.ORDER_DATE or (
            basis is None and pair.days.order_date == pair.days.decision_date
        )
        since, *later = _later_days(pair.days, pairs_of_days(*self._books), on_order=on_order)
        ends = next((day for day, days in later if self._alike(pair, days, facts, says)), None)
        where = f" at {pair.facility}" if pair.facility else ""
        until = f" until {ends}" if ends else ""
        return f"{where}{' for orders' if on_order else ''} from {since[0]}{until}"

    def _alike(self, pair: Pair, days: Days, facts: Facts, says: _Says) -> bool:
        """Whether both documents say the same of the case on these days."""
        order, decided = days.order_date, days.decision_date
        one, other = (
            book.decide(facts, order_date=order, decision_date=decided, facility=pair.facility, explain=False)
            for book in self._books
        )
        return says(one) == says(other)


def _later_days(first: Days, pairs: Iterable[Days], *, on_order: bool) -> Iterator[tuple[date, Days]]:
    """The days from the first on, each with the pair of days that differs only in it as far as can be."""
    for days in pairs:
        on = days.order_date if on_order else days.decision_date
        order = on if on_order else first.order_date
        decided = max(first.decision_date, on)
        if on >= (first.order_date if on_order else first.decision_date) and days == Days(order, decided):
            yield on, days


def _causes(strict: Side, mild: Side) -> Iterator[tuple[str, tuple[Term, ...]]]:
    """What can make `strict` ask for more, each with the terms of a case in which it does."""
    if strict.floor is not Outcome.PERMIT:
        yield _ENGINE[strict.floor], (opposite(mild.answers(strict.floor)),)
    for rule, bound in strict.rules.items():
        if strict.says(rule) != mild.says(rule):
            heard = True if bound.rule.shadow else opposite(strict.watched)
            yield rule, (strict.fails[rule], heard, opposite(mild.answers(bound.rule.on_fail)))
    for rule, bound in mild.rules.items():
        # A shadow rule also hands to a person what would have been refused.
        if bound.rule.shadow and strict.says(rule) != mild.says(rule):
            yield rule, (mild.fails[rule], strict.answers(Outcome.ASK), opposite(mild.answers(Outcome.ASK)))


def _differs(pair: Pair, name: str) -> Term:
    if name not in pair.before.outputs or name not in pair.after.outputs:
        return True
    was, now = (side.reader.value(side.outputs[name].value.tree) for side in (pair.before, pair.after))
    return True if isinstance(was, dict) != isinstance(now, dict) else opposite(equal(was, now))


def _asked_by(rule: str, decision: PolicyDecision) -> tuple[Outcome, ...]:
    asked = (result.effect for result in decision.results if result.rule == rule)
    return tuple(effect for effect in asked if effect is not Outcome.PERMIT)


def _outcome(side: Side, facts: Facts) -> Outcome:
    return min(side.ruleset.failing(facts)[0], side.floor, key=SEVEREST_FIRST.index)


def _carries(side: Side, name: str, facts: Facts) -> str:
    if name not in side.outputs:
        return "none"
    situation = side.ruleset.situation(facts.action, facts.known(), facts.unknown)
    value = side.ruleset.outputs(facts.action, situation)[name]
    return show(MONEY_SUFFIX if MONEY_SUFFIX in name else name, value)


def _goes(pair: Pair, cell: CellChange, direction: Direction) -> bool:
    grid = pair.after.ruleset.grids[cell.table]
    looser = grid.looser(cell.after, cell.before)
    return grid.table.stricter is None or looser is (direction is Direction.LOOSER)


def _at(cells: tuple[CellChange, ...], facts: Facts) -> str:
    """The cells that made the difference in this case, as a sentence."""
    known = facts.known()
    here = (
        cell
        for cell in cells
        if all(known[name] == word for name, word in zip(cell.names, cell.key, strict=True))
    )
    return "".join(
        f" {_plain(cell.table).capitalize()}{_key(cell)}: {show(cell.table, cell.before)} before, "
        f"{show(cell.table, cell.after)} now."
        for cell in here
    )


def _key(cell: CellChange) -> str:
    return f" ({', '.join(word.replace('_', ' ') for word in cell.key)})" if cell.key else ""


def _plain(name: str) -> str:
    return name.replace(MONEY_SUFFIX, "").replace("_", " ")


_ENGINE = {Outcome.ESCALATE: "ENGINE-EDITION", Outcome.DENY: "ENGINE-DEFAULT"}
_IS = {
    Outcome.PERMIT: "is permitted",
    Outcome.DENY: "is denied",
    Outcome.ASK: "is asked about",
    Outcome.ESCALATE: "goes to a person",
}
_WAS = {
    Outcome.PERMIT: "was permitted",
    Outcome.DENY: "was denied",
    Outcome.ASK: "was asked about",
    Outcome.ESCALATE: "went to a person",
}
