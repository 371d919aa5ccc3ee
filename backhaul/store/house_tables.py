"""People and housekeeping: staff, sessions, letters, deadlines, heartbeats, the clock and the audit log."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from backhaul.store.tables import Base, BigId, LongText


class StaffRow(Base):
    """A member of staff. `roles` are values of domain Role."""

    __tablename__ = "staff"
    id: Mapped[str] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    roles: Mapped[list[Any]]
    password_hash: Mapped[str]
    active: Mapped[bool]
    demo: Mapped[bool]
    created_at: Mapped[datetime]


class SessionRow(Base):
    """A signed-in browser or operator key. The id is a hash of the cookie's secret."""

    __tablename__ = "session"
    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    """customer or staff"""
    subject: Mapped[str] = mapped_column(index=True)
    account_id: Mapped[str | None]
    contact_name: Mapped[str]
    order_scope: Mapped[str | None]
    browser: Mapped[str] = mapped_column(default="", server_default="")
    """What it is in, such as "Firefox on Linux", so that people know their sessions apart"""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class ProviderSignInRow(Base):
    """A sign-in at the company's own provider that is under way; see web/provider.py."""

    __tablename__ = "provider_sign_in"
    id: Mapped[str] = mapped_column(primary_key=True)
    """Keyed hash of the state, with the secret of the browser that began it"""
    nonce: Mapped[str]
    code_verifier: Mapped[str]
    expires_at: Mapped[datetime]


class LoginCodeRow(Base):
    """A one-time code sent by e-mail, kept only as a keyed hash."""

    __tablename__ = "login_code"
    id: Mapped[str] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(index=True)
    code_hash: Mapped[str]
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class LetterRow(Base):
    """A letter to a customer, by key: the demo's mailbox, and the record of what was sent."""

    __tablename__ = "letter"
    key: Mapped[str] = mapped_column(primary_key=True)
    recipient: Mapped[str] = mapped_column(index=True)
    subject: Mapped[str]
    body: Mapped[str] = mapped_column(LongText)
    attachments: Mapped[list[Any]]
    """[{file_name, media_type, blob}]"""
    created_at: Mapped[datetime]


class DueRow(Base):
    """A business deadline, swept by `tick`."""

    __tablename__ = "due"
    __table_args__ = (sa.UniqueConstraint("kind", "subject"), sa.Index("ix_due_open", "fired_at", "due_at"))
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    kind: Mapped[str]
    subject: Mapped[str]
    due_at: Mapped[datetime]
    fired_at: Mapped[datetime | None]


class InboxEventRow(Base):
    """Events from outside, once each."""

    __tablename__ = "inbox_event"
    source: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(primary_key=True)
    payload: Mapped[dict[str, Any]]
    received_at: Mapped[datetime]


class EventCursorRow(Base):
    """How far a source was read; what it told us by itself moves no cursor."""

    __tablename__ = "event_cursor"
    source: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[str]


class StrayParcelRow(Base):
    """A parcel that was scanned under a number we know no label of; a person settles it."""

    __tablename__ = "stray_parcel"
    source: Mapped[str] = mapped_column(primary_key=True)
    tracking_number: Mapped[str] = mapped_column(primary_key=True)
    parcel: Mapped[str]
    scanned_at: Mapped[datetime]
    scan_id: Mapped[str]
    place: Mapped[str]
    first_heard_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[str | None]


class HeartbeatRow(Base):
    """A living worker; older than 15 s means decisions are delayed."""

    __tablename__ = "worker_heartbeat"
    executor_id: Mapped[str] = mapped_column(primary_key=True)
    started_at: Mapped[datetime]
    beat_at: Mapped[datetime]
    bundle_hash: Mapped[str]
    policy_problem: Mapped[str | None]
    """Why the newest policy files were not taken, when the last good bundle is still in use"""


class ReapRow(Base):
    """How much of the crashes of workers is laid to a workflow; see `heartbeat.blame`."""

    __tablename__ = "reap"
    workflow_id: Mapped[str] = mapped_column(primary_key=True)
    times: Mapped[int]
    """Crashes, in twelfths"""
    step: Mapped[str] = mapped_column(server_default="")
    """The one that it was in at the last of them; empty when nobody could tell"""
    last_at: Mapped[datetime]


class ClockRow(Base):
    """How far demo or tests moved the business clock, in seconds."""

    __tablename__ = "clock"
    id: Mapped[int] = mapped_column(primary_key=True)
    offset_seconds: Mapped[int]


class AuditRow(Base):
    """Append-only and hash-chained per case; holds ids and keyed hashes, no personal data."""

    __tablename__ = "audit_event"
    __table_args__ = (sa.UniqueConstraint("chain", "seq"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    chain: Mapped[str]
    """Case id, or `system`"""
    seq: Mapped[int]
    at: Mapped[datetime]
    actor: Mapped[str]
    tag: Mapped[str] = mapped_column(index=True)
    subject: Mapped[str]
    facts: Mapped[dict[str, Any]]
    previous_hash: Mapped[str]
    hash: Mapped[str]
