"""The shape of the policy documents, as owners write them."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from backhaul.domain.codes import Action, Outcome, Region

Text = Annotated[str, Field(min_length=1)]
Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
RuleId = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]*(-[A-Z0-9]+)*$")]


class _Written(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Owner(StrEnum):
    """Who answers for a rule or a table, and signs its changes."""

    OPERATIONS = "operations"
    FINANCE = "finance"
    COMPLIANCE = "compliance"


class Basis(StrEnum):
    """Which day picks the edition: commercial terms follow the order, controls the day of deciding."""

    ORDER_DATE = "order_date"
    DECISION_DATE = "decision_date"


class TableUnit(StrEnum):
    """What a cell holds. `usd` is quoted text in dollars; a `choice` is a word of the table's list."""

    DAYS = "days"
    PIECES = "pieces"
    COUNT = "count"
    PERMILLE = "permille"
    BASIS_POINTS = "basis_points"
    USD = "usd"
    CHOICE = "choice"


class Stricter(StrEnum):
    """The direction in which a cell gets tighter. Choices are listed strictest first."""

    LOWER = "lower"
    HIGHER = "higher"
    EARLIER_CHOICE = "earlier_choice"


class AskFor(StrEnum):
    """The piece of evidence an `ask` rule misses."""

    PHOTO = "photo"
    SERIAL = "serial"
    RECEIVED_ITEM = "received_item"
    CONSENT = "consent"


class Effective(_Written):
    """In force from `from` (included) until `until` (excluded); open at the end if `until` is null."""

    first: Annotated[date, Field(alias="from")]
    until: date | None

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        if self.until and self.until <= self.first:
            raise ValueError("`until` must be after `from`")
        return self

    def covers(self, day: date) -> bool:
        """Whether the document is in force on that day."""
        return self.first <= day and (self.until is None or day < self.until)


class Signature(_Written):
    """Who put a name under an edition for an owner, and when. No decision rests on it.

    `digest` is that of what was signed, see policies.signing; without one nobody can tell what it was.
    """

    owner: Owner
    by: Text
    day: date
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None


class Table(_Written):
    """A decision table over closed lists. `keys: []` makes it a single figure. `stricter: null` closes it."""

    doc: Text
    clause: Text
    owner: Owner
    keys: tuple[Identifier, ...]
    unit: TableUnit
    stricter: Stricter | None
    choices: tuple[Text, ...] = ()
    values: JsonValue

    @model_validator(mode="after")
    def _choices_go_with_the_unit(self) -> Self:
        if (self.unit is TableUnit.CHOICE) != bool(self.choices):
            raise ValueError("`choices` go with `unit: choice`, strictest first, and with no other unit")
        directions = {Stricter.EARLIER_CHOICE} if self.choices else {Stricter.LOWER, Stricter.HIGHER}
        if self.stricter and self.stricter not in directions:
            raise ValueError(f"`stricter` is {' or '.join(sorted(directions))} for this unit")
        return self


class Example(_Written):
    """Facts that differ from the baseline of the action, and what this rule makes of them."""

    given: dict[str, int | bool | str | list[str]]
    expect: Outcome


class Rule(_Written):
    """One line of policy. Without `when` it applies to every proposal of its actions.

    A `shadow` rule says for which proposals the guard only watches: when it fails a person decides, and what
    all other rules say is written down beside.
    """

    id: RuleId
    clause: Text
    owner: Owner
    title: Text
    actions: Annotated[tuple[Action, ...], Field(min_length=1)]
    when: Text | None = None
    require: Text
    claims: dict[str, Text] = {}
    on_fail: Literal[Outcome.DENY, Outcome.ESCALATE, Outcome.ASK]
    asks_for: AskFor | None = None
    confidential: bool = False
    speaks_alone: bool = False
    shadow: bool = False
    say: Text
    examples: Annotated[tuple[Example, ...], Field(min_length=2)]

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if (self.on_fail is Outcome.ASK) != (self.asks_for is not None):
            raise ValueError("`asks_for` goes with `on_fail: ask`, and with nothing else")
        if self.shadow and self.on_fail is not Outcome.ESCALATE:
            raise ValueError("a `shadow` rule hands to a person: `on_fail: escalate`")
        if len({example.expect is Outcome.PERMIT for example in self.examples}) == 1:
            raise ValueError("examples must show a proposal that passes and one that does not")
        return self


class Output(_Written):
    """A figure or word that is looked up for the command when an action is decided.

    `stricter` says of a figure which way it is worse for the customer: a fee is stricter when it is higher.
    """

    doc: Text
    clause: Text
    owner: Owner
    actions: Annotated[tuple[Action, ...], Field(min_length=1)]
    value: Text
    stricter: Literal[Stricter.LOWER, Stricter.HIGHER] | None = None


class Invariant(_Written):
    """What must never be permitted, whatever the rules say; proved against them, not run."""

    id: RuleId
    clause: Text
    owner: Owner
    never: Text


class Policy(_Written):
    """One edition of a policy: tables, outputs, rules."""

    kind: Literal["Policy"]
    id: Identifier
    edition: Text
    basis: Basis
    effective: Effective
    signed: tuple[Signature, ...] = ()
    tables: dict[Identifier, Table] = {}
    outputs: dict[Identifier, Output] = {}
    rules: tuple[Rule, ...] = ()
    invariants: tuple[Invariant, ...] = ()

    @property
    def label(self) -> str:
        """How a trace names the document, such as `terms@2020a`."""
        return f"{self.id}@{self.edition}"


class Scope(_Written):
    """Where an overlay holds: some regions, or some facilities."""

    region: tuple[Region, ...] = ()
    facility: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if bool(self.region) == bool(self.facility):
            raise ValueError("an overlay holds for some regions or for some facilities")
        return self


class Overlay(_Written):
    """Changes cells of a policy and adds rules for one region or facility; it never edits a rule."""

    kind: Literal["Overlay"]
    id: Identifier
    edition: Text
    over: Identifier
    applies: Scope
    effective: Effective
    signed: tuple[Signature, ...] = ()
    tables: dict[Identifier, JsonValue] = {}
    rules: tuple[Rule, ...] = ()

    @property
    def label(self) -> str:
        """How a trace names the document, such as `west@2020a`."""
        return f"{self.id}@{self.edition}"


class Grant(_Written):
    """A dated permission for one overlay to loosen one cell, up to a limit."""

    id: Text
    overlay: Identifier
    table: Identifier
    cell: tuple[Text, ...]
    limit: JsonValue
    until: date
    by: Text
    owner: Owner
    clause: Text


class Grants(_Written):
    """The register of exceptions."""

    kind: Literal["Grants"]
    grants: tuple[Grant, ...]


class FindingKind(StrEnum):
    """What can be wrong with documents that load."""

    GAP = "gap"
    CONFLICT = "conflict"
    UNREACHABLE = "unreachable"
    TOOTHLESS = "toothless"
    ALWAYS_FAILING = "always failing"
    SHADOWED = "shadowed"
    LOOSENED = "loosened without grant"
    DIRECTION = "wrong table direction"
    CLAIM = "claim without corroboration"
    EXAMPLE = "example that does not hold"
    WEAK = "examples too weak"
    BASELINE = "ordinary case refused"
    SIGNED_OTHER = "signed something else"
    NOT_SIGNED = "not signed"
    NOT_PROVED = "not proved"
    SETTLED = "accepted and gone"


class AcceptedFinding(_Written):
    """A finding that its owner has looked at and lets stand. `rule` names the rule, table or invariant.

    What keeps documents from loading, and an example that does not hold, is mended and not accepted.
    """

    finding: Literal[
        FindingKind.GAP,
        FindingKind.CONFLICT,
        FindingKind.UNREACHABLE,
        FindingKind.TOOTHLESS,
        FindingKind.ALWAYS_FAILING,
        FindingKind.SHADOWED,
        FindingKind.DIRECTION,
    ]
    rule: Text
    document: Text
    reason: Text
    owner: Owner


class Accepted(_Written):
    """What the examination of these documents may find. It decides nothing, so it changes no hash."""

    kind: Literal["Accepted"]
    findings: tuple[AcceptedFinding, ...]


class Baseline(_Written):
    """Ordinary facts for each action, from which the examples differ."""

    kind: Literal["Baseline"]
    facts: dict[str, JsonValue]
    actions: dict[Action, dict[str, JsonValue]]
