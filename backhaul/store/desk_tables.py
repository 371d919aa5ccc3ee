"""What people of the desk decide, note down and compare."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from backhaul.store.tables import Base, LongText


class DecisionRow(Base):
    """One decision of a person about a review. It is posted, undone or lapsed once, and stays."""

    __tablename__ = "review_decision"
    id: Mapped[str] = mapped_column(primary_key=True)
    review_id: Mapped[str] = mapped_column(sa.ForeignKey("review.id"), index=True)
    act: Mapped[str]
    """See domain.review_reasons.ReviewAct"""
    reason: Mapped[str]
    """Code of the act's list; empty for a plain approval"""
    note: Mapped[str] = mapped_column(LongText)
    really: Mapped[str]
    """What the words really say, where the reviewer said so"""
    command_digest: Mapped[str]
    """The command that an approval is for; empty for every other act"""
    review_version: Mapped[int]
    """The version of the review that was decided on: another one is another review to decide"""
    is_told: Mapped[bool]
    """Whether the worker acts on it once it is posted"""
    decided_by: Mapped[str]
    decided_at: Mapped[datetime]
    posted_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]
    lapsed_at: Mapped[datetime | None]
    """The review changed before it was posted: nothing came of it"""


class CaseNoteRow(Base):
    """What a colleague noted down about a case. Never shown to a customer."""

    __tablename__ = "case_note"
    id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(sa.ForeignKey("return_case.id"), index=True)
    body: Mapped[str] = mapped_column(LongText)
    written_by: Mapped[str]
    written_at: Mapped[datetime]


class ReviewVectorRow(Base):
    """The customer's words of a review as a vector, and the decided reviews nearest to it."""

    __tablename__ = "review_vector"
    review_id: Mapped[str] = mapped_column(sa.ForeignKey("review.id"), primary_key=True)
    product_class: Mapped[str] = mapped_column(index=True)
    vector: Mapped[bytes]
    """384 signed bytes: a unit vector times 127"""
    nearest: Mapped[list[Any]]
    """Ids of decided reviews with their likeness in permille, nearest first"""
    looked_at: Mapped[datetime]
