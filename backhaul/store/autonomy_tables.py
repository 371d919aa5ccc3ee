"""Blind second readings, and segments that were closed because of them."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from backhaul.store.tables import Base, BigId, LongText


class BlindDrawRow(Base):
    """A decision that a person reads without being told how the machine read it; the worker writes it."""

    __tablename__ = "blind_draw"
    proposal_id: Mapped[str] = mapped_column(sa.ForeignKey("proposal.id"), primary_key=True)
    unit: Mapped[str] = mapped_column(unique=True)
    """Keyed hash of what was drawn: the order line, and how often it was permitted before"""
    draw: Mapped[int]
    """Below domain DRAWS; taken because it was below the share"""
    share_permille: Mapped[int]
    stratum: Mapped[str]
    product_class: Mapped[str]
    value_band: Mapped[str]
    confidence_permille: Mapped[int]
    floor_permille: Mapped[int]
    order_line: Mapped[int]
    quantity: Mapped[int]
    reason: Mapped[str]
    outcome: Mapped[str]
    """What the machine would have done by itself"""
    reader: Mapped[str]
    release: Mapped[str | None]
    drawn_at: Mapped[datetime] = mapped_column(index=True)


class BlindLabelRow(Base):
    """What a person took a drawn request to be, before they saw anything else. Append-only, one a draw."""

    __tablename__ = "blind_label"
    proposal_id: Mapped[str] = mapped_column(sa.ForeignKey("blind_draw.proposal_id"), primary_key=True)
    order_line: Mapped[int]
    """0 for none of the lines of the order"""
    quantity: Mapped[int]
    reason: Mapped[str]
    """Empty for a request that asks for no return"""
    outcome: Mapped[str]
    said_by: Mapped[str]
    said_at: Mapped[datetime]


class AutonomyHoldRow(Base):
    """A segment that decides nothing by itself until somebody lifts the hold."""

    __tablename__ = "autonomy_hold"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    product_class: Mapped[str]
    """Empty for everything"""
    value_band: Mapped[str]
    why: Mapped[str] = mapped_column(LongText)
    figures: Mapped[dict[str, Any]]
    set_at: Mapped[datetime]
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[str | None]
    lifted_why: Mapped[str | None] = mapped_column(LongText)
