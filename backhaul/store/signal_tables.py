"""What signals rest on and what they said: looks of photos, serials asked for, habits, tallies, fraud scores.

Only the worker writes them, but for the looks of a photo, which come with its upload. Nothing here permits
or denies anything.
"""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from backhaul.store.tables import Base, BigId


class PhotoLookRow(Base):
    """A perceptual hash of a photo, whole (`variant` 0) or of a part or its mirror image.

    The four quarters of the hash have an index each: hashes that differ in at most seven bits have a quarter
    that differs in at most one.
    """

    __tablename__ = "photo_look"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    attachment_id: Mapped[str] = mapped_column(sa.ForeignKey("attachment.id"), index=True)
    thread_id: Mapped[str]
    variant: Mapped[int]
    look: Mapped[str]
    """64 bits, 16 hexadecimal digits"""
    quarter_1: Mapped[int] = mapped_column(index=True)
    quarter_2: Mapped[int] = mapped_column(index=True)
    quarter_3: Mapped[int] = mapped_column(index=True)
    quarter_4: Mapped[int] = mapped_column(index=True)


class SerialAskedRow(Base):
    """A serial number that a proposal was about when the guard first judged it."""

    __tablename__ = "serial_asked"
    serial: Mapped[str] = mapped_column(primary_key=True)
    proposal_id: Mapped[str] = mapped_column(sa.ForeignKey("proposal.id"), primary_key=True)


class FraudScoreRow(Base):
    """The fraud score behind a verdict, with its reasons. Append-only; the customer never sees it."""

    __tablename__ = "fraud_score"
    __table_args__ = (sa.Index("ix_fraud_score_near_limits", "account_id", "scored_at"),)
    verdict_id: Mapped[str] = mapped_column(sa.ForeignKey("verdict.id"), primary_key=True)
    proposal_id: Mapped[str] = mapped_column(sa.ForeignKey("proposal.id"), index=True)
    account_id: Mapped[str]
    score_permille: Mapped[int]
    findings: Mapped[list[Any]]
    """Code, points, sentence, and what it was compared with"""
    unknown: Mapped[list[Any]]
    """In a sentence each, what could not be looked at"""
    near_limit: Mapped[str]
    """The limit of the policy that the amount lies just under; empty for none"""
    scored_at: Mapped[datetime]


class AccountHabitRow(Base):
    """What an account bought and asked to return in the half year up to a day; counted daily."""

    __tablename__ = "account_habit"
    account_id: Mapped[str] = mapped_column(primary_key=True)
    tier: Mapped[str] = mapped_column(index=True)
    lines_bought: Mapped[int]
    lines_returned: Mapped[int]
    as_of: Mapped[date]


class AccountTieRow(Base):
    """What accounts can have in common: a digest of a delivery address, a telephone number or an e-mail."""

    __tablename__ = "account_tie"
    kind: Mapped[str] = mapped_column(primary_key=True)
    mark: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[str] = mapped_column(primary_key=True, index=True)


class DispositionTallyRow(Base):
    """How often goods of a kind went which way: one count for each disposition that was posted."""

    __tablename__ = "disposition_tally"
    product_class: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str] = mapped_column(primary_key=True)
    condition: Mapped[str] = mapped_column(primary_key=True)
    age: Mapped[str] = mapped_column(primary_key=True)
    worth: Mapped[str] = mapped_column(primary_key=True)
    chosen: Mapped[str] = mapped_column(primary_key=True)
    times: Mapped[int]


class ReviewHabitRow(Base):
    """How reviews of a kind went in the half year up to a day: counted once a business day."""

    __tablename__ = "review_habit"
    kind: Mapped[str] = mapped_column(primary_key=True)
    decided: Mapped[int]
    turned_down: Mapped[int]
    timed: Mapped[int]
    seconds: Mapped[int]
    """Of all that were timed, added up"""
    as_of: Mapped[date]


class FacilityAdviceRow(Base):
    """Where the goods of a review would go at what cost. Advice: the policy routes."""

    __tablename__ = "facility_advice"
    review_id: Mapped[str] = mapped_column(sa.ForeignKey("review.id"), primary_key=True)
    advice: Mapped[dict[str, Any]]
    made_at: Mapped[datetime]
