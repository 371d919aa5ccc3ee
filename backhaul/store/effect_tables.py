"""What only the worker writes: permits, ledger, outbox, RMAs and what follows from them."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from backhaul.store.tables import Base, BigId, LongText


class PermitRow(Base):
    """A permit that was issued; spending it sets `spent_at` once."""

    __tablename__ = "permit"
    id: Mapped[str] = mapped_column(primary_key=True)
    verdict_id: Mapped[str] = mapped_column(sa.ForeignKey("verdict.id"))
    case_id: Mapped[str] = mapped_column(index=True)
    action: Mapped[str]
    command: Mapped[dict[str, Any]]
    command_digest: Mapped[str]
    order_number: Mapped[str]
    order_version: Mapped[int]
    bundle_hash: Mapped[str]
    key_id: Mapped[str]
    token: Mapped[str] = mapped_column(LongText)
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    spent_at: Mapped[datetime | None]


class SigningKeyRow(Base):
    """Public halves of the worker's keys, so that old permits can be verified."""

    __tablename__ = "signing_key"
    id: Mapped[str] = mapped_column(primary_key=True)
    public_key: Mapped[str]
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class OrderVersionRow(Base):
    """The version of an order's pay-out ledger; locked and raised with every authorisation."""

    __tablename__ = "order_version"
    order_number: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]


class LedgerEntryRow(Base):
    """Quantities and money per order line, append-only; the kinds stand in `ledger.py`."""

    __tablename__ = "ledger_entry"
    __table_args__ = (
        sa.Index("ix_ledger_entry_of_insight", "rma_line_id", "kind", "quantity", "amount_minor"),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    order_number: Mapped[str] = mapped_column(index=True)
    order_line: Mapped[int]
    kind: Mapped[str]
    quantity: Mapped[int]
    amount_minor: Mapped[int]
    currency: Mapped[str]
    case_id: Mapped[str] = mapped_column(index=True)
    permit_id: Mapped[str]
    """The permit behind it; empty for what was found and not done, such as a receipt"""
    rma_line_id: Mapped[str | None] = mapped_column(index=True)
    cause: Mapped[str | None] = mapped_column(index=True)
    """The receipt, disposition or claim it comes from"""
    serials: Mapped[list[Any] | None]
    created_at: Mapped[datetime]


class CommandRow(Base):
    """A command to a system outside: the transactional outbox and the idempotency record in one."""

    __tablename__ = "integration_command"
    __table_args__ = (
        sa.Index("ix_integration_command_to_attest", "op", "attested_at", "state"),
        sa.Index("ix_integration_command_by_state", "state", "created_at"),
    )
    key: Mapped[str] = mapped_column(primary_key=True)
    """`{case or rma}:{op}:{what}`; one row for each effect, however often it is sent"""
    case_id: Mapped[str] = mapped_column(index=True)
    op: Mapped[str]
    request: Mapped[dict[str, Any]]
    request_hash: Mapped[str]
    permit_id: Mapped[str | None] = mapped_column(index=True)
    state: Mapped[str]
    """intended, sent, confirmed, rejected, unknown"""
    external_id: Mapped[str | None]
    result: Mapped[dict[str, Any]]
    attempts: Mapped[int] = mapped_column(default=0)
    issue: Mapped[int] = mapped_column(default=1, server_default="1")
    """Rises only when a person has a rejected command issued anew; each issue has a key of its own"""
    error: Mapped[str | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    attested_at: Mapped[datetime | None]
    """When the effect was read back from the peer and was what we had asked for"""


class RmaRow(Base):
    """An RMA: the permitted lines of a case that go to one facility, carried by workflow `return-{id}`."""

    __tablename__ = "rma"
    __table_args__ = (
        sa.Index("ix_rma_by_state", "state", "closed_at"),
        sa.Index("ix_rma_by_time", "created_at", "id"),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(sa.ForeignKey("return_case.id"), index=True)
    account_id: Mapped[str] = mapped_column(index=True)
    facility_id: Mapped[str]
    erp_number: Mapped[str | None] = mapped_column(index=True)
    state: Mapped[str]
    parcel: Mapped[str | None]
    return_by: Mapped[date]
    created_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]
    expired_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    """When all that was awaited had come and was settled"""
    end_asked_by: Mapped[str | None]
    """Who of the desk asked to end it without its goods, or without the rest of them"""
    end_why: Mapped[str | None] = mapped_column(LongText)
    """What they said; the customer reads it"""
    version: Mapped[int] = mapped_column(default=1)


class RmaLineRow(Base):
    """One line of an RMA and the permit that let it in."""

    __tablename__ = "rma_line"
    id: Mapped[str] = mapped_column(primary_key=True)
    rma_id: Mapped[str] = mapped_column(sa.ForeignKey("rma.id"), index=True)
    line_id: Mapped[str] = mapped_column(sa.ForeignKey("return_line.id"))
    proposal_id: Mapped[str] = mapped_column(sa.ForeignKey("proposal.id"), unique=True)
    permit_id: Mapped[str]
    order_number: Mapped[str] = mapped_column(index=True)
    order_line: Mapped[int]
    sku: Mapped[str]
    quantity: Mapped[int]


class LabelRow(Base):
    """A bought label; the prints are blobs."""

    __tablename__ = "label"
    id: Mapped[str] = mapped_column(primary_key=True)
    rma_id: Mapped[str] = mapped_column(sa.ForeignKey("rma.id"), index=True)
    carrier: Mapped[str]
    service: Mapped[str]
    tracking_number: Mapped[str] = mapped_column(unique=True)
    sscc: Mapped[str] = mapped_column(index=True)
    drop_off_code: Mapped[str]
    cost_minor: Mapped[int]
    currency: Mapped[str]
    ship_by: Mapped[date]
    pdf_blob: Mapped[str]
    png_blob: Mapped[str]
    zpl_blob: Mapped[str]
    qr_blob: Mapped[str]
    voided_at: Mapped[datetime | None]
    parcel: Mapped[str | None]
    """What the scan says that tells where its parcel stands, with the carrier's time of it and its id"""
    scanned_at: Mapped[datetime | None]
    scan_id: Mapped[str | None]
    created_at: Mapped[datetime]


class ReplacementRow(Base):
    """A free order that sends the right goods for a return line."""

    __tablename__ = "replacement"
    id: Mapped[str] = mapped_column(primary_key=True)
    rma_id: Mapped[str] = mapped_column(sa.ForeignKey("rma.id"), index=True)
    line_id: Mapped[str] = mapped_column(sa.ForeignKey("return_line.id"))
    disposition_id: Mapped[str | None] = mapped_column(sa.ForeignKey("disposition.id"), unique=True)
    """The received pieces that it makes good; None for one that was sent before receipt"""
    sku: Mapped[str]
    quantity: Mapped[int]
    erp_number: Mapped[str]
    ships_on: Mapped[date]
    created_at: Mapped[datetime]
