"""The examples in the documents, run against the rules they stand in."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from backhaul.domain.codes import Outcome
from backhaul.domain.errors import PolicyError
from policies.book import PolicyBook
from policies.facts import Facts
from policies.model import Example, Rule


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


def run_examples(book: PolicyBook) -> Iterator[ExampleRun]:
    """Run every example on the first day of its document. PolicyError without a baseline to differ from."""
    for editions in book.bundle.policies.values():
        for edition in editions:
            first = edition.policy.effective.first
            for rule in edition.policy.rules:
                yield from _run(book, rule, edition.policy.label, first)
    for overlay in book.bundle.overlays:
        applies, first = overlay.overlay.applies, overlay.overlay.effective.first
        where = {"region": applies.region[0].value} if applies.region else {}
        facility = applies.facility[0] if applies.facility else None
        for rule in overlay.overlay.rules:
            yield from _run(book, rule, overlay.overlay.label, first, where=where, facility=facility)


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


def _run(
    book: PolicyBook,
    rule: Rule,
    document: str,
    day: date,
    *,
    where: dict[str, str] | None = None,
    facility: str | None = None,
) -> Iterator[ExampleRun]:
    for example in rule.examples:
        placed = example.model_copy(update={"given": {**(where or {}), **example.given}})
        decision = book.decide(
            example_facts(book, rule, placed),
            order_date=day,
            decision_date=day,
            facility=facility,
            explain=False,
        )
        asked = (result for result in decision.results if result.rule == rule.id)
        found = next((result.effect for result in asked), None)
        yield ExampleRun(rule, document, example, found)
