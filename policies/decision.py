"""What the policy answers: the outcome, every rule with what it saw, and the words for a customer."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from backhaul.domain.codes import Action, Outcome
from policies.facts import Facts, Source
from policies.model import AskFor
from policies.syntax import Word

SEVEREST_FIRST = (Outcome.DENY, Outcome.ASK, Outcome.ESCALATE, Outcome.PERMIT)
"""A refusal beats a question, a question beats a person's look, and all of them beat a permit."""


class Status(StrEnum):
    """What became of a rule. `unknown`: it applies, or may, and reads a fact the ERP cannot tell."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_APPLICABLE = "not_applicable"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Input:
    """A fact a rule looked at; no value when the ERP cannot tell it."""

    name: str
    value: Word | None
    source: Source


@dataclass(frozen=True, slots=True)
class Cell:
    """A table cell a rule looked up, and the document it was written in; no value without its keys."""

    table: str
    key: tuple[str, ...]
    value: Word | None
    clause: str
    written_in: str


@dataclass(slots=True)
class RuleResult:
    """One line of the trace. `effect` is what this rule alone asks for.

    Not frozen like its neighbours: a decision makes two dozen of them, and a frozen one takes three times as
    long to make. Nobody changes one.
    """

    rule: str
    clause: str
    owner: str
    title: str
    document: str
    status: Status
    effect: Outcome
    message: str
    asks_for: AskFor | None
    confidential: bool
    speaks_alone: bool
    shadow: bool
    inputs: tuple[Input, ...]
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One fact that would have to be otherwise."""

    fact: str
    now: Word
    needed: Word


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """The smallest true change after which the policy permits. `say` is the sentence for it.

    Where the request would have come so many `days_earlier`, the policy is that of the day so much earlier.
    """

    changes: tuple[Change, ...]
    say: str
    days_earlier: int = 0


@dataclass(frozen=True, slots=True)
class Reason:
    """Why, as a customer may read it."""

    clause: str
    title: str
    message: str


@dataclass(frozen=True, slots=True)
class CustomerAnswer:
    """The decision without what is nobody else's business: confidential rules, other people's orders."""

    outcome: Outcome
    reasons: tuple[Reason, ...]
    asks_for: tuple[AskFor, ...]
    would_change: str | None


_BEHIND_THE_DESK = Reason(
    "", "A colleague takes a look", "A colleague has to look at this before it goes on."
)


@dataclass(frozen=True, slots=True)
class PolicyDecision:
    """The answer to one proposal on one set of facts under one bundle.

    `shadowed` is what all other rules answer where a shadow rule hands the decision to a person; None where
    the guard decides itself. `facility` is the building whose overlays were asked as well.
    """

    action: Action
    outcome: Outcome
    results: tuple[RuleResult, ...]
    outputs: dict[str, Word | None]
    bundle_hash: str
    editions: tuple[str, ...]
    facts: Facts
    order_date: date
    decision_date: date
    facility: str | None
    counterfactual: Counterfactual | None = None
    shadowed: Outcome | None = None

    @property
    def deciding(self) -> tuple[RuleResult, ...]:
        """The rules that made the outcome; none for a permit."""
        if self.outcome is Outcome.PERMIT:
            return ()
        return tuple(result for result in self.results if result.effect is self.outcome)

    @property
    def asks_for(self) -> tuple[AskFor, ...]:
        """The evidence that is missing, each kind once."""
        missing = (result.asks_for for result in self.results if result.status is Status.FAILED)
        return tuple(dict.fromkeys(kind for kind in missing if kind)) if self.outcome is Outcome.ASK else ()

    def for_customer(self) -> CustomerAnswer:
        """What a customer may be told. A rule that speaks alone silences all others, and so does a shadow
        rule: what the guard would have said is for colleagues.
        """
        alone = [result for result in self.deciding if self._silences(result)]
        shown = alone or self.deciding
        hidden = any(result.confidential for result in self.results if result.effect is not Outcome.PERMIT)
        reasons = [
            _BEHIND_THE_DESK if result.confidential else Reason(result.clause, result.title, result.message)
            for result in shown
        ]
        masked = bool(alone) or hidden or self.counterfactual is None
        would_change = None if masked or self.counterfactual is None else self.counterfactual.say
        return CustomerAnswer(self.outcome, tuple(dict.fromkeys(reasons)), self.asks_for, would_change)

    def _silences(self, result: RuleResult) -> bool:
        if self.shadowed is not None:
            return result.shadow and result.status is Status.FAILED
        return result.speaks_alone


def answer_of(results: tuple[RuleResult, ...]) -> tuple[Outcome, Outcome | None]:
    """The outcome, and what the other rules say where a failed shadow rule hands it to a person."""
    others = tuple([result for result in results if not (result.shadow and result.status is Status.FAILED)])
    if len(others) == len(results):
        return severest(results), None
    return Outcome.ESCALATE, severest(others)


def severest(results: tuple[RuleResult, ...]) -> Outcome:
    """The outcome of all rules together."""
    return min((result.effect for result in results), key=SEVEREST_FIRST.index, default=Outcome.PERMIT)
