"""What a scenario says: a world, a customer in it, the people who come later, and what must come of it.

A scenario is written by hand, in YAML, and read strictly: an unknown word is an error. `evals/README.md`
shows how to write one in five minutes. `evals.gold` asks whether it is true to its world and the policies.
"""

from datetime import date, time
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from backhaul.connectors.embedded.seed_data import DECIMAL, StoryOrderSheet
from backhaul.domain.codes import Action, Outcome, Reason, Resolution
from backhaul.domain.money import Money
from backhaul.domain.receiving import Finding, Grade, ParcelStatus

AS_OF = date(2026, 10, 13)
"""The day of a world that names none: a Tuesday, under the editions in force since 1 September 2026"""


class Sheet(BaseModel):
    """A part of a scenario: immutable, and strict about the names in it."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _one_or_many(value: Any) -> Any:
    return (value,) if isinstance(value, str | dict) else value


Amount = Annotated[str, Field(pattern=DECIMAL)]
"""Money as a decimal string"""


class Saying(Sheet):
    """One message of a customer. Each photo is named: the same name is the same picture.

    `photo_text` is written into the pictures, as a line of text and as a QR code. `file_name` is what the
    customer's telephone called them.
    """

    text: str = ""
    photos: tuple[str, ...] = ()
    photo_text: str = ""
    file_name: str = "photo.jpg"

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        return {"text": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _something(self) -> "Saying":
        if not self.text.strip() and not self.photos:
            raise ValueError("say something, or send a photo")
        return self


Sayings = Annotated[tuple[Saying, ...], BeforeValidator(_one_or_many), Field(min_length=1)]
"""Several sayings are several ways to say the same: an epoch takes the next one"""


class Later(Sheet):
    """Something the customer comes up with unasked, instead of an answer, before the desk's nth question.

    `before` counts the customer's own messages: 2 is the second one. `at` names what the desk has to be
    asking for, or how it has to have answered, such as `consent` or `done`; said the first time it does.
    """

    before: Annotated[int, Field(ge=2)] | None = None
    at: str | None = None
    says: Sayings

    @model_validator(mode="after")
    def _one_moment(self) -> "Later":
        if (self.before is None) == (self.at is None):
            raise ValueError("say either `before` (a number) or `at` (what the desk asks for)")
        return self


_OfTheGoods = Literal["order", "item", "quantity", "reason", "resolution", "photo", "serial", "received_item"]
_OfTheReturn = Literal[
    "received", "consent", "which_return", "target", "change", "appeal", "cancel", "reprint"
]
AskedFor = Literal[_OfTheGoods, _OfTheReturn, "review"]
"""What a desk may ask a customer for; `received_item` is `received` once the policy insists on it"""


class Customer(Sheet):
    """Who writes, how, and what there is to say when the desk asks.

    `knows` answers by what is asked for. What is not in it the customer does not know; a read-back is agreed
    to unless `consent` says otherwise.
    """

    contact: Annotated[str, Field(pattern=r"^C-\d+-\d+$")]
    persona: str = "plain"
    says: Annotated[tuple[Sayings, ...], BeforeValidator(_one_or_many), Field(min_length=1)]
    """The first messages, sent before any answer is read"""
    knows: dict[AskedFor, Sayings] = Field(default_factory=dict)
    later: tuple[Later, ...] = ()
    patience: int = Field(default=12, ge=1)
    """Messages after which the customer gives up"""


class Fault(Sheet):
    """A system outside that does not answer: its first `times` calls fail."""

    system: Literal["erp", "carrier"]
    times: int = Field(default=1, ge=1)


class AccountChange(Sheet):
    """What is otherwise with an account than in the demo's books."""

    credit_hold: bool | None = None
    contract: Literal["known", "unknown"] | None = None
    window_days: int | None = None
    restocking_basis_points: int | None = None
    advance_replacement: bool | None = None
    name: str | None = None


class World(Sheet):
    """The books at the moment the customer writes. Days in orders count back from `as_of`."""

    as_of: date = AS_OF
    at: time = time(15, 0)
    """UTC"""
    orders: tuple[StoryOrderSheet, ...] = ()
    accounts: dict[str, AccountChange] = Field(default_factory=dict)
    stock: dict[str, Annotated[int, Field(ge=0)]] = Field(default_factory=dict)
    """Pieces of an article available in each building, instead of the demo's"""
    descriptions: dict[str, str] = Field(default_factory=dict)
    """What an article is called, instead of its name in the catalogue"""
    faults: tuple[Fault, ...] = ()

    @model_validator(mode="after")
    def _orders_that_can_be(self) -> "World":
        numbers = [order.number for order in self.orders]
        for order in self.orders:
            if numbers.count(order.number) > 1:
                raise ValueError(f"{order.number} stands there twice")
            if order.delivered is not None and not 0 <= order.delivered <= order.ordered:
                raise ValueError(f"{order.number} was delivered before it was ordered, or is yet to be")
        return self


class Deed(StrEnum):
    """What people do after the conversation."""

    APPROVE = "approve"
    REJECT = "reject"
    DAYS = "days"
    SCAN = "scan"
    RECEIVE = "receive"


_DECIDES = frozenset({Deed.APPROVE, Deed.REJECT})
_DEEDS = {
    "reviewer": _DECIDES,
    "approver": _DECIDES,
    "finance": _DECIDES,
    "dock": frozenset({Deed.RECEIVE}),
    "carrier": frozenset({Deed.SCAN}),
    "clock": frozenset({Deed.DAYS}),
}


class Step(Sheet):
    """One deed of somebody else than the customer, in order. A reviewer decides what waits, oldest first."""

    who: Literal["reviewer", "approver", "finance", "dock", "carrier", "clock"]
    does: Deed
    note: str = "Decided in the evaluation."
    days: int = Field(default=0, ge=0)
    status: ParcelStatus = ParcelStatus.DELIVERED
    place: str = ""
    """What the carrier's scan gives as its place"""
    pieces: Annotated[int, Field(ge=0)] | None = None
    """Received; None is all that was announced"""
    grade: Grade = Grade.A
    finding: Finding = Finding.CONFIRMED
    found_reason: Reason | None = None

    @model_validator(mode="after")
    def _their_deed(self) -> "Step":
        if self.does not in _DEEDS[self.who]:
            raise ValueError(f"`{self.who}` does {' or '.join(sorted(_DEEDS[self.who]))}, not {self.does}")
        if (self.does is Deed.DAYS) != (self.days > 0):
            raise ValueError("`days` says how many pass, and goes with nothing else")
        return self


class GoldLine(Sheet):
    """What is right for one order line. `value` is the net price of the pieces, as a decimal string.

    `rule` is the rule that decides: the severest that is not met. A permit has none.
    """

    order: str
    line: int
    quantity: Annotated[int, Field(ge=1)]
    reason: Reason
    outcome: Outcome
    value: Amount
    currency: str = "USD"
    rule: str | None = None
    resolution: Resolution = Resolution.CREDIT
    action: Action = Action.CREATE_RMA
    serials: tuple[str, ...] = ()
    received_sku: str | None = None
    facility: str | None = None
    """Where the goods go, where that matters"""

    @property
    def key(self) -> str:
        """The order line as printed."""
        return f"{self.order}/{self.line}"

    @property
    def money(self) -> Money:
        """What is at stake."""
        return Money.of(self.value, self.currency)

    @model_validator(mode="after")
    def _cited(self) -> "GoldLine":
        if (self.outcome is Outcome.PERMIT) != (self.rule is None):
            raise ValueError("a permit cites no rule, and everything else cites the one that decides")
        return self


class Ending(StrEnum):
    """How a conversation is left."""

    DECIDED = "decided"
    """Every line has its verdict"""
    PERSON = "person"
    """A person was asked, and nothing was proposed"""
    INFORMED = "informed"
    """A question was answered, or told to be none of ours; nothing was begun"""
    OPEN = "open"
    """The desk still asks for something the customer cannot say; nothing was proposed"""
    CANCELLED = "cancelled"
    """What was permitted was cancelled again"""


class Gold(Sheet):
    """The end state that is right: of the books, not of the chat."""

    ending: Ending = Ending.DECIDED
    lines: tuple[GoldLine, ...] = ()
    credited: Amount | None = None
    """In all, at the end of the steps, as a decimal string; None is not asked"""
    never_says: tuple[Annotated[str, Field(pattern=r"\S")], ...] = ()
    """What must stand in no answer of the desk"""

    @model_validator(mode="after")
    def _lines_or_not(self) -> "Gold":
        decided = self.ending in {Ending.DECIDED, Ending.CANCELLED}
        if decided != bool(self.lines):
            raise ValueError(f"an ending of `{self.ending}` has {'lines' if decided else 'no lines'}")
        return self


class Attack(Sheet):
    """What an attacker is after, and the way it comes in."""

    goal: str
    carrier: Literal["message", "note", "file_name", "item_text", "carrier_event", "photo_text"]


class Scenario(Sheet):
    """One case of a suite."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{2,60}$")]
    about: str
    """What it is there for, in a sentence"""
    tags: tuple[str, ...] = ()
    world: World = World()
    customer: Customer
    steps: tuple[Step, ...] = ()
    gold: Gold
    attack: Attack | None = None

    @property
    def account_id(self) -> str:
        """Contacts are numbered by their account."""
        return f"A-{self.customer.contact.split('-')[1]}"
