"""What a conversation remembers between two messages: a draft of the request and the question that is open.

Everything that is kept is plain JSON, because a bookmark must be readable by any later version. The
records here are the typed view of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, NotRequired, TypedDict

from agent.reader import Reader
from agent.understanding.claim import Claim, ClaimLine, PurchasedLine
from backhaul.domain.codes import Condition, Reason, Resolution
from backhaul.domain.returns import ReturnLine
from backhaul.store.conversation import Speaker
from tools.desk import Desk


@dataclass(frozen=True, slots=True)
class DraftLine:
    """One thing the customer wants to send back, as far as it is known. Empty or zero means "not said
    yet".
    """

    line_id: str
    order_ref: str = ""
    po_ref: str = ""
    sku_said: str = ""
    item_words: str = ""
    lots: tuple[str, ...] = ()
    not_orders: tuple[str, ...] = ()
    """Orders the customer said it is not"""
    not_lines: tuple[str, ...] = ()
    """Order lines the customer said it is not"""
    order_number: str = ""
    line: int = 0
    sku: str = ""
    description: str = ""
    shipped: int = 0
    returnable: int = 0
    candidates: tuple[str, ...] = ()
    """Order lines (`SO-10442/1`) that fit equally well"""
    quantity: int = 0
    all_of_them: bool = False
    all_but: int = 0
    """With `all_of_them`: so many stay"""
    half: bool = False
    serials: tuple[str, ...] = ()
    unit_serials: tuple[str, ...] = ()
    """Serials shipped on the order line"""
    strange_serials: tuple[str, ...] = ()
    """Serials the customer gave that were not shipped on the order line"""
    reason: str = ""
    maybe: tuple[str, ...] = ()
    """Reasons the words could mean, most likely first"""
    maybe_permille: tuple[int, ...] = ()
    """How likely each of them is, as the reader calibrated it"""
    reason_permille: int = 0
    resolution: str = ""
    assumed: tuple[str, ...] = ()
    """Slots (reason, resolution) that were not asked for, because every likely value comes to the same"""
    condition: str = Condition.NOT_STATED.value
    received_sku: str = ""
    received_words: str = ""
    words: str = ""
    """The customer's words that the reason was read from; the worker scores them again"""
    said: dict[str, Any] = field(default_factory=dict)
    """The claim as read, with its spans"""
    reader: str = ""
    waits_for: str = ""
    """Evidence that policy asked for after a consent: photo, serial or received_item"""
    already_rma: str = ""
    """Number of a live RMA that already covers everything returnable"""
    fee_basis_points: int = 0
    """Restocking fee that the terms of the order keep from a credit, as the customer saw it"""
    freight_minor: int = 0
    """What the terms keep for the return label, in cents of the ledger currency, as the customer saw it"""
    kept: str = ""
    """What the policy says of a refund for goods that stay, when that was read back; empty when they come
    back
    """
    replacement: str = ""
    """What the policy says of sending the replacement wished for; empty when none is wished for"""

    @property
    def key(self) -> str:
        """The order line, as printed; empty while unmatched."""
        return f"{self.order_number}/{self.line}" if self.order_number else ""

    def record(self, case_id: str) -> ReturnLine:
        """The complete line as the domain knows it. ValueError while something is missing."""
        return ReturnLine(
            line_id=self.line_id,
            case_id=case_id,
            order_number=self.order_number,
            line=self.line,
            sku=self.sku,
            description=self.description,
            quantity=self.quantity,
            reason=Reason(self.reason),
            condition=Condition(self.condition),
            resolution=Resolution(self.resolution),
            serials=self.serials,
            received_sku=self.received_sku or None,
            received_words=self.received_words or None,
        )

    def hint(self) -> ClaimLine:
        """What was said about the item, for matching it again."""
        return ClaimLine(
            order_ref=self.order_ref or None,
            po_ref=self.po_ref or None,
            sku=self.sku_said or None,
            item_words=self.item_words,
            serials=self.serials,
            lots=self.lots,
            received_sku=self.received_sku or None,
            received_words=self.received_words or None,
        )

    def unmatched(self, **changes: Any) -> "DraftLine":
        """The line without its order line, to be matched anew."""
        return replace(
            self,
            order_number="",
            line=0,
            sku="",
            description="",
            shipped=0,
            returnable=0,
            candidates=(),
            unit_serials=(),
            strange_serials=(),
            already_rma="",
            **changes,
        )


_TUPLES = (
    "lots",
    "not_orders",
    "not_lines",
    "candidates",
    "serials",
    "unit_serials",
    "strange_serials",
    "maybe",
    "maybe_permille",
    "assumed",
)


def pack(draft: Sequence[DraftLine]) -> list[dict[str, Any]]:
    """The draft as JSON types."""
    return [{name: list(v) if name in _TUPLES else v for name, v in asdict(line).items()} for line in draft]


def unpack(state: "TurnState") -> list[DraftLine]:
    """The draft of a bookmark."""
    return [_line_from(kept) for kept in state.get("draft") or []]


def _line_from(kept: dict[str, Any]) -> DraftLine:
    values: dict[str, Any] = {name: tuple(v) if name in _TUPLES else v for name, v in kept.items()}
    return DraftLine(**values)


@dataclass(frozen=True, slots=True)
class Choice:
    """A button under a question: what it says, what it sends, and what that means to us."""

    label: str
    send: str
    value: str


@dataclass(frozen=True, slots=True)
class Question:
    """The one question that waits for an answer. `line` counts the draft's lines from 0; -1 is the whole
    request.
    """

    kind: str
    line: int = -1
    choices: tuple[Choice, ...] = ()
    about: str = ""
    """What the answer will be applied to, such as an RMA id"""
    times: int = 1
    """How often it was put; a person is offered when words do not help"""

    def asks_the_same(self, other: "Question") -> bool:
        """Whether both want the same of the same line."""
        return (self.kind, self.line) == (other.kind, other.line)


def pack_question(question: Question | None) -> dict[str, Any] | None:
    """The question as JSON types."""
    return (
        None if question is None else {**asdict(question), "choices": [asdict(c) for c in question.choices]}
    )


def open_question(state: "TurnState") -> Question | None:
    """The open question of a bookmark."""
    kept = state.get("question")
    if not kept:
        return None
    return Question(**{**kept, "choices": tuple(Choice(**choice) for choice in kept["choices"])})


class MessageIn(TypedDict):
    """The message a turn answers."""

    id: str
    seq: int
    text: str
    photos: int
    actor: str
    picked: NotRequired[dict[str, Any]]
    """What was picked from cards or filled in on the form, see agent.picked; absent from typed messages"""


class ReplyOut(TypedDict):
    """What a turn says, and what the page shows beside the words."""

    text: str
    outcome: str
    meta: dict[str, Any]


class TurnState(TypedDict, total=False):
    """The bookmark. It can be lost: the rows are the truth, and the customer is then asked again."""

    message: MessageIn
    may_propose: bool
    review_asks: bool
    act: str
    next: str
    draft: list[dict[str, Any]]
    question: dict[str, Any] | None
    note: str
    case_id: str
    shown: str
    shown_digest: str
    consent: dict[str, str] | None
    attempt: int
    asked: int
    """Clarifying questions put since the request began or was last read back"""
    waiting: dict[str, Any]
    reviews: list[str]
    news: dict[str, Any]
    answered_event: int
    spoken: ReplyOut | None


@dataclass(frozen=True, slots=True)
class TurnContext:
    """What a node may use: reads, verbs and the reader, for one speaker. `heard` is this message's claim.

    It is not part of the state: it holds live objects, and what was bought is looked up anew in every turn.
    """

    desk: Desk
    reader: Reader
    speaker: Speaker
    thread_id: str
    graph_thread: str
    heard: "Heard"


@dataclass(slots=True)
class Heard:
    """The claim and the purchases of the turn under way, handed from node to node.

    `as_read` is the claim before it was put in order against the purchases.
    """

    claim: Claim | None = None
    as_read: Claim | None = None
    purchases: tuple[PurchasedLine, ...] = ()


def reply(text: str, outcome: str, **meta: Any) -> ReplyOut:
    """A reply; `meta` is plain JSON for the page."""
    return {"text": text, "outcome": outcome, "meta": {"outcome": outcome, **meta}}


def of_claim(claim: Claim) -> Mapping[str, Any]:
    """Facts of the whole message that are kept beside each line's claim."""
    return {
        "act": claim.act.value,
        "in_scope": claim.in_scope,
        "injection_suspected": claim.injection_suspected,
        "language": claim.language,
        "text_digest": claim.text_digest,
        **({"asked": asdict(claim.asked)} if claim.asked else {}),
    }
