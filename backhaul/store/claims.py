"""Vendor claims, what suppliers answered, and what staff added to their packets.

The doors add answers and evidence and change nothing; the worker acts on them and writes where a claim
stands.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from backhaul.domain.audit import Tag
from backhaul.domain.claims import NO_RECORD, PERMILLE, Answer, Bought, ClaimState, SupplierRecord
from backhaul.domain.clock import id_from
from backhaul.domain.codes import Role
from backhaul.store.house_tables import StaffRow
from backhaul.store.money_tables import ClaimAnswerRow, ClaimEvidenceRow, VendorClaimRow
from backhaul.store.unit_of_work import UnitOfWork, existing

MAY_ADD = frozenset({Role.FINANCE.value, Role.REVIEWER.value, Role.ADMIN.value})
"""Who may add to a packet, and send a claim again"""
_ANSWERED = (ClaimState.CREDITED, ClaimState.DENIED)


@dataclass(frozen=True, slots=True)
class Said:
    """What a supplier says through its link. An approval without `amount_minor`, in cents of the ledger
    currency, is for all of it.
    """

    answer: Answer
    amount_minor: int | None = None
    note: str = ""
    photos: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Added:
    """What a member of staff adds to a packet. `evidence_id` is made with the form."""

    evidence_id: str
    claim_id: str
    added_by: str
    purchase_order: str = ""
    note: str = ""
    photos: tuple[str, ...] = ()


def claim(uow: UnitOfWork, claim_id: str, *, lock: bool = False) -> VendorClaimRow:
    """The claim, row-locked when asked; NotFound otherwise."""
    return existing(uow, VendorClaimRow, claim_id, "vendor claim", lock=lock)


def claim_of_disposition(
    uow: UnitOfWork, disposition_id: str, *, lock: bool = False
) -> VendorClaimRow | None:
    """The one claim for these pieces, or `None`."""
    query = sa.select(VendorClaimRow).where(VendorClaimRow.disposition_id == disposition_id)
    return uow.session.scalars(query.with_for_update(key_share=True) if lock else query).first()


def claims_in(
    uow: UnitOfWork, states: Collection[ClaimState], *, limit: int = 500
) -> Sequence[VendorClaimRow]:
    """Claims that stand there, the newest first."""
    query = sa.select(VendorClaimRow).where(VendorClaimRow.state.in_([one.value for one in states]))
    return uow.session.scalars(
        query.order_by(VendorClaimRow.created_at.desc(), VendorClaimRow.id).limit(limit)
    ).all()


def counts(uow: UnitOfWork) -> dict[ClaimState, int]:
    """How many claims stand where."""
    query = sa.select(VendorClaimRow.state, sa.func.count()).group_by(VendorClaimRow.state)
    return {ClaimState(state): int(number) for state, number in uow.session.execute(query)}


def claim_of_link(uow: UnitOfWork, link_digest: str) -> VendorClaimRow | None:
    """The claim that the newest link sent for it leads to, also when the link has ended."""
    query = sa.select(VendorClaimRow).where(VendorClaimRow.link_digest == link_digest)
    return uow.session.scalars(query).first()


def bought(row: VendorClaimRow) -> tuple[Bought, ...]:
    """The purchases that the pieces of a claim came with."""
    return tuple(
        Bought(
            one["number"],
            one["quantity"],
            one["unit_cost_minor"],
            date.fromisoformat(one["received_on"]),
        )
        for one in row.purchases
    )


def answer_id(link_digest: str) -> str:
    """One link takes one answer: the id of the answer follows from the link."""
    return id_from("CA", link_digest)


def say(uow: UnitOfWork, row: VendorClaimRow, said: Said) -> ClaimAnswerRow:
    """Write down what the supplier says through the link of a claim; said again, the first answer stays."""
    kept = answer_id(row.link_digest or "")
    before = uow.session.get(ClaimAnswerRow, kept)
    if before is not None:
        return before
    given = ClaimAnswerRow(
        id=kept,
        claim_id=row.id,
        answer=said.answer.value,
        amount_minor=said.amount_minor,
        note=said.note,
        photos=list(said.photos),
        given_at=uow.clock.now(),
    )
    try:
        with uow.session.begin_nested():
            uow.session.add(given)
    except IntegrityError:  # two clicks at one moment: the other one was first
        return answer(uow, kept)
    uow.record(
        Tag.CLAIM_ANSWERED,
        actor=f"supplier:{row.supplier_id}",
        subject=row.id,
        case_id=row.case_id,
        facts={"answer": given.answer, "amount_minor": given.amount_minor, "id": given.id},
    )
    return given


def answer_through(uow: UnitOfWork, row: VendorClaimRow) -> ClaimAnswerRow | None:
    """What was said through the newest link of a claim, or `None`."""
    return uow.session.get(ClaimAnswerRow, answer_id(row.link_digest)) if row.link_digest else None


def answer(uow: UnitOfWork, kept: str, *, lock: bool = False) -> ClaimAnswerRow:
    """An answer, row-locked when asked; NotFound otherwise."""
    return existing(uow, ClaimAnswerRow, kept, "answer of a supplier", lock=lock)


def answers(uow: UnitOfWork, claim_id: str) -> Sequence[ClaimAnswerRow]:
    """All that the supplier said about a claim, the oldest first."""
    query = sa.select(ClaimAnswerRow).where(ClaimAnswerRow.claim_id == claim_id)
    return uow.session.scalars(query.order_by(ClaimAnswerRow.given_at, ClaimAnswerRow.id)).all()


def add_evidence(uow: UnitOfWork, added: Added) -> ClaimEvidenceRow:
    """Write down what somebody adds to a packet; the same id again adds nothing."""
    before = uow.session.get(ClaimEvidenceRow, added.evidence_id)
    if before is not None:
        return before
    row = ClaimEvidenceRow(
        id=added.evidence_id,
        claim_id=added.claim_id,
        purchase_order=added.purchase_order,
        note=added.note,
        photos=list(added.photos),
        added_by=added.added_by,
        added_at=uow.clock.now(),
    )
    uow.session.add(row)
    uow.session.flush()
    uow.record(
        Tag.CLAIM_EVIDENCE_ADDED,
        actor=f"staff:{row.added_by}",
        subject=row.claim_id,
        case_id=claim(uow, row.claim_id).case_id,
        facts={"id": row.id, "photos": len(row.photos), "purchase_order": row.purchase_order},
    )
    return row


def evidence(uow: UnitOfWork, claim_id: str) -> Sequence[ClaimEvidenceRow]:
    """What those who may have added to a packet, the oldest first; it stays evidence when they leave us."""
    query = sa.select(ClaimEvidenceRow).where(ClaimEvidenceRow.claim_id == claim_id)
    rows = uow.session.scalars(query.order_by(ClaimEvidenceRow.added_at, ClaimEvidenceRow.id)).all()
    return [row for row in rows if _may_add(uow, row.added_by)]


def _may_add(uow: UnitOfWork, staff_id: str) -> bool:
    person = uow.session.get(StaffRow, staff_id)
    return person is not None and not MAY_ADD.isdisjoint(person.roles)


def named_purchase(added: Sequence[ClaimEvidenceRow]) -> str:
    """The purchase order that somebody named last; empty when nobody did."""
    return next((one.purchase_order for one in reversed(added) if one.purchase_order), "")


def record_of(uow: UnitOfWork, supplier_id: str) -> SupplierRecord:
    """How a supplier answered so far."""
    return records(uow, supplier_id).get(supplier_id, NO_RECORD)


def records(uow: UnitOfWork, supplier_id: str | None = None) -> dict[str, SupplierRecord]:
    """How each supplier answered so far: paid, or paid nothing."""
    of, total = VendorClaimRow, sa.func.sum
    asked = of.cost_minor + of.allowance_minor
    is_paid = of.state == ClaimState.CREDITED.value
    got = sa.case((is_paid, sa.func.coalesce(of.approved_minor, 0)), else_=0)
    # Whole numbers divided are rounded down by both databases.
    share = sa.case((asked > 0, got * PERMILLE // asked), else_=0)
    query = (
        sa.select(of.supplier_id, sa.func.count(), total(asked), total(got), total(share))
        .where(of.state.in_([one.value for one in _ANSWERED]))
        .group_by(of.supplier_id)
    )
    if supplier_id is not None:
        query = query.where(of.supplier_id == supplier_id)
    return {
        name: SupplierRecord(int(answered), int(claimed), int(recovered), int(shares))
        for name, answered, claimed, recovered, shares in uow.session.execute(query)
    }
