"""Every set of editions and overlays that can be in force together, and what each asks about an action."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from itertools import product

from backhaul.domain.codes import Action, Region
from backhaul.domain.errors import PolicyError
from policies.book import PolicyBook
from policies.bundle import Days, Edition, OverlayEdition
from policies.facts import Facts
from policies.fast import Answer, Compiled, compile_rules
from policies.model import Basis
from policies.proofs.solver import Term, all_of, opposite
from policies.proofs.terms import Reader, symbols
from policies.rules import BoundRule
from policies.ruleset import Ruleset
from policies.syntax import Word
from policies.tables import Grid

Case = dict[str, Word]
"""Every stored fact of one proposal"""


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds at some place for an order and a decision of these days."""

    ruleset: Ruleset
    editions: tuple[Edition, ...]
    overlays: tuple[OverlayEdition, ...]
    regions: tuple[str, ...]
    days: Days
    facility: str | None

    @property
    def labels(self) -> str:
        """The documents in force, as a finding names them."""
        return ", ".join(self.ruleset.labels)


@dataclass(frozen=True)
class Agenda:
    """The rules asked about one action at one standing, as terms and as one compiled function.

    `twins` are the agendas of other standings that answer every case alike, itself among them.
    """

    action: Action
    rules: tuple[BoundRule, ...]
    grids: Mapping[str, Grid]
    regions: tuple[str, ...]
    standing: Standing
    twins: tuple["Agenda", ...] = ()

    @classmethod
    def of_twins(cls, twins: Sequence["Agenda"]) -> "Agenda":
        """One agenda for all of them, wherever one of them holds."""
        regions = tuple(str(region) for region in Region if any(region in one.regions for one in twins))
        return replace(twins[0], regions=regions, twins=tuple(twins))

    @cached_property
    def reader(self) -> Reader:
        """Translates conditions for a case of this action."""
        return Reader(symbols().of_action(self.action), self.grids)

    @cached_property
    def fails(self) -> Mapping[str, Term]:
        """For each rule whether it fails."""
        return {bound.rule.id: self.reader.fails(bound) for bound in self.rules}

    @cached_property
    def here(self) -> Term:
        """Whether the case belongs to a place where these documents hold."""
        return True if len(self.regions) == len(Region) else symbols().is_word("region", self.regions)

    @cached_property
    def permitted(self) -> Term:
        """Whether no rule fails. A refusal, a question and a person's look are all no permit."""
        return all_of(opposite(term) for term in self.fails.values())

    def answer(self, case: Case) -> Answer:
        """The outcome of a case and the rules that do not permit it."""
        return self._compiled(case)

    @cached_property
    def _compiled(self) -> Compiled:
        return compile_rules(self.rules, self.grids)

    @cached_property
    def fingerprint(self) -> tuple[object, ...]:
        """Equal for two agendas that answer every case alike, so that one proof does for both."""
        read = dict.fromkeys(name for bound in self.rules for name in bound.reading.tables)
        return (
            self.action,
            tuple((bound.rule.id, _said(bound)) for bound in self.rules),
            tuple((name, said_by_table(self.grids[name])) for name in read),
        )


def said_by_table(grid: Grid) -> tuple[object, ...]:
    """What a table says, and which side of it is the stricter one."""
    return (grid.table.keys, grid.table.stricter, tuple(sorted(grid.cells.items())))


def _said(bound: BoundRule) -> tuple[object, ...]:
    return (bound.when.text if bound.when else "", bound.require.text, bound.rule.on_fail, bound.rule.shadow)


@dataclass(slots=True)
class Ordinary:
    """Ordinary cases of a book: the baseline of each action, and the cases its examples describe."""

    book: PolicyBook
    _cases: dict[Action, Case] = field(default_factory=dict)

    def case(self, action: Action) -> Case:
        """The baseline of an action. PolicyError if the documents have none."""
        if action not in self._cases:
            self._cases[action] = plain(self.facts(action))
        return self._cases[action]

    def facts(self, action: Word, **otherwise: Word) -> Facts:
        """The baseline of an action with these facts otherwise. PolicyError if that cannot be."""
        action = Action(str(action))
        baseline = self.book.bundle.baseline
        if baseline is None:
            raise PolicyError("the proofs need a document of kind Baseline to name cases by")
        usual = {**baseline.facts, **baseline.actions.get(action, {})}
        return Facts.from_record({**usual, **otherwise, "action": action.value})


def plain(facts: Facts) -> Case:
    """The stored facts of a proposal, words as plain text."""
    return {name: value for name, value in facts.record().items() if isinstance(value, int | str)}


def standings(book: PolicyBook) -> Iterator[Standing]:
    """Each combination once, on the first pair of days on which it holds."""
    bundle, facts = book.bundle, Ordinary(book).facts(Action.CREATE_RMA)
    editions = {of.policy.label: of for line in bundle.policies.values() for of in line}
    overlays = {of.overlay.label: of for of in bundle.overlays}
    found: dict[tuple[str, ...], Standing] = {}
    for days, facility in product(pairs_of_days(book), facilities(book)):
        by_labels: dict[tuple[str, ...], tuple[Ruleset, list[str]]] = {}
        for region in Region:
            ruleset, findings = book.in_force(facts.changed(region=region), days, facility)
            if not findings:
                by_labels.setdefault(ruleset.labels, (ruleset, []))[1].append(region.value)
        for labels, (ruleset, regions) in by_labels.items():
            standing = Standing(
                ruleset,
                tuple(editions[label] for label in labels if label in editions),
                tuple(overlays[label] for label in labels if label in overlays),
                tuple(regions),
                days,
                facility,
            )
            known = found.setdefault(labels, standing)
            if len(known.regions) < len(regions):
                found[labels] = standing
    yield from found.values()


def agendas(standing: Standing) -> Iterator[Agenda]:
    """What is asked about each action that any rule covers."""
    for action in Action:
        rules = standing.ruleset.rules(action)
        if rules:
            yield Agenda(action, rules, standing.ruleset.grids, standing.regions, standing)


def pairs_of_days(*books: PolicyBook) -> Iterator[Days]:
    """A pair of days for each pair of stretches in which nothing changes; nobody decides before the order."""
    stretches = {basis: list(_stretches(books, basis)) for basis in Basis}
    for order_from, _ in stretches[Basis.ORDER_DATE]:
        for decision_from, decision_until in stretches[Basis.DECISION_DATE]:
            decided = max(order_from, decision_from)
            if decision_until is None or decided < decision_until:
                yield Days(order_from, decided)


def facilities(*books: PolicyBook) -> tuple[str | None, ...]:
    """The facilities that overlays name, and none."""
    overlays = (of.overlay for book in books for of in book.bundle.overlays)
    return (None, *sorted({name for overlay in overlays for name in overlay.applies.facility}))


def _stretches(books: Iterable[PolicyBook], basis: Basis) -> Iterator[tuple[date, date | None]]:
    spans = [span for book in books for span in book.bundle.spans(basis)]
    starts = sorted({span.first for span in spans} | {span.until for span in spans if span.until})
    if not starts:
        starts = [date.min + timedelta(days=1)]
    yield from zip(starts, (*starts[1:], None), strict=True)
