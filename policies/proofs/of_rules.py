"""Rules that cannot do what a rule is for: never asked, never failing, always failing, or never alone."""

from collections.abc import Iterator

from policies.model import FindingKind
from policies.proofs.examination import Examination, as_severe, only_watches
from policies.proofs.findings import Example, Finding, in_words
from policies.proofs.solver import all_of, opposite
from policies.proofs.standing import Agenda
from policies.rules import BoundRule


def idle_rules(exam: Examination) -> Iterator[Finding]:
    """Each rule that is unreachable, toothless, always failing or shadowed wherever it is in force.

    A rule that always fails casts no shadow: with it mended the others would be heard.
    """
    asked = list(exam.asked())
    dead = frozenset(
        bound.rule.id for bound, on in asked if not any(_can_pass(exam, bound, one) for one in on)
    )
    for bound, agendas in asked:
        found = _idle(exam, bound, agendas, dead)
        if found is not None:
            yield found


def _idle(exam: Examination, bound: BoundRule, agendas: list[Agenda], dead: frozenset[str]) -> Finding | None:
    rule = bound.rule.id
    if not any(exam.is_possible(on, on.fails[rule], shows=lambda failing: rule in failing) for on in agendas):
        return _never_fails(exam, bound, agendas)
    if rule in dead:
        example = _first(exam, agendas, bound, fails=True)
        words = f"{rule} fails in every case it applies to, so what it guards can never happen; e.g. "
        return _finding(FindingKind.ALWAYS_FAILING, bound, words, example)
    if not only_watches(bound) and not any(_stands_alone(exam, bound, on, dead) for on in agendas):
        return _shadowed(exam, bound, agendas, dead)
    return None


def _never_fails(exam: Examination, bound: BoundRule, agendas: list[Agenda]) -> Finding:
    rule = bound.rule.id
    if any(exam.is_possible(on, on.reader.applies(bound)) for on in agendas):
        words = f"{rule} can never fail: what it requires holds in every case it applies to; e.g. "
        return _finding(FindingKind.TOOTHLESS, bound, words, _first(exam, agendas, bound, fails=False))
    unmet = (exam.smallest(on, opposite(on.reader.says(bound.require))) for on in agendas)
    words = (
        f"{rule} is never asked: its `when` holds in no possible case. It passes over this one, which is not "
        "as it requires: "
    )
    return _finding(FindingKind.UNREACHABLE, bound, words, next((one for one in unmet if one), None))


def _can_pass(exam: Examination, bound: BoundRule, on: Agenda) -> bool:
    rule = bound.rule.id
    if bound.when is None:
        passes = on.reader.says(bound.require)
        return exam.is_possible(on, passes, shows=lambda failing: rule not in failing)
    return exam.is_possible(on, on.reader.applies(bound), on.reader.says(bound.require))


def _stands_alone(exam: Examination, bound: BoundRule, on: Agenda, dead: frozenset[str]) -> bool:
    """Whether the rule can fail while no other as severe one does."""
    rule, others = bound.rule.id, as_severe(bound, on) - dead
    alone = all_of(opposite(on.fails[other]) for other in others)
    return exam.is_possible(
        on,
        on.fails[rule],
        alone,
        shows=lambda failing: rule in failing and failing.isdisjoint(others),
    )


def _shadowed(exam: Examination, bound: BoundRule, agendas: list[Agenda], dead: frozenset[str]) -> Finding:
    rule, behind = bound.rule.id, dict[str, None]()
    for on in agendas:
        others = sorted(as_severe(bound, on) - dead)
        ones = [one for one in others if not exam.is_possible(on, on.fails[rule], opposite(on.fails[one]))]
        behind |= dict.fromkeys(ones or others)
    words = (
        f"Whenever {rule} fails, {' or '.join(behind)} fails as well and refuses as hard, so {rule} decides "
        "nothing. That is right only where it gives a clearer answer or stands by for a change of the other; "
        "then list it as accepted. E.g. "
    )
    return _finding(FindingKind.SHADOWED, bound, words, _first(exam, agendas, bound, fails=True))


def _first(exam: Examination, agendas: list[Agenda], bound: BoundRule, *, fails: bool) -> Example | None:
    """The nearest case in which the rule fails, or else applies, on the first agenda that has one."""
    for on in agendas:
        term = on.fails[bound.rule.id] if fails else on.reader.applies(bound)
        found = exam.smallest(on, term)
        if found is not None:
            return found
    return None


def _finding(kind: FindingKind, bound: BoundRule, words: str, example: Example | None) -> Finding:
    shown = f"{words}{in_words(example)}" if example else words.rpartition(";")[0]
    return Finding(kind, bound.document, bound.rule.id, bound.rule.clause, f"{shown}.", example)
