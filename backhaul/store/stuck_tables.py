"""What stands still and what people asked to be done about it; and what the engine could not finish."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from backhaul.store.tables import Base, LongText


class StuckWorkRow(Base):
    """A workflow that broke off. The worker writes it; the doors know nothing of the engine's own tables."""

    __tablename__ = "stuck_work"
    workflow_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    why: Mapped[str] = mapped_column(LongText)
    case_id: Mapped[str | None] = mapped_column(index=True)
    found_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]
    """When somebody asked to go on with it; the worker does so in its next round and drops the row"""


class StuckDeedRow(Base):
    """What a person asked to be done about something stuck. The doors add it, the worker does it, once."""

    __tablename__ = "stuck_deed"
    __table_args__ = (sa.Index("ix_stuck_deed_of_subject", "subject", "deed"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    """Made with the form, so that a second click asks nothing new"""
    stage: Mapped[str]
    subject: Mapped[str]
    deed: Mapped[str]
    """See domain StuckDeed"""
    why: Mapped[str] = mapped_column(LongText)
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    taken_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(LongText)
    review_id: Mapped[str | None]
    """The review it was handed over with"""
