"""The claim: what a message says, typed, with where it says it. Both readers fill this one type.

A claim is what a customer asserts, never what is true: a reference in it is unproven until the lookup finds
it among the customer's own orders, and a reason in it unlocks nothing by itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from backhaul.domain.codes import Condition, Reason, Resolution


class Act(StrEnum):
    """What a message does in the conversation, whatever it is about."""

    RETURN_REQUEST = "return_request"
    ANSWER = "answer"
    CORRECTION = "correction"
    CONFIRM = "confirm"
    DECLINE = "decline"
    STATUS = "status"
    QUESTION = "question"
    GREETING = "greeting"
    THANKS = "thanks"
    ASK_PERSON = "ask_person"
    CANCEL_REQUEST = "cancel_request"
    REPORT_PHOTO = "report_photo"
    UNCLEAR = "unclear"
    OUT_OF_SCOPE = "out_of_scope"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Half-open range of characters in the message exactly as it was received."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """The words themselves, for showing a reviewer."""
        return text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Ref:
    """A document the customer names. `known` says that one of their own purchases carries it."""

    kind: str
    value: str
    known: bool
    span: Span


@dataclass(frozen=True, slots=True)
class PurchasedLine:
    """One order line this customer bought, looked up in the ERP by the caller; the reader's only context."""

    order_number: str
    po_number: str
    line: int
    sku: str
    description: str
    manufacturer_part: str
    quantity_shipped: int
    serials: tuple[str, ...]
    lots: tuple[str, ...]
    ordered_on: date
    shipped_on: date | None


def _no_spans() -> Mapping[str, tuple[Span, ...]]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ClaimLine:
    """One thing to be sent back. For a wrong item it has two sides: what was ordered and what was received.

    None or an empty value means "not said"; nothing is filled in with a guess. `spans` maps a field's name to
    the places that support it.
    """

    order_ref: str | None = None
    po_ref: str | None = None
    sku: str | None = None
    item_words: str = ""
    received_sku: str | None = None
    received_words: str | None = None
    quantity: int | None = None
    all_of_them: bool = False
    all_but: int = 0
    """With `all_of_them`: so many pieces stay, as in "all but two\""""
    half: bool = False
    serials: tuple[str, ...] = ()
    lots: tuple[str, ...] = ()
    reason: Reason | None = None
    reason_confidence: float = 0.0
    alternatives: tuple[tuple[Reason, float], ...] = ()
    resolution: Resolution | None = None
    condition: Condition = Condition.NOT_STATED
    spans: Mapping[str, tuple[Span, ...]] = field(default_factory=_no_spans, hash=False)
    second_opinion: tuple[Reason, float] | None = None
    """What the offline reader took for the reason, where a language model read the line"""


@dataclass(frozen=True, slots=True)
class ModelRecord:
    """A language model that was asked: which, told what, and what it took.

    `prompt` begins the SHA-256 of instructions and schema. Tokens are those that the endpoint reports.
    `fell_back` says in a word why its answer was not used.
    """

    model: str
    prompt: str
    tokens_in: int
    tokens_out: int
    calls: int
    milliseconds: int
    fell_back: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """The whole message. `text_digest` (SHA-256 of the text as received) ties it to the stored words.

    `choice` is which of the options just offered is meant, counted from 1, -1 for the last.
    """

    act: Act
    in_scope: bool
    scope_confidence: float
    lines: tuple[ClaimLine, ...]
    order_refs: tuple[Ref, ...]
    wants_person: bool
    injection_suspected: bool
    language: str
    text_digest: str
    reader: str
    choice: int | None = None
    asked: ModelRecord | None = None
    """The language model that was asked, whether its answer was used or not"""


@dataclass(frozen=True, slots=True)
class Classification:
    """Verdict on a text alone: is it about a return, and why would the goods come back.

    `reason` is None when the text is out of scope. `confidence` is the calibrated probability of the verdict
    given: of the reason and of being in scope, or of being out of scope.
    """

    in_scope: bool
    reason: Reason | None
    confidence: float
