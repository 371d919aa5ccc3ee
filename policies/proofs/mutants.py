"""What the examples in the documents would notice: every rule is changed in every small way and asked again.

A rule is changed in its conditions and in its effect. Its tables are moved as a whole, by what the rule reads
in them: that one cell is the right number is known to its owner alone, not to an example. A change that
provably makes no difference in any possible case is no mutant.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import product

from backhaul.domain.codes import Outcome
from policies.book import PolicyBook
from policies.bundle import Days
from policies.examples import StagedExample, staged_examples
from policies.fast import Compiled, compile_rules
from policies.model import FindingKind
from policies.proofs.findings import Finding
from policies.proofs.solver import ONE_AT_A_TIME, GaveUp, Prover, Term, is_installed, opposite
from policies.proofs.terms import Reader, symbols
from policies.proofs.variants import as_text, changed_part, variants
from policies.rules import BoundRule
from policies.syntax import Node
from policies.tables import Grid

LEAST_SHARE = 0.95
"""Of the mutants that examples have to notice"""
_MOST_SHOWN = 3
_LONGEST = 120
_EFFECTS = (Outcome.DENY, Outcome.ESCALATE, Outcome.ASK)


@dataclass(frozen=True, slots=True)
class Mutant:
    """A rule that was changed, and how it reads now."""

    document: str
    rule: str
    words: str


@dataclass(frozen=True, slots=True)
class MutationScore:
    """How many mutants some example notices. `alike` are none: they decide every case as the rule does."""

    rules: int
    noticed: int
    unnoticed: tuple[Mutant, ...]
    alike: tuple[Mutant, ...]

    @property
    def share(self) -> float | None:
        """Noticed ones among all; None where there is none to notice."""
        all_of_them = self.noticed + len(self.unnoticed)
        return self.noticed / all_of_them if all_of_them else None

    @property
    def words(self) -> str:
        """The score as a sentence."""
        share = "not measured" if self.share is None else f"{self.share:.1%}"
        return (
            f"{share}: examples notice {self.noticed} of {self.noticed + len(self.unnoticed)} mutants of "
            f"{self.rules} rules; {len(self.alike)} more are proved to change nothing."
        )


def too_weak(score: MutationScore) -> tuple[Finding, ...]:
    """Each rule whose examples let a mutant by, where all examples together notice too few."""
    if score.share is None or score.share >= LEAST_SHARE:
        return ()
    by_rule: dict[tuple[str, str], list[str]] = {}
    for mutant in score.unnoticed:
        by_rule.setdefault((mutant.document, mutant.rule), []).append(mutant.words)
    return tuple(_weak(score.share, document, rule, words) for (document, rule), words in by_rule.items())


def _weak(share: float, document: str, rule: str, mutants: list[str]) -> Finding:
    shown = "; ".join(mutants[:_MOST_SHOWN])
    more = f"; and {len(mutants) - _MOST_SHOWN} more" if len(mutants) > _MOST_SHOWN else ""
    words = (
        f"The examples of {rule} would not notice if it read otherwise ({shown}{more}). All examples "
        f"together notice {share:.1%} of such changes, and {LEAST_SHARE:.0%} is asked: add one for each."
    )
    return Finding(FindingKind.WEAK, document, rule, "", words)


def mutation_score(book: PolicyBook) -> MutationScore:
    """Change every rule and run its own examples.

    A rule that a later edition repeats word for word, examples and tables included, counts once. Without the
    prover a change that changes nothing counts as unnoticed.

    Raises:
        PolicyError: The documents have no baseline from which the examples differ.
    """
    noticed, left = 0, list[tuple[_Stage, BoundRule, Mutant]]()
    stages = _stages(book)
    for stage in stages:
        for words, changed in _changed(stage.bound, stage.grids):
            if stage.notices(changed):
                noticed += 1
            else:
                left.append((stage, changed, Mutant(stage.bound.document, stage.bound.rule.id, words)))
    alike = _alike(left) if is_installed() else ()
    unnoticed = (mutant for _, _, mutant in left if mutant not in alike)
    return MutationScore(len(stages), noticed, tuple(unnoticed), alike)


@dataclass(frozen=True, slots=True)
class _Scene:
    """Examples under the same tables: the stored facts of each, and what its author expects."""

    grids: Mapping[str, Grid]
    cases: tuple[tuple[Mapping[str, object], Outcome], ...]


@dataclass(frozen=True, slots=True)
class _Stage:
    """A rule with its examples."""

    bound: BoundRule
    scenes: tuple[_Scene, ...]

    @property
    def grids(self) -> Mapping[str, Grid]:
        return self.scenes[0].grids

    def notices(self, changed: BoundRule) -> bool:
        """Whether some example does not hold for the changed rule."""
        return any(
            expected is not outcome
            for scene in self.scenes
            for outcome, expected in _answers(compile_rules([changed], scene.grids), scene)
        )


def _answers(decide: Compiled, scene: _Scene) -> Iterator[tuple[Outcome, Outcome]]:
    for stored, expected in scene.cases:
        yield decide(stored)[0], expected


def _stages(book: PolicyBook) -> list[_Stage]:
    """Each rule once. Examples with a fact the ERP cannot tell are about the engine, so they are left out."""
    by_rule: dict[tuple[str, str], list[StagedExample]] = {}
    for staged in staged_examples(book):
        if not staged.facts.unknown:
            by_rule.setdefault((staged.bound.document, staged.bound.rule.id), []).append(staged)
    different: dict[object, _Stage] = {}
    for examples in by_rule.values():
        stage = _stage(book, examples)
        different.setdefault(_said(stage), stage)
    return list(different.values())


def _stage(book: PolicyBook, examples: list[StagedExample]) -> _Stage:
    scenes: dict[tuple[str, ...], tuple[Mapping[str, Grid], list[StagedExample]]] = {}
    for staged in examples:
        ruleset, _ = book.in_force(staged.facts, Days(staged.day, staged.day), staged.facility)
        scenes.setdefault(ruleset.labels, (ruleset.grids, []))[1].append(staged)
    return _Stage(
        examples[0].bound,
        tuple(
            _Scene(grids, tuple((staged.facts.__dict__, staged.example.expect) for staged in those))
            for grids, those in scenes.values()
        ),
    )


def _said(stage: _Stage) -> object:
    bound = stage.bound
    read = (scene.grids[name] for scene in stage.scenes for name in bound.reading.tables)
    cells = [(grid.name, *sorted(grid.cells.items())) for grid in read]
    return repr((bound.rule.model_dump(), cells))


def _changed(bound: BoundRule, grids: Mapping[str, Grid]) -> Iterator[tuple[str, BoundRule]]:
    for tree in variants(bound.require.tree, grids):
        yield (
            f"require: {_told(bound.require.tree, tree)}",
            replace(bound, require=replace(bound.require, tree=tree)),
        )
    if bound.when is not None:
        yield "when: (always)", replace(bound, when=None)
        for tree in variants(bound.when.tree, grids):
            yield f"when: {_told(bound.when.tree, tree)}", replace(bound, when=replace(bound.when, tree=tree))
    for effect in _EFFECTS:
        if effect is not bound.rule.on_fail and not bound.rule.shadow:
            yield f"on_fail: {effect}", replace(bound, rule=bound.rule.model_copy(update={"on_fail": effect}))


def _told(old: Node, new: Node) -> str:
    """The changed condition; of a long one only what changed in it."""
    text = as_text(new)
    if len(text) <= _LONGEST:
        return text
    before, after = (as_text(part) for part in changed_part(old, new))
    return f"{_short(after)} in place of {_short(before)}"


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def _alike(left: list[tuple[_Stage, BoundRule, Mutant]]) -> tuple[Mutant, ...]:
    """Those that fail in the same cases as the rule they come from, under all tables its examples meet.

    Where a question takes the prover too long, that one and the others left count as unnoticed.
    """
    found = list[Mutant]()
    with ONE_AT_A_TIME, suppress(GaveUp):
        prover = Prover(symbols().always)
        for stage, changed, mutant in left:
            same_effect = changed.rule.on_fail is stage.bound.rule.on_fail
            told_apart = (prover.answer(term) is not None for term in _told_apart(stage, changed))
            if same_effect and not any(told_apart):
                found.append(mutant)
    return tuple(found)


def _told_apart(stage: _Stage, changed: BoundRule) -> Iterator[Term]:
    """What holds where just one of the two fails, for each of their tables and, if it matters, actions."""
    actions = stage.bound.rule.actions
    asked = actions if "action" in stage.bound.reading.facts else actions[:1]
    for scene, action in product(stage.scenes, asked):
        reader = Reader(symbols().of_action(action.value), scene.grids)
        yield opposite(reader.fails(stage.bound) == reader.fails(changed))
