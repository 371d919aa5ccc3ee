"""Rules that rest on what somebody merely said, each with two cases that differ in the claim alone.

A book with such a rule does not load; the proof is for documents read leniently, so that their author sees
what a false word would do.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from backhaul.domain.codes import Action, Outcome
from backhaul.domain.errors import PolicyError
from policies.facts import FACTS, Kind, Source
from policies.model import FindingKind
from policies.proofs.examination import Examination, told
from policies.proofs.findings import Example, Finding, in_words
from policies.proofs.nearest import exact
from policies.proofs.solver import Term, all_of, opposite
from policies.proofs.standing import Agenda, Case
from policies.proofs.terms import PRODUCTS, Reader, symbols
from policies.rules import BoundRule, show
from policies.syntax import Word

_OTHER = "'"
"""Marks the second case of a pair"""
_MOST_APART = 40
"""Numbers tried on either side of a claimed one, when the second case of a pair is named"""


@dataclass(frozen=True, slots=True)
class _Claim:
    """A rule, what it rests on, and one agenda it stands on."""

    bound: BoundRule
    name: str
    on: Agenda

    @property
    def actions(self) -> tuple[Action, ...]:
        """The actions of a second case: the same one, unless the action itself is what was said."""
        if self.name != "action":
            return (self.on.action,)
        return tuple(action for action in self.bound.rule.actions if action is not self.on.action)

    def agenda(self, action: Action) -> Agenda:
        """What is asked about the second case."""
        ruleset = self.on.standing.ruleset
        return Agenda(action, ruleset.rules(action), ruleset.grids, self.on.regions, self.on.standing)


def uncorroborated(exam: Examination) -> Iterator[Finding]:
    """Each rule and claimed fact of which the rule does not say what corroborates it."""
    for bound, agendas in exam.asked():
        for name in bound.reading.facts:
            if FACTS[name].source is Source.CLAIM and name not in bound.rule.claims:
                yield _finding(exam, [_Claim(bound, name, on) for on in agendas])


def _finding(exam: Examination, claims: list[_Claim]) -> Finding:
    bound, name = claims[0].bound, claims[0].name
    words = (
        f"{bound.rule.id} rests on {FACTS[name].words}, which somebody merely says; `claims` must say what "
        "corroborates it"
    )
    shown = next((pair for claim in claims if (pair := _pair(exam, claim))), None)
    if shown is None:
        return Finding(FindingKind.CLAIM, bound.document, bound.rule.id, bound.rule.clause, f"{words}.")
    example, value, was, now = shown
    words += (
        f". This is {told(was)}: {in_words(example)}. With '{show(name, value)}' for {FACTS[name].words} it "
        f"is {told(now)}."
    )
    otherwise: Example = {name: value}
    return Finding(
        FindingKind.CLAIM, bound.document, bound.rule.id, bound.rule.clause, words, example, otherwise
    )


def _pair(exam: Examination, claim: _Claim) -> tuple[Example, Word, Outcome, Outcome] | None:
    """The nearest case the rule refuses that another word would get permitted, or past this rule at least."""
    for permitted in (True, False):
        for action in claim.actions:
            other = claim.agenda(action)
            example = exam.smallest(claim.on, *_apart(claim, other, permitted=permitted))
            if example is None:
                continue
            case = exam.whole(dict(example))
            value = next(_values(exam, claim, other, case, permitted=permitted), None)
            if value is not None:
                now = other.answer({**case, claim.name: value})[0]
                return example, value, claim.on.answer(case)[0], now
    return None


def _apart(claim: _Claim, other: Agenda, *, permitted: bool) -> Iterator[Term]:
    """That the rule fails in the case, and that a second case differs in the claim alone and gets by."""
    one, two, rule = symbols(), symbols(_OTHER), claim.bound.rule.id
    reader = Reader(two.of_action(other.action), other.grids)
    passed = other.rules if permitted else [bound for bound in other.rules if bound.rule.id == rule]
    yield claim.on.fails[rule]
    yield all_of(opposite(reader.fails(bound)) for bound in passed)
    yield from two.always
    yield exact(mark=_OTHER)
    for name, variable in one.variables.items():
        if name != claim.name and not (name in PRODUCTS and claim.name == "quantity"):
            yield variable == two.variables[name]


def _values(
    exam: Examination, claim: _Claim, other: Agenda, case: Case, *, permitted: bool
) -> Iterator[Word]:
    """What else could have been said so that the case gets by, nearest first."""
    for value in _words(claim, other, case):
        second = {**case, claim.name: value}
        outcome, failing = other.answer(second)
        passes = outcome is Outcome.PERMIT if permitted else claim.bound.rule.id not in failing
        if passes and _can_be(exam, second):
            yield value


def _words(claim: _Claim, other: Agenda, case: Case) -> Iterator[Word]:
    info, said = FACTS[claim.name], case[claim.name]
    if claim.name == "action":
        yield other.action.value
    elif info.kind is Kind.CHOICE:
        yield from (str(word) for word in info.choices if word != said)
    else:
        near = chain.from_iterable((int(said) + far, int(said) - far) for far in range(1, _MOST_APART + 1))
        yield from (number for number in near if info.low <= number <= info.high)


def _can_be(exam: Examination, case: Case) -> bool:
    try:
        exam.ordinary.facts(**case)
    except PolicyError:
        return False
    return True
