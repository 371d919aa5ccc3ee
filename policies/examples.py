"""The examples in the documents, run against the rules they stand in."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from backhaul.domain.codes import Outcome
from backhaul.domain.errors import PolicyError
from policies.book import PolicyBook
from policies.facts import Facts
from policies.model import Example, Rule
from policies.rules import BoundRule
from policies.source import Document


@dataclass(frozen=True, slots=True)
class ExampleRun:
    """What a rule's author expects of it, and what it does. `found` is None if the rule was not asked."""

    rule: Rule
    document: str
    example: Example
    found: Outcome | None

    @property
    def holds(self) -> bool:
        """Whether the rule does what its author expects."""
        return self.found is self.example.expect


@dataclass(frozen=True, slots=True)
class StagedExample:
    """An example with the facts it describes, the day and the place at which it is run."""

    bound: BoundRule
    example: Example
    facts: Facts
    day: date
    facility: str | None


@dataclass(frozen=True, slots=True)
class _Stage:
    """Where the examples of a document are run: its first day, and the first place where it holds."""

    document: Document
    day: date
    where: Mapping[str, str]
    facility: str | None


def run_examples(book: PolicyBook) -> Iterator[ExampleRun]:
    """Run every example on the first day of its document.

    PolicyError without a baseline to differ from, and for facts that contradict each other.
    """
    for staged in staged_examples(book):
        rule, day = staged.bound.rule, staged.day
        decision = book.decide(
            staged.facts, order_date=day, decision_date=day, facility=staged.facility, explain=False
        )
        asked = (result for result in decision.results if result.rule == rule.id)
        found = next((result.effect for result in asked), None)
        yield ExampleRun(rule, staged.bound.document, staged.example, found)


def staged_examples(book: PolicyBook) -> Iterator[StagedExample]:
    """Every example of every rule, with its facts.

    PolicyError without a baseline to differ from, and for facts that contradict each other.
    """
    for editions in book.bundle.policies.values():
        for edition in editions:
            stage = _Stage(edition.document, edition.policy.effective.first, {}, None)
            yield from _staged(book, stage, edition.rules)
    for of in book.bundle.overlays:
        applies = of.overlay.applies
        where = {"region": applies.region[0].value} if applies.region else {}
        facility = applies.facility[0] if applies.facility else None
        stage = _Stage(of.document, of.overlay.effective.first, where, facility)
        yield from _staged(book, stage, of.rules)


def example_facts(book: PolicyBook, rule: Rule, example: Example) -> Facts:
    """The baseline of the action with what the example changes. PolicyError if that cannot be."""
    baseline = book.bundle.baseline
    if baseline is None:
        raise PolicyError("the examples need a document of kind Baseline to differ from")
    action = str(example.given.get("action", rule.actions[0].value))
    ordinary = {**baseline.facts, **baseline.actions.get(rule.actions[0], {}), "action": action}
    unknown = example.given.get("unknown", [])
    missing = unknown if isinstance(unknown, list) else [unknown]
    return Facts.from_record(
        {name: value for name, value in {**ordinary, **example.given}.items() if name not in missing}
    )


def _staged(book: PolicyBook, stage: _Stage, rules: Sequence[BoundRule]) -> Iterator[StagedExample]:
    for at, bound in enumerate(rules):
        for number, example in enumerate(bound.rule.examples):
            placed = example.model_copy(update={"given": {**stage.where, **example.given}})
            try:
                facts = example_facts(book, bound.rule, placed)
            except PolicyError as wrong:
                raise stage.document.error(("rules", at, "examples", number), str(wrong)) from wrong
            yield StagedExample(bound, example, facts, stage.day, stage.facility)
