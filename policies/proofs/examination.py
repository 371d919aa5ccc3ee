"""What one examination of a book shares: the standings, the cases seen so far, one prover."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from backhaul.domain.codes import Action, Outcome
from policies.book import PolicyBook
from policies.decision import SEVEREST_FIRST
from policies.examples import example_facts
from policies.proofs.nearest import MOST_PIECES_TRIED, case_of, exact, smallest
from policies.proofs.solver import Prover, Term
from policies.proofs.standing import Agenda, Case, Ordinary, Standing, agendas, plain, standings
from policies.proofs.terms import symbols
from policies.rules import BoundRule

Shows = Callable[[frozenset[str]], bool]
"""Whether a case that these rules do not permit is a witness"""


@dataclass(slots=True)
class Examination:
    """Asks the prover only what no case seen so far shows already; what it answers becomes such a case."""

    book: PolicyBook
    ordinary: Ordinary
    agendas: tuple[Agenda, ...]
    """One for each action and standing; those that answer every case alike are one"""
    prover: Prover
    _cases: dict[Action, list[Case]]
    _seen: dict[int, list[tuple[Case, frozenset[str]]]] = field(default_factory=dict)

    @classmethod
    def of(cls, book: PolicyBook) -> "Examination":
        """Work out what can be in force together and which cases the documents describe."""
        alike: dict[object, list[Agenda]] = {}
        for standing in standings(book):
            for agenda in agendas(standing):
                alike.setdefault((agenda.fingerprint, _invariants(standing)), []).append(agenda)
        merged = tuple(Agenda.of_twins(twins) for twins in alike.values())
        return cls(book, Ordinary(book), merged, Prover(symbols().always), _described(book))

    def is_possible(self, agenda: Agenda, *terms: Term, shows: Shows | None = None) -> bool:
        """Whether a case of this agenda has all these properties."""
        if shows is not None and any(shows(failing) for _, failing in self.seen(agenda)):
            return True
        if self.prover.answer(agenda.here, *terms) is None:
            return False
        for most_pieces in (1, MOST_PIECES_TRIED):
            model = self.prover.answer(agenda.here, exact(most_pieces), *terms)
            if model is not None:
                self._remember(agenda, case_of(model, agenda.action.value))
                break
        return True

    def smallest(self, agenda: Agenda, *terms: Term) -> Case | None:
        """The nearest case with these properties, as it differs from the ordinary one of its action."""
        return smallest((agenda.here, *terms), self.ordinary.case(agenda.action))

    def whole(self, example: Case) -> Case:
        """Every fact of an example."""
        return {**self.ordinary.case(Action(str(example["action"]))), **example}

    def seen(self, agenda: Agenda) -> list[tuple[Case, frozenset[str]]]:
        """The cases known for this action, placed where the agenda holds, and the rules that fail."""
        done = self._seen.setdefault(id(agenda), [])
        cases = self._cases.setdefault(agenda.action, [])
        for case in cases[len(done) :]:
            here = case if case["region"] in agenda.regions else {**case, "region": agenda.regions[0]}
            done.append((here, frozenset(agenda.answer(here)[1])))
        return done

    def _remember(self, agenda: Agenda, case: Case) -> None:
        self._cases.setdefault(agenda.action, []).append(case)

    def asked(self) -> Iterator[tuple[BoundRule, list[Agenda]]]:
        """Every rule of every document with the agendas it stands on."""
        found: dict[tuple[str, str], tuple[BoundRule, list[Agenda]]] = {}
        for agenda in self.agendas:
            for bound in {
                (of.document, of.rule.id): of for twin in agenda.twins for of in twin.rules
            }.values():
                found.setdefault((bound.document, bound.rule.id), (bound, []))[1].append(agenda)
        yield from found.values()


def as_severe(bound: BoundRule, agenda: Agenda) -> frozenset[str]:
    """The other rules asked that refuse at least as hard."""
    worst = SEVEREST_FIRST.index(bound.rule.on_fail)
    return frozenset(
        other.rule.id
        for other in agenda.rules
        if other.rule.id != bound.rule.id
        and SEVEREST_FIRST.index(other.rule.on_fail) <= worst
        and not only_watches(other)
    )


def only_watches(bound: BoundRule) -> bool:
    """Whether the rule hands a segment to people in shadow mode rather than judging the proposal."""
    return bound.rule.shadow


def told(outcome: Outcome) -> str:
    """An outcome as a sentence tells it."""
    return {
        Outcome.PERMIT: "permitted",
        Outcome.DENY: "denied",
        Outcome.ASK: "asked about",
        Outcome.ESCALATE: "sent to a person",
    }[outcome]


def _invariants(standing: Standing) -> tuple[str, ...]:
    return tuple(never.text for of in standing.editions for never in of.invariants)


def _described(book: PolicyBook) -> dict[Action, list[Case]]:
    editions = [of.policy.rules for line in book.bundle.policies.values() for of in line]
    added = [of.overlay.rules for of in book.bundle.overlays]
    cases: dict[Action, list[Case]] = {}
    for rule in (rule for rules in (*editions, *added) for rule in rules):
        for example in rule.examples:
            facts = example_facts(book, rule, example)
            if not facts.unknown:
                cases.setdefault(facts.action, []).append(plain(facts))
    return cases
