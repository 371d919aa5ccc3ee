"""What the queue of the exception desk keeps beside the reviews: leases, snoozes, and words to search for."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from backhaul.store.tables import Base, BigId, LongText, Text

_Bytewise = Text().with_variant(sa.String(collation="C"), "postgresql")
"""Sorted by bytes on both databases, so that what begins alike stands together"""
_NOT_ENDED = sa.text("ended_at IS NULL")


class ReviewLeaseRow(Base):
    """That somebody works on a review, and until when. Former ones stay, with how they came about.

    The partial index lets the database itself refuse a second one that has not ended.
    """

    __tablename__ = "review_lease"
    __table_args__ = (
        sa.Index(
            "uq_review_lease_not_ended",
            "review_id",
            unique=True,
            sqlite_where=_NOT_ENDED,
            postgresql_where=_NOT_ENDED,
        ),
        sa.Index("ix_review_lease_holder", "holder", "ended_at"),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    review_id: Mapped[str] = mapped_column(sa.ForeignKey("review.id"), index=True)
    holder: Mapped[str]
    """Id of the member of staff"""
    how: Mapped[str]
    """See store.review_leases How"""
    given_by: Mapped[str | None]
    """Who handed it over, or from whom it was taken"""
    why: Mapped[str | None] = mapped_column(LongText)
    """The reason of whoever took it over, or what was said with it"""
    taken_at: Mapped[datetime]
    until: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    """Given back, handed over, taken over or decided; None also after `until`, while nobody has claimed it"""


class ReviewSnoozeRow(Base):
    """A review that is set aside until a moment, or until something changes.

    How review and conversation stood is kept: whatever moves one of them on ends the snooze by itself.
    """

    __tablename__ = "review_snooze"
    review_id: Mapped[str] = mapped_column(sa.ForeignKey("review.id"), primary_key=True)
    until: Mapped[datetime] = mapped_column(index=True)
    by: Mapped[str]
    """Id of the member of staff"""
    set_at: Mapped[datetime]
    version: Mapped[int]
    verdict_id: Mapped[str]
    """Empty for a review without one"""
    thread_id: Mapped[str] = mapped_column(sa.ForeignKey("thread.id"))
    last_seq: Mapped[int]


class ThreadWordRow(Base):
    """A word or number that was said in a conversation by a customer or a technician, to be searched for."""

    __tablename__ = "thread_word"
    __table_args__ = (sa.Index("ix_thread_word_thread", "thread_id"), {"sqlite_with_rowid": False})
    word: Mapped[str] = mapped_column(_Bytewise, primary_key=True)
    thread_id: Mapped[str] = mapped_column(sa.ForeignKey("thread.id"), primary_key=True)
