"""What was taken in without a conversation: service notes, open RMAs of elsewhere, and who may send them."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from backhaul.store.tables import Base


class ServiceNoteRow(Base):
    """A note or an open RMA as it was taken in. Its words stand in its thread, and only there."""

    __tablename__ = "service_note"
    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    """note or open_rma"""
    account_id: Mapped[str]
    external_id: Mapped[str | None] = mapped_column(index=True)
    """The number it has where it comes from; for an open RMA the RMA's"""
    words_digest: Mapped[str]
    """Of the words without case, spaces and punctuation"""
    noted_on: Mapped[date]
    case_id: Mapped[str] = mapped_column(sa.ForeignKey("return_case.id"), index=True)
    review_id: Mapped[str] = mapped_column(sa.ForeignKey("review.id"), index=True)
    taken_in_by: Mapped[str]
    """`cli:<user>` or `key:<name>`"""
    taken_in_at: Mapped[datetime]

    __table_args__ = (sa.Index("ix_service_note_words", "account_id", "words_digest"),)


class NotedItemRow(Base):
    """One thing that a note asks about, as it was read: a claim that is no return line yet.

    What the words do not say stays empty in `item`; a person fills it in, and then it becomes a line with a
    claim of its own.
    """

    __tablename__ = "noted_item"
    __table_args__ = (sa.UniqueConstraint("note_id", "position"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    note_id: Mapped[str] = mapped_column(sa.ForeignKey("service_note.id"))
    position: Mapped[int]
    order_number: Mapped[str | None] = mapped_column(index=True)
    """The order line that it can only mean; None while several or none fit"""
    order_line: Mapped[int | None]
    quantity: Mapped[int | None]
    serials: Mapped[list[Any]]
    item: Mapped[dict[str, Any]]
    """See intake NotedItem"""
    reader: Mapped[str]
    confidence_permille: Mapped[int]


class ApiKeyRow(Base):
    """A program that may send things in. Of its secret only the SHA-256 is kept: it has 256 random bits."""

    __tablename__ = "api_key"
    name: Mapped[str] = mapped_column(primary_key=True)
    secret_sha256: Mapped[str] = mapped_column(unique=True)
    scopes: Mapped[list[Any]]
    account_id: Mapped[str | None]
    """The account it is bound to; None: a program of the house, for all of them"""
    added_by: Mapped[str]
    added_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class ApiAnswerRow(Base):
    """What a program was answered, so that the same request again changes nothing and is told the same."""

    __tablename__ = "api_answer"
    key_name: Mapped[str] = mapped_column(primary_key=True)
    idempotency_key: Mapped[str] = mapped_column(primary_key=True)
    body_digest: Mapped[str]
    status: Mapped[int]
    answer: Mapped[dict[str, Any]]
    given_at: Mapped[datetime] = mapped_column(index=True)
