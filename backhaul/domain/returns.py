"""The return itself: case, line, consent, proposal, command, permit, verdict, RMA, label, review."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from backhaul.domain.codes import Action, Condition, Outcome, Reason, Resolution
from backhaul.domain.money import Money
from backhaul.domain.receiving import Disposition, Grade


@dataclass(frozen=True, slots=True)
class ReturnLine:
    """What one order line's return is about.

    For a wrong item there are two sides: the ordered line (`order_number`, `line`, `sku`) and what
    arrived instead (`received_sku` when it is in the catalogue, else `received_words`).
    """

    line_id: str
    case_id: str
    order_number: str
    line: int
    sku: str
    description: str
    quantity: int
    reason: Reason
    condition: Condition
    resolution: Resolution
    serials: tuple[str, ...] = ()
    received_sku: str | None = None
    received_words: str | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """Everything the agent may say: ids, an action, a quantity, serials and a reason. No money."""

    proposal_id: str
    case_id: str
    line_id: str
    action: Action
    order_number: str
    line: int
    quantity: int
    serials: tuple[str, ...]
    reason: Reason
    resolution: Resolution
    claim_id: str
    consent_id: str


@dataclass(frozen=True, slots=True)
class Command:
    """What a connector will be told, built by the guard from looked-up data; its digest is what is signed."""

    action: Action
    case_id: str
    account_id: str
    order_number: str
    line: int
    sku: str
    quantity: int
    serials: tuple[str, ...]
    reason: Reason
    resolution: Resolution
    facility_id: str
    value: Money
    restocking_fee: Money
    return_freight: Money
    ship_within_days: int
    requester: str
    subject: str
    tax: Money
    """Sales tax given back with a credit; in the order's currency"""
    disposition: Disposition
    """What a move of stock, or what follows from it, does with the goods"""
    grade: Grade | None
    claimed: Money
    """What a vendor claim asks for, in the ledger currency"""
    book_value: Money
    """What one piece stands in the books for after a move of stock, in the ledger currency"""
    write_down: Money
    """What the whole move costs us against the books, in the ledger currency"""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The guard's answer to one proposal or effect."""

    verdict_id: str
    proposal_id: str
    action: Action
    outcome: Outcome
    rules: tuple[str, ...]
    clauses: tuple[str, ...]
    message: str
    would_change: str | None
    command_digest: str
    bundle_hash: str
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Permit:
    """A signed, single-use right to carry out one command within a short time."""

    permit_id: str
    command_digest: str
    case_id: str
    order_number: str
    order_version: int
    bundle_hash: str
    verdict_id: str
    expires_at: datetime
    token: str


class RmaState(StrEnum):
    """Where an RMA stands; derived from its facts in `lifecycle.py`, stored only as a projection."""

    AUTHORISED = "authorised"
    ISSUED = "issued"
    LABELLED = "labelled"
    IN_TRANSIT = "in_transit"
    RECEIVED = "received"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


OVER = (RmaState.CLOSED.value, RmaState.CANCELLED.value, RmaState.EXPIRED.value)
"""States in which nothing waits for an RMA any more, as they are stored"""


class ReviewState(StrEnum):
    """Where a review stands."""

    OPEN = "open"
    WAITING_FOR_CUSTOMER = "waiting_for_customer"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Label:
    """A return label. The three prints and the drop-off code are blobs by content hash."""

    label_id: str
    rma_id: str
    carrier: str
    service: str
    tracking_number: str
    sscc: str
    drop_off_code: str
    cost: Money
    ship_by: date
