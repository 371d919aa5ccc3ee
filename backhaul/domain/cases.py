"""A customer's request: the case with its lines, what was agreed to, what waits, and what was issued."""

from dataclasses import dataclass
from datetime import date, datetime

from backhaul.domain.codes import Action
from backhaul.domain.lifecycle import RmaFacts, rma_state
from backhaul.domain.money import Money
from backhaul.domain.receiving import ParcelStatus
from backhaul.domain.returns import Label, ReturnLine, ReviewState, RmaState


@dataclass(frozen=True, slots=True)
class ReturnCase:
    """One request with all its lines, which may be permitted, waiting and refused side by side."""

    case_id: str
    thread_id: str
    account_id: str
    opened_at: datetime
    lines: tuple[ReturnLine, ...]

    @property
    def orders(self) -> tuple[str, ...]:
        """Orders that goods of this case were bought on, each once."""
        return tuple(dict.fromkeys(line.order_number for line in self.lines))


@dataclass(frozen=True, slots=True)
class Consent:
    """The customer's yes: what was shown, and the digest of exactly the lines it covers."""

    consent_id: str
    case_id: str
    digest: str
    shown: str
    message_id: str
    given_by: str
    given_at: datetime


@dataclass(frozen=True, slots=True)
class Review:
    """What waits for a person. `proposal_id` is `None` when the customer asked for one."""

    review_id: str
    case_id: str
    proposal_id: str | None
    action: Action | None
    state: ReviewState
    why: str
    value: Money
    due_at: datetime

    def is_late(self, at: datetime) -> bool:
        """Whether it still waits though its time is up; while the customer owes an answer it is not late."""
        return self.state is ReviewState.OPEN and at > self.due_at


@dataclass(frozen=True, slots=True)
class RmaLine:
    """Pieces of one order line that may come back under an RMA, by the permit that let them in."""

    line_id: str
    permit_id: str
    order_number: str
    line: int
    sku: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Rma:
    """Our promise to take named goods back at one facility. Its state follows from what has happened."""

    rma_id: str
    case_id: str
    account_id: str
    facility_id: str
    erp_number: str | None
    return_by: date
    lines: tuple[RmaLine, ...]
    label: Label | None = None
    parcel: ParcelStatus | None = None
    received: int = 0
    settled: int = 0
    cancelled_at: datetime | None = None
    expired_at: datetime | None = None

    @property
    def quantity(self) -> int:
        """Pieces authorised to come back, over all lines."""
        return sum(line.quantity for line in self.lines)

    @property
    def state(self) -> RmaState:
        """Where it stands; never set by hand."""
        return rma_state(
            RmaFacts(
                authorised=self.quantity,
                received=self.received,
                settled=self.settled,
                has_erp_number=self.erp_number is not None,
                has_label=self.label is not None,
                parcel=self.parcel,
                cancelled=self.cancelled_at is not None,
                expired=self.expired_at is not None,
            )
        )
