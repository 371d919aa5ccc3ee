"""Programs that are told of news by us: where, of what, and what became of each message."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from backhaul.store.tables import Base, BigId, LongText


class WebhookEndpointRow(Base):
    """An address that wants to be told. Its secret is stored nowhere: it is made from a key of the home."""

    __tablename__ = "webhook_endpoint"
    id: Mapped[str] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(LongText)
    types: Mapped[list[Any]]
    """Types of news it wants; empty means all"""
    account_id: Mapped[str | None]
    """The account whose news it is told; None: everybody's"""
    since_event: Mapped[int] = mapped_column(BigId)
    """The newest thread event when it was added: it is told of what comes after"""
    added_by: Mapped[str]
    added_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_why: Mapped[str] = mapped_column(default="")


class WebhookDeliveryRow(Base):
    """One message to one endpoint, until it was taken or given up. Times are the machine's."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        sa.UniqueConstraint("endpoint_id", "event_id"),
        sa.Index("ix_webhook_delivery_due", "state", "next_at"),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    """`webhook-id`, by which the receiver knows a message that comes again"""
    endpoint_id: Mapped[str] = mapped_column(sa.ForeignKey("webhook_endpoint.id"))
    event_id: Mapped[int | None] = mapped_column(BigId)
    """The thread event it tells of; None for a test"""
    type: Mapped[str]
    body: Mapped[str] = mapped_column(LongText)
    """What is signed and sent, byte for byte the same each time"""
    state: Mapped[str]
    """waiting, delivered, given_up"""
    attempts: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime]
    next_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(default="")
    """What the last try came to, in a few words"""
