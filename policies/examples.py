"""The examples in the documents, run against the rules they stand in."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from backhaul.domain.codes import Outcome
from backhaul.domain.errors import PolicyError
from policies.book import PolicyBook
from policies.facts import Facts
from policies.model import Example, Rule
from policies.rules import BoundRule


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
    """An example with the facts it describes, on the first day of its document and at its place."""

    bound: BoundRule
    example: Example
    facts: Facts
    day: date
    facility: str | None


def run_examples(book: PolicyBook) -> Iterator[ExampleRun]:
    """Run every example on the first day of its document. PolicyError without a baseline to differ from."""
    for staged in staged_examples(book):
        rule, day = staged.bound.rule, staged.day
        decision = book.decide(
            staged.facts, order_date=day, decision_date=day, facility=staged.facility, explain=False
        )
        asked = (result for result in decision.results if result.rule == rule.id)
        found = next((result.effect for result in asked), None)
        yield ExampleRun(rule, staged.bound.document, staged.example, found)


def staged_examples(book: PolicyBook) -> Iterator[StagedExample]:
    """Every example of every rule; those of an overlay at the first place where it holds."""
    for editions in book.bundle.policies.values():
        for edition in editions:
            for bound in edition.rules:
                for example in bound.rule.examples:
                    facts = example_facts(book, bound.rule, example)
                    yield StagedExample(bound, example, facts, edition.policy.effective.first, None)
    for overlay in book.bundle.overlays:
        applies, first = overlay.overlay.applies, overlay.overlay.effective.first
        where = {"region": applies.region[0].value} if applies.region else {}
        facility = applies.facility[0] if applies.facility else None
        for bound in overlay.rules:
            for example in bound.rule.examples:
                placed = example.model_copy(update={"given": {**where, **example.given}})
                yield StagedExample(bound, example, example_facts(book, bound.rule, placed), first, facility)


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
