"""What the reader is taught here: corrections of what it read, heads trained on them, promotions."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from backhaul.store.tables import Base, BigId, LongText


class CorrectionRow(Base):
    """Somebody found that a customer's words say another reason than was read."""

    __tablename__ = "correction"
    id: Mapped[str] = mapped_column(primary_key=True)
    """Made of the id of the review or inspection: there is one for each"""
    case_id: Mapped[str] = mapped_column(sa.ForeignKey("return_case.id"), index=True)
    claim_id: Mapped[str] = mapped_column(sa.ForeignKey("claim.id"))
    account_id: Mapped[str] = mapped_column(index=True)
    words: Mapped[str] = mapped_column(LongText)
    """Without whom they lead to (domain.teachable); empty once dismissed or erased"""
    reason_read: Mapped[str]
    reason_right: Mapped[str]
    source: Mapped[str]
    """review or inspection"""
    noted_by: Mapped[str]
    noted_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(index=True)
    """noted, confirmed, dismissed, erased"""
    looked_by: Mapped[str | None]
    """Who gave the second look; never who noted it"""
    looked_at: Mapped[datetime | None]


class HeadsRow(Base):
    """Trained heads of the reader, by the hash of all they depend on; the file stands in the cache."""

    __tablename__ = "reader_heads"
    name: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str]
    """Of the file, checked whenever it is loaded"""
    corrections: Mapped[list[Any]]
    """Ids of the corrections it learnt from, in the order of learning"""
    figures: Mapped[dict[str, Any]]
    """How well it read what it had not seen, before and after; see cli.teaching"""
    trained_by: Mapped[str]
    trained_at: Mapped[datetime]
    compared: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    """The newest comparison with what was promoted then; None before one"""
    withdrawn_at: Mapped[datetime | None]
    """When words it learnt from were erased: it is never used again"""


class PromotionRow(Base):
    """Append-only: the newest entry says which heads both processes read with."""

    __tablename__ = "reader_promotion"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    heads: Mapped[str | None] = mapped_column(sa.ForeignKey("reader_heads.name"))
    """None is the heads that the shipped exemplars make"""
    kind: Mapped[str]
    """promoted, rollback or withdrawn"""
    by: Mapped[str]
    at: Mapped[datetime]
    why: Mapped[str] = mapped_column(LongText)
