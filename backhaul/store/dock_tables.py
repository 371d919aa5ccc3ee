"""What the dock saw and settled on: receipts, inspections, dispositions.

The doors add the rows, the worker books them.
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from backhaul.store.tables import Base, LongText


class ReceiptRow(Base):
    """What a person counted out of one parcel, by article. See domain ReceiptKind, ReceiptState."""

    __tablename__ = "receipt"
    __table_args__ = (sa.Index("ix_receipt_of_rma", "rma_id", "state"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    """Made with the form, so that a second click is the same receipt"""
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(index=True)
    facility_id: Mapped[str] = mapped_column(index=True)
    rma_id: Mapped[str | None] = mapped_column(sa.ForeignKey("rma.id"))
    """What the dock says it belongs to; None for what came without papers"""
    rma_line_id: Mapped[str | None] = mapped_column(sa.ForeignKey("rma_line.id"), index=True)
    part_of: Mapped[str | None]
    """The receipt this is the surplus of, or was matched from"""
    tracking_number: Mapped[str]
    sku: Mapped[str]
    """What arrived; empty for an empty box or an article nobody knows"""
    described: Mapped[str]
    """Words for an article that is not in the catalogue"""
    quantity: Mapped[int]
    serials: Mapped[list[Any]]
    lots: Mapped[list[Any]]
    photos: Mapped[list[Any]]
    """Blob names"""
    note: Mapped[str] = mapped_column(LongText)
    counted_by: Mapped[str]
    counted_at: Mapped[datetime]
    why: Mapped[str | None] = mapped_column(LongText)
    """Why it is held, or not matched"""
    erp_number: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)


class InspectionRow(Base):
    """What an inspector found of pieces of a receipt. See domain Grade and Finding."""

    __tablename__ = "inspection"
    id: Mapped[str] = mapped_column(primary_key=True)
    receipt_id: Mapped[str] = mapped_column(sa.ForeignKey("receipt.id"), index=True)
    quantity: Mapped[int]
    serials: Mapped[list[Any]]
    grade: Mapped[str]
    checklist: Mapped[dict[str, Any]]
    """Answers by question of the product class's checklist: yes, no, or not applicable"""
    seal_intact: Mapped[bool | None]
    finding: Mapped[str]
    found_reason: Mapped[str | None]
    """What it is in truth, when the finding differs"""
    photos: Mapped[list[Any]]
    note: Mapped[str] = mapped_column(LongText)
    inspected_by: Mapped[str]
    inspected_at: Mapped[datetime]


class DispositionRow(Base):
    """What somebody settled on for inspected pieces. The worker judges and posts it."""

    __tablename__ = "disposition"
    __table_args__ = (
        sa.Index("ix_disposition_by_state", "state", "settled_at"),
        sa.Index("ix_disposition_of_rma", "rma_id", "state"),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    inspection_id: Mapped[str] = mapped_column(sa.ForeignKey("inspection.id"), index=True)
    receipt_id: Mapped[str] = mapped_column(sa.ForeignKey("receipt.id"), index=True)
    rma_id: Mapped[str | None] = mapped_column(sa.ForeignKey("rma.id"))
    rma_line_id: Mapped[str | None] = mapped_column(sa.ForeignKey("rma_line.id"), index=True)
    sku: Mapped[str]
    quantity: Mapped[int]
    serials: Mapped[list[Any]]
    chosen: Mapped[str]
    proposed: Mapped[str]
    arithmetic: Mapped[dict[str, Any]]
    """Every option with its parts, as it was shown"""
    override_reason: Mapped[str]
    chosen_by: Mapped[str]
    chosen_at: Mapped[datetime]
    state: Mapped[str]
    """chosen, review, posted, refused"""
    why: Mapped[str | None] = mapped_column(LongText)
    erp_number: Mapped[str | None]
    write_down_minor: Mapped[int] = mapped_column(default=0)
    """What the move cost us against the books, in cents of the ledger currency"""
    settled_at: Mapped[datetime | None]
    """When the customer's side of it was done: credited, replaced, sent to repair, or nothing was owed"""
    version: Mapped[int] = mapped_column(default=1)


class OutcomeRow(Base):
    """What became of a decision: the dock's finding goes back to whoever decided, and teaches the reader."""

    __tablename__ = "outcome"
    __table_args__ = (sa.UniqueConstraint("inspection_id"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(sa.ForeignKey("return_case.id"), index=True)
    proposal_id: Mapped[str] = mapped_column(sa.ForeignKey("proposal.id"), index=True)
    review_id: Mapped[str | None]
    """The review in which a person let it in; None when nobody had to look"""
    decided_by: Mapped[str | None] = mapped_column(index=True)
    inspection_id: Mapped[str] = mapped_column(sa.ForeignKey("inspection.id"))
    reason_said: Mapped[str]
    reason_found: Mapped[str]
    finding: Mapped[str]
    grade: Mapped[str]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    """When the person who decided had looked at it"""
