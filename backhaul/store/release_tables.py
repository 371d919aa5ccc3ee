"""Releases: what was proposed, who signed it, and what was in force from when on."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from backhaul.store.tables import Base, BigId, LongText


class ReleaseRow(Base):
    """A release by its hash. Until it is signed its author may propose it again with another gate."""

    __tablename__ = "release"
    hash: Mapped[str] = mapped_column(primary_key=True)
    components: Mapped[dict[str, Any]]
    """The manifest, from which the hash is computed again wherever it counts"""
    proposed_by: Mapped[str]
    proposed_at: Mapped[datetime]
    note: Mapped[str] = mapped_column(LongText)
    gate: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    """{result, run, figures}, see domain Gate; None while it was not examined"""


class ReleaseSignatureRow(Base):
    """The name of a second person under a release; there is one."""

    __tablename__ = "release_signature"
    release_hash: Mapped[str] = mapped_column(sa.ForeignKey("release.hash"), primary_key=True)
    signed_by: Mapped[str]
    signed_at: Mapped[datetime]


class ReleaseInForceRow(Base):
    """Append-only: the newest entry says which release may decide by itself."""

    __tablename__ = "release_in_force"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    release_hash: Mapped[str] = mapped_column(sa.ForeignKey("release.hash"))
    since: Mapped[datetime]
    put_by: Mapped[str]
    kind: Mapped[str]
    """signed or rollback"""
