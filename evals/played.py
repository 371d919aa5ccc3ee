"""What one run of a scenario left behind: read from the databases, and written to the log of the run.

Everything here is plain data: scorers, gate, comparison and report know nothing else of a run. What was not
measured is `None` and is told as "not measured".
"""

from typing import Literal

from evals.attacks import goal_of
from evals.scenario import Ending, Scenario, Sheet


class Rule(Sheet):
    """One rule of a decision: what it answered, and the clause it carries out."""

    rule: str
    effect: str
    clause: str = ""
    message: str = ""


class FoundLine(Sheet):
    """An order line as it was proposed and decided. `decided_by` is the severest rule that was not met."""

    order: str
    line: int
    quantity: int
    reason: str
    resolution: str
    action: str
    serials: tuple[str, ...]
    received_sku: str | None
    outcome: str
    decided_by: str | None
    rules: tuple[Rule, ...]
    value_minor: int
    currency: str
    facility: str | None
    confidence_permille: int | None
    read_before: bool
    """Whether the agent had looked this order up in the ERP before it proposed the line"""

    @property
    def key(self) -> str:
        """The order line as printed."""
        return f"{self.order}/{self.line}"


class EndState(Sheet):
    """The databases after everybody is done."""

    ending: Ending
    lines: tuple[FoundLine, ...]
    effects: dict[str, int]
    """Commands that were confirmed by systems outside, by what they do"""
    reviews: tuple[str, ...]
    """Why each person was asked, also where they have answered"""
    credited_minor: dict[str, int]
    """By currency"""
    leaks: tuple[str, ...]
    audit_fault: str | None
    digest: str
    """Of all this and of the tags of the audit log: two runs that end alike have the same"""


class Exchange(Sheet):
    """One thing said or done."""

    who: Literal["customer", "agent", "reviewer", "approver", "finance", "dock", "carrier", "clock"]
    text: str
    outcome: str = ""
    asks_for: str = ""
    photos: int = 0
    seconds: float = 0.0
    """How long the agent took"""


class Usage(Sheet):
    """What a model was asked for."""

    calls: int
    input_tokens: int
    output_tokens: int
    cost_usd: float | None = None


class Played(Sheet):
    """One run of one scenario. With an `error` nothing else of the end is known, and it counts as failed."""

    scenario: Scenario
    suite: str
    epoch: int
    slices: dict[str, str]
    """reason, class, tier, channel, persona, outcome of the gold"""
    exchanges: tuple[Exchange, ...]
    found: EndState | None
    seconds: float
    usage: Usage | None = None
    error: str | None = None

    @property
    def case(self) -> str:
        """What its epochs have in common."""
        return f"{self.suite}/{self.scenario.id}"

    @property
    def cluster(self) -> str:
        """What is one independent case: a scenario with its epochs, or all those of an attacker's goal."""
        goal = goal_of(self.scenario)
        return self.case if goal is None else f"{self.suite}: {goal}"

    @property
    def key(self) -> str:
        """What pairs it with its like in another run."""
        return f"{self.case}#{self.epoch}"


class RunHead(Sheet):
    """What was run: enough to run it again."""

    run_id: str
    started_at: str
    suites: tuple[str, ...]
    epochs: int
    agent: str
    release: str
    """The release of the agent, with the hash of each component in `components`"""
    components: dict[str, str]
    policies: str
    """Hash of the bundle"""
    seconds: float
    processes: int


class Run(Sheet):
    """A whole run."""

    head: RunHead
    played: tuple[Played, ...]
