"""Money that goes out and comes back: credits, repairs, vendor claims, reconciliations, checkpoints."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from backhaul.store.tables import Base, BigId, LongText


class LineBoundRow(Base):
    """What the ERP said an order line can bear when a permit was spent: the ledger's laws hold against it."""

    __tablename__ = "line_bound"
    order_number: Mapped[str] = mapped_column(primary_key=True)
    order_line: Mapped[int] = mapped_column(primary_key=True)
    shipped: Mapped[int]
    invoiced_minor: Mapped[int | None]
    """Goods and tax invoiced on the line, in cents of the ledger currency; None if the ERP could not tell"""
    seen_at: Mapped[datetime]


class CreditMemoRow(Base):
    """A posted credit memo. Amounts are in `currency`, the order's."""

    __tablename__ = "credit_memo"
    id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(sa.ForeignKey("return_case.id"), index=True)
    rma_id: Mapped[str | None] = mapped_column(sa.ForeignKey("rma.id"), index=True)
    line_id: Mapped[str] = mapped_column(sa.ForeignKey("return_line.id"))
    proposal_id: Mapped[str] = mapped_column(sa.ForeignKey("proposal.id"), index=True)
    subject: Mapped[str] = mapped_column(unique=True)
    """What was credited: a disposition, an RMA line before its receipt, or a proposal without goods"""
    order_number: Mapped[str] = mapped_column(index=True)
    order_line: Mapped[int]
    quantity: Mapped[int]
    goods_minor: Mapped[int]
    tax_minor: Mapped[int]
    restocking_fee_minor: Mapped[int]
    return_freight_minor: Mapped[int]
    amount_minor: Mapped[int]
    currency: Mapped[str]
    erp_number: Mapped[str] = mapped_column(unique=True)
    shares: Mapped[list[Any]]
    """[{goes_to, reference, amount_minor}]"""
    posted_on: Mapped[date] = mapped_column(index=True)
    created_at: Mapped[datetime]


class RepairRow(Base):
    """A repair order for received goods."""

    __tablename__ = "repair"
    id: Mapped[str] = mapped_column(primary_key=True)
    rma_id: Mapped[str] = mapped_column(sa.ForeignKey("rma.id"), index=True)
    line_id: Mapped[str] = mapped_column(sa.ForeignKey("return_line.id"))
    disposition_id: Mapped[str] = mapped_column(sa.ForeignKey("disposition.id"), unique=True)
    sku: Mapped[str]
    quantity: Mapped[int]
    erp_number: Mapped[str]
    promised_on: Mapped[date]
    created_at: Mapped[datetime]


class VendorClaimRow(Base):
    """What we ask back from a supplier. Amounts are cents of the ledger currency."""

    __tablename__ = "vendor_claim"
    __table_args__ = (sa.Index("ix_vendor_claim_by_state", "state", "created_at"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(sa.ForeignKey("return_case.id"), index=True)
    rma_id: Mapped[str] = mapped_column(sa.ForeignKey("rma.id"), index=True)
    rma_line_id: Mapped[str] = mapped_column(sa.ForeignKey("rma_line.id"))
    proposal_id: Mapped[str] = mapped_column(sa.ForeignKey("proposal.id"), index=True)
    disposition_id: Mapped[str] = mapped_column(sa.ForeignKey("disposition.id"), unique=True)
    supplier_id: Mapped[str] = mapped_column(index=True)
    purchase_order: Mapped[str]
    """Of several, all of them; empty when the pieces could not be traced to one"""
    purchases: Mapped[list[Any]]
    """[{number, quantity, unit_cost_minor, received_on}], the oldest receipt first"""
    sku: Mapped[str]
    quantity: Mapped[int]
    serials: Mapped[list[Any]]
    cost_minor: Mapped[int]
    """Documented cost of the pieces"""
    allowance_minor: Mapped[int]
    """Agreed on top of it, such as handling"""
    expected_minor: Mapped[int]
    """What we expect to get: the amount times the supplier's record so far"""
    file_by: Mapped[date | None]
    state: Mapped[str]
    """See domain ClaimState"""
    why: Mapped[str | None] = mapped_column(LongText)
    """Why it stands there: the rule that refused it, or what a person has to do"""
    missing: Mapped[list[Any]]
    """What the packet lacks, in words"""
    packet_blob: Mapped[str | None]
    supplier_rma: Mapped[str | None]
    sent_as: Mapped[str | None]
    """What the sending was called that the link was made for; without the key no link follows from it"""
    link_digest: Mapped[str | None] = mapped_column(index=True)
    """Keyed hash of the link the supplier answers through"""
    link_ends_at: Mapped[datetime | None]
    answer: Mapped[str | None] = mapped_column(LongText)
    approved_minor: Mapped[int | None]
    credit_number: Mapped[str | None]
    filed_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class ClaimAnswerRow(Base):
    """What a supplier said through its link. The doors write it, the worker acts on it."""

    __tablename__ = "claim_answer"
    id: Mapped[str] = mapped_column(primary_key=True)
    claim_id: Mapped[str] = mapped_column(sa.ForeignKey("vendor_claim.id"), index=True)
    answer: Mapped[str]
    """approve, deny, more_information"""
    amount_minor: Mapped[int | None]
    note: Mapped[str] = mapped_column(LongText)
    photos: Mapped[list[Any]]
    given_at: Mapped[datetime]
    taken_at: Mapped[datetime | None]


class ClaimEvidenceRow(Base):
    """What staff added to the packet of a claim. The doors write it, the worker compiles anew."""

    __tablename__ = "claim_evidence"
    id: Mapped[str] = mapped_column(primary_key=True)
    """Made with the form, so that a second click adds nothing"""
    claim_id: Mapped[str] = mapped_column(sa.ForeignKey("vendor_claim.id"), index=True)
    purchase_order: Mapped[str]
    """The purchase that untraceable pieces came with, looked up by a person; empty when nothing was said"""
    note: Mapped[str] = mapped_column(LongText)
    """For the supplier to read"""
    photos: Mapped[list[Any]]
    added_by: Mapped[str]
    added_at: Mapped[datetime]


class ReconciliationRow(Base):
    """One daily comparison of our ledger with the ERP's books."""

    __tablename__ = "reconciliation"
    id: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(unique=True)
    compared: Mapped[int]
    differences: Mapped[list[Any]]
    """[{case_id, what, ours, theirs, amount_minor}]"""
    made_at: Mapped[datetime]


class CheckpointRow(Base):
    """The heads of all audit chains at one moment, signed: a chain that was made anew does not fit it."""

    __tablename__ = "audit_checkpoint"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    made_at: Mapped[datetime]
    chains: Mapped[int]
    events: Mapped[int]
    last_event_id: Mapped[int] = mapped_column(BigId)
    """Key of the newest event it covers"""
    heads: Mapped[dict[str, Any]]
    """Sequence number and hash of the last event, by chain, for the chains that grew since the one before"""
    previous_digest: Mapped[str]
    digest: Mapped[str]
    key_id: Mapped[str]
    signature: Mapped[str] = mapped_column(LongText)
