"""Claims as staff sees them: what is worth doing first, and one claim with all that is known of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from backhaul.domain.audit import Tag
from backhaul.domain.claims import (
    NO_RECORD,
    OPEN,
    Bought,
    ClaimState,
    SupplierRecord,
    days_left,
    expected_minor,
    worth_per_day,
)
from backhaul.store import audit, claims
from backhaul.store.money_tables import ClaimAnswerRow, ClaimEvidenceRow, VendorClaimRow
from backhaul.store.unit_of_work import UnitOfWork
from web.world import Doors

FILTERS: dict[str, tuple[str, tuple[ClaimState, ...]]] = {
    "open": ("Open", OPEN),
    "incomplete": ("Incomplete", (ClaimState.INCOMPLETE,)),
    "ready": ("Ready", (ClaimState.READY,)),
    "filed": ("With the supplier", (ClaimState.FILED, ClaimState.APPROVED)),
    "more_information": ("Asked for more", (ClaimState.MORE_INFORMATION,)),
    "credited": ("Paid", (ClaimState.CREDITED,)),
    "lost": ("Not paid", (ClaimState.DENIED, ClaimState.REFUSED, ClaimState.LAPSED)),
}
LOOKS = {
    ClaimState.INCOMPLETE: ("Incomplete", "bad"),
    ClaimState.READY: ("Ready", "wait"),
    ClaimState.FILED: ("With the supplier", "mute"),
    ClaimState.MORE_INFORMATION: ("Asked for more", "wait"),
    ClaimState.APPROVED: ("Approved, being booked", "good"),
    ClaimState.DENIED: ("Declined", "bad"),
    ClaimState.CREDITED: ("Paid", "good"),
    ClaimState.REFUSED: ("Not filed: policy", "bad"),
    ClaimState.LAPSED: ("Lapsed", "bad"),
}
"""Words and colour of each state"""
_HAPPENED = {
    Tag.CLAIM_COMPILED: "Packet compiled",
    Tag.CLAIM_FILED: "Sent to the supplier",
    Tag.CLAIM_ANSWERED: "The supplier answered",
    Tag.CLAIM_CREDITED: "Credit booked",
    Tag.CLAIM_EVIDENCE_ADDED: "Evidence added",
    Tag.CLAIM_LAPSED: "Lapsed",
}


@dataclass(frozen=True, slots=True)
class ClaimShown:
    """A claim with what ranks it. Amounts are cents of the ledger currency."""

    row: VendorClaimRow
    supplier_name: str
    record: SupplierRecord
    clock: date | None
    """Until when there is time: to file it, or for the supplier to answer"""
    left: int | None
    """Days, the last one included"""

    @property
    def asked_minor(self) -> int:
        return self.row.cost_minor + self.row.allowance_minor

    @property
    def expected_minor(self) -> int:
        """What is asked for, times the supplier's record as it stands today."""
        return expected_minor(self.asked_minor, self.record)

    @property
    def per_day_minor(self) -> int:
        """What ranks it."""
        return worth_per_day(self.expected_minor, self.left)

    @property
    def state(self) -> ClaimState:
        return ClaimState(self.row.state)

    @property
    def look(self) -> tuple[str, str]:
        return LOOKS[self.state]


@dataclass(frozen=True, slots=True)
class SupplierShown:
    """How a supplier pays."""

    name: str
    record: SupplierRecord


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of a claim's history."""

    at: date
    what: str
    who: str


@dataclass(frozen=True, slots=True)
class ClaimPage:
    """One claim with all that is known of it."""

    shown: ClaimShown
    bought: tuple[Bought, ...]
    answers: Sequence[ClaimAnswerRow]
    evidence: Sequence[ClaimEvidenceRow]
    history: Sequence[Happened]

    @property
    def can_be_added_to(self) -> bool:
        """Evidence still helps."""
        return self.shown.state in {*OPEN, ClaimState.REFUSED}

    @property
    def can_be_sent_again(self) -> bool:
        return self.shown.state in {ClaimState.FILED, ClaimState.MORE_INFORMATION}

    @property
    def pictures(self) -> frozenset[str]:
        """Blobs that may be looked at through this claim."""
        answered = (blob for one in self.answers for blob in one.photos)
        added = (blob for one in self.evidence for blob in one.photos)
        return frozenset((*answered, *added))


def ranked(uow: UnitOfWork, doors: Doors, show: str) -> list[ClaimShown]:
    """Claims of a filter; the open ones by expected recovery per day left, the others by age."""
    records = claims.records(uow)
    rows = claims.claims_in(uow, FILTERS[show][1])
    shown = [_shown(uow, doors, row, records.get(row.supplier_id, NO_RECORD)) for row in rows]
    if show in {"credited", "lost"}:
        return shown
    return sorted(shown, key=lambda one: (-one.per_day_minor, one.row.id))


def _shown(uow: UnitOfWork, doors: Doors, row: VendorClaimRow, record: SupplierRecord) -> ClaimShown:
    supplier = doors.desk.erp.supplier(row.supplier_id)
    clock = row.link_ends_at.date() if row.link_ends_at else row.file_by
    today = uow.clock.now().date()
    name = supplier.name if supplier else row.supplier_id or "unknown supplier"
    return ClaimShown(row, name, record, clock, days_left(clock, today))


def suppliers(uow: UnitOfWork, doors: Doors) -> list[SupplierShown]:
    """Every supplier that has answered, the best payer first."""
    found = []
    for supplier_id, record in claims.records(uow).items():
        supplier = doors.desk.erp.supplier(supplier_id)
        found.append(SupplierShown(supplier.name if supplier else supplier_id, record))
    return sorted(found, key=lambda one: (-(one.record.rate_permille or 0), one.name))


def claim_page(uow: UnitOfWork, doors: Doors, claim_id: str) -> ClaimPage:
    """One claim; NotFound otherwise."""
    row = claims.claim(uow, claim_id)
    return ClaimPage(
        _shown(uow, doors, row, claims.record_of(uow, row.supplier_id)),
        claims.bought(row),
        claims.answers(uow, claim_id),
        claims.evidence(uow, claim_id),
        _history(uow, row),
    )


def _history(uow: UnitOfWork, row: VendorClaimRow) -> list[Happened]:
    """From the audit log of the case: what happened to this very claim."""
    words = {tag.value: said for tag, said in _HAPPENED.items()}
    return [
        Happened(event.at.date(), words[event.tag], event.actor.partition(":")[0])
        for event in audit.events(uow, chain=row.case_id)
        if event.subject == row.id and event.tag in words
    ]
