"""Rules that together permit nothing, of an action or of a part of it that no rule alone excludes."""

from collections.abc import Iterator, Mapping
from itertools import product

from policies.facts import FACTS, Kind
from policies.model import FindingKind
from policies.proofs.examination import Examination, only_watches
from policies.proofs.findings import Finding, action_in_words, in_words
from policies.proofs.solver import Term, all_of, opposite
from policies.proofs.standing import Agenda, Case
from policies.rules import show
from policies.syntax import Node, Word, constants
from policies.tables import Grid

Words = Mapping[str, str]
"""Facts with closed lists, each with one word of its list"""
_OTHER_LISTS = tuple(
    name
    for name, info in FACTS.items()
    if info.kind is Kind.CHOICE and name not in {"action", "product_class", "reason"}
)


def conflicts(exam: Examination) -> Iterator[Finding]:
    """Each action that is never permitted, or never for a product class; or, where no rule alone excludes it,
    never for a tier, a wish or another word of a closed list, or for a class with a reason.
    """
    told = set[tuple[str, ...]]()
    for on in exam.agendas:
        for words in _never_permitted(exam, on):
            found = _conflict(exam, on, words)
            place = (found.document, found.rule_or_table, on.action.value, *words, *words.values())
            if place not in told:
                told.add(place)
                yield found


def _never_permitted(exam: Examination, on: Agenda) -> Iterator[Words]:
    """Words for which there is no permit; alike ones are tried once."""
    permits = [case for case, failing in exam.seen(on) if not failing]
    if not _is_possible(exam, on, permits):
        yield {}
        return
    for name in _OTHER_LISTS:
        for those in _alike(on, name):
            if _clashes(exam, on, permits, **{name: those[0]}):
                yield from ({name: word} for word in those)
    reasons = [group for group in _alike(on, "reason") if not _excluded(exam, on, permits, reason=group[0])]
    for classes in _alike(on, "product_class"):
        if not _is_possible(exam, on, permits, product_class=classes[0]):
            yield from ({"product_class": word} for word in classes)
            continue
        for those in reasons:
            if _clashes(exam, on, permits, product_class=classes[0], reason=those[0]):
                both = product(classes, those)
                yield from ({"product_class": one, "reason": other} for one, other in both)


def _clashes(exam: Examination, on: Agenda, permits: list[Case], **words: str) -> bool:
    """Whether rules that would each let such cases pass leave none together."""
    return not _is_possible(exam, on, permits, **words) and not _excluded(exam, on, permits, **words)


def _excluded(exam: Examination, on: Agenda, permits: list[Case], **words: str) -> bool:
    """Whether one rule alone says no to all such cases: that is policy and no conflict."""
    if _is_possible(exam, on, permits, **words):
        return False
    refusing = {bound.rule.id for bound in on.rules if not only_watches(bound)}
    for case, _ in exam.seen(on):
        refusing.intersection_update(on.answer({**case, **words})[1])
    here = all_of(_is(on, name, word) for name, word in words.items())
    return any(exam.prover.answer(on.here, here, opposite(on.fails[rule])) is None for rule in refusing)


def _is_possible(exam: Examination, on: Agenda, permits: list[Case], **words: str) -> bool:
    for case in permits:
        if not on.answer({**case, **words})[1]:
            return True
    judged = all_of(opposite(on.fails[bound.rule.id]) for bound in on.rules if not only_watches(bound))
    here = all_of(_is(on, name, word) for name, word in words.items())
    found = exam.is_possible(on, here, judged)
    if found:
        permits.extend(case for case, failing in exam.seen(on)[-1:] if not failing)
    return found


def _alike(on: Agenda, name: str) -> list[list[str]]:
    """The words of a choice in groups that no rule and no table of the agenda tells apart."""
    trees: list[Node] = [
        of.tree for bound in on.rules for of in (bound.when, bound.require) if of is not None
    ]
    named = {value for tree in trees for value in constants(tree)}
    tables = dict.fromkeys(table for bound in on.rules for table in bound.reading.tables)
    groups: dict[object, list[str]] = {}
    for word in FACTS[name].choices:
        columns = tuple(_column(on.grids[table], name, word) for table in tables)
        if name != "region" or word in on.regions:
            groups.setdefault((word if word in named else "", columns), []).append(str(word))
    return list(groups.values())


def _column(grid: Grid, name: str, word: str) -> tuple[Word, ...]:
    if name not in grid.table.keys:
        return ()
    at = grid.table.keys.index(name)
    return tuple(value for key, value in grid.cells.items() if key[at] == word)


def _conflict(exam: Examination, on: Agenda, words: Words) -> Finding:
    here = all_of(_is(on, name, word) for name, word in words.items())
    with exam.prover.given(*(term for term in (here, on.here) if term is not True)):
        passes = {bound.rule.id: opposite(on.fails[bound.rule.id]) for bound in on.rules}
        clash = exam.prover.clash(passes)
    rules = [bound for bound in on.rules if bound.rule.id in clash] or list(on.rules[:1])
    example = exam.smallest(on, here)
    said = (
        f"{_such(on, words)} can never be permitted ({on.standing.labels}): "
        f"{' and '.join(bound.rule.id for bound in rules)} leave no case; e.g. {in_words(example or words)}."
    )
    first = rules[0]
    return Finding(FindingKind.CONFLICT, first.document, first.rule.id, first.rule.clause, said, example)


def _such(on: Agenda, words: Words) -> str:
    """What can never be permitted, such as `create RMA of chemical and defective`."""
    act = action_in_words(on.action.value)
    case = " and ".join(show(name, word) for name, word in words.items())
    if words.keys() & set(_OTHER_LISTS):
        return f"{act} where {' and '.join(FACTS[name].words for name in words)} is {case}"
    return f"{act} of {case}" if case else act


def _is(on: Agenda, name: str, word: str) -> Term:
    options = on.reader.facts[name]
    return options.get(word, False) if isinstance(options, dict) else False
