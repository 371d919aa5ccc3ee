"""The tables of Backhaul itself: one history for SQLite and PostgreSQL.

Rows are plain records to the other rooms. Times are aware UTC; money is minor units
with its currency beside it.
DBOS and LangGraph keep their own tables elsewhere and are none of ours.
"""

import re
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """An aware UTC time on both databases; a naive one is refused before it is stored."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Refuse naive times; SQLite stores the UTC wall time."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive time {value!r} cannot be stored")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002 - signature of the base class
        """Give the time back aware."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""PostgreSQL keeps no NUL in text, and half of a surrogate pair is no character in any encoding."""


class Text(sa.types.TypeDecorator[str]):
    """What people wrote, on both databases: what cannot be stored becomes a replacement character."""

    impl = sa.String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:  # noqa: ARG002 - signature of the base class
        """Also done to what is searched for, so that what was kept is found again."""
        return value if value is None else _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", value)


class LongText(Text):
    """The same without a usual length."""

    impl = sa.Text
    cache_ok = True


BigId = sa.BigInteger().with_variant(sa.Integer, "sqlite")
"""SQLite counts up only a plain INTEGER key."""


class Base(DeclarativeBase):
    """Registry of all tables."""

    metadata = sa.MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        datetime: UtcDateTime(),
        dict[str, Any]: sa.JSON(),
        list[Any]: sa.JSON(),
        str: Text(),
    }


class ThreadRow(Base):
    """A conversation of one account. `handled_seq` is the last message a turn has answered."""

    __tablename__ = "thread"
    __table_args__ = (sa.Index("ix_thread_by_time", "created_at", "id"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[str] = mapped_column(index=True)
    contact_name: Mapped[str]
    order_scope: Mapped[str | None]
    """Set when the customer signed in with an order number: nothing outside that order may be shown."""
    channel: Mapped[str]
    opened_by: Mapped[str]
    created_at: Mapped[datetime]
    last_seq: Mapped[int] = mapped_column(default=0)
    handled_seq: Mapped[int] = mapped_column(default=0)
    episode: Mapped[int] = mapped_column(default=1)
    """Number of the graph thread in use; a finished or parked request starts the next one."""
    consumed_event: Mapped[int] = mapped_column(BigId, default=0)
    """Last thread event that a turn has answered."""
    noticed_event: Mapped[int] = mapped_column(BigId, default=0, server_default="0")
    """Last thread event that a letter was written about, or that needed none."""
    lock_holder: Mapped[str | None]
    lock_until: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]
    """When the words and photos were taken out; see `privacy.py`"""


class MessageRow(Base):
    """What was said, in order. The truth of a conversation; checkpoints are bookmarks."""

    __tablename__ = "message"
    __table_args__ = (sa.UniqueConstraint("thread_id", "seq"), sa.UniqueConstraint("thread_id", "dedupe_key"))
    id: Mapped[str] = mapped_column(primary_key=True)
    thread_id: Mapped[str] = mapped_column(sa.ForeignKey("thread.id"))
    seq: Mapped[int]
    author: Mapped[str]
    """customer, technician, agent, reviewer or system"""
    body: Mapped[str] = mapped_column(LongText)
    meta: Mapped[dict[str, Any]]
    dedupe_key: Mapped[str | None]
    created_at: Mapped[datetime]


class AttachmentRow(Base):
    """A file of a message: photos by content hash. `unusable` says in words why it is no evidence."""

    __tablename__ = "attachment"
    id: Mapped[str] = mapped_column(primary_key=True)
    thread_id: Mapped[str] = mapped_column(sa.ForeignKey("thread.id"), index=True)
    message_id: Mapped[str] = mapped_column(sa.ForeignKey("message.id"))
    blob: Mapped[str] = mapped_column(index=True)
    file_name: Mapped[str]
    media_type: Mapped[str]
    size_bytes: Mapped[int]
    line_hint: Mapped[int | None]
    """The customer named the n-th line of the request that this shows."""
    unusable: Mapped[str | None]
    created_at: Mapped[datetime]


class ThreadEventRow(Base):
    """Append-only news of a thread, for both processes and for the browser; the id is `Last-Event-ID`."""

    __tablename__ = "thread_event"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    thread_id: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str]
    payload: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class CaseRow(Base):
    """One request of a customer, with all its lines."""

    __tablename__ = "return_case"
    __table_args__ = (sa.Index("ix_return_case_by_time", "opened_at", "id"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    thread_id: Mapped[str] = mapped_column(sa.ForeignKey("thread.id"), index=True)
    account_id: Mapped[str] = mapped_column(index=True)
    opened_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class ReturnLineRow(Base):
    """One order line of a case; see domain ReturnLine."""

    __tablename__ = "return_line"
    id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(sa.ForeignKey("return_case.id"), index=True)
    position: Mapped[int]
    order_number: Mapped[str] = mapped_column(index=True)
    order_line: Mapped[int]
    sku: Mapped[str]
    description: Mapped[str]
    quantity: Mapped[int]
    reason: Mapped[str]
    condition: Mapped[str]
    resolution: Mapped[str]
    serials: Mapped[list[Any]]
    received_sku: Mapped[str | None]
    received_words: Mapped[str | None]
    created_at: Mapped[datetime]


class ClaimRow(Base):
    """What a reader took from the customer's words, with the words: the worker scores them again."""

    __tablename__ = "claim"
    id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(sa.ForeignKey("return_case.id"), index=True)
    line_id: Mapped[str] = mapped_column(sa.ForeignKey("return_line.id"))
    words: Mapped[str] = mapped_column(LongText)
    payload: Mapped[dict[str, Any]]
    reader: Mapped[str]
    confidence_permille: Mapped[int]
    created_at: Mapped[datetime]


class ConsentRow(Base):
    """What was read back and agreed to, bound by digest to the proposals it covers."""

    __tablename__ = "consent"
    id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(sa.ForeignKey("return_case.id"), index=True)
    digest: Mapped[str]
    shown: Mapped[str] = mapped_column(LongText)
    message_id: Mapped[str]
    given_by: Mapped[str]
    given_at: Mapped[datetime]
    graph_thread: Mapped[str]
    """The agent's bookmark that waits for the answer; empty when no graph waits."""
    decided_at: Mapped[datetime | None]
    """When every proposal it covers had its first verdict"""


class ProposalRow(Base):
    """See domain Proposal. Proposals of one consent are decided together as a group."""

    __tablename__ = "proposal"
    id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(sa.ForeignKey("return_case.id"), index=True)
    line_id: Mapped[str] = mapped_column(sa.ForeignKey("return_line.id"))
    action: Mapped[str]
    order_number: Mapped[str]
    order_line: Mapped[int]
    quantity: Mapped[int]
    serials: Mapped[list[Any]]
    reason: Mapped[str]
    resolution: Mapped[str]
    claim_id: Mapped[str] = mapped_column(sa.ForeignKey("claim.id"))
    consent_id: Mapped[str] = mapped_column(sa.ForeignKey("consent.id"), index=True)
    digest: Mapped[str]
    requested_by: Mapped[str]
    """From the session: `contact:<id>`, `cli:<user> for <account>`; never from arguments."""
    state: Mapped[str]
    """pending, permitted, denied, review, withdrawn: a projection of the verdicts"""
    program: Mapped[str | None]
    """Hash of what the proposing process ran, but for the policies; None before it was kept"""
    created_at: Mapped[datetime]


class VerdictRow(Base):
    """A decision with the facts as seen. Append-only."""

    __tablename__ = "verdict"
    id: Mapped[str] = mapped_column(primary_key=True)
    proposal_id: Mapped[str] = mapped_column(sa.ForeignKey("proposal.id"), index=True)
    case_id: Mapped[str] = mapped_column(index=True)
    action: Mapped[str]
    outcome: Mapped[str]
    message: Mapped[str] = mapped_column(LongText)
    would_change: Mapped[str | None] = mapped_column(LongText)
    facts: Mapped[dict[str, Any]]
    decision: Mapped[dict[str, Any]]
    """Rules with inputs and sources, table cells, clauses, counterfactual, as the engine gave them"""
    command: Mapped[dict[str, Any]]
    command_digest: Mapped[str]
    bundle_hash: Mapped[str]
    order_date: Mapped[date | None]
    """The days that picked the editions, and the place; None before they were kept"""
    decision_date: Mapped[date | None]
    facility: Mapped[str | None]
    release: Mapped[str | None]
    """Hash of the release that decided; None before it was kept"""
    decided_at: Mapped[datetime]


class ReviewRow(Base):
    """A decision that waits for a person."""

    __tablename__ = "review"
    __table_args__ = (
        sa.UniqueConstraint("proposal_id", "action", "subject"),
        sa.Index("ix_review_by_time", "opened_at", "id"),
        # The queue is read in the order of an index, whatever it is filtered by; see store.review_queue.
        sa.Index("ix_review_queue", "state", "place", "due_at", "id"),
        sa.Index("ix_review_queue_account", "state", "account_id", "place", "due_at", "id"),
        sa.Index("ix_review_queue_kind", "state", "kind", "place", "due_at", "id"),
        sa.Index("ix_review_queue_class", "state", "product_class", "place", "due_at", "id"),
        sa.Index("ix_review_decided", "decided_at", "id"),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(sa.ForeignKey("return_case.id"), index=True)
    thread_id: Mapped[str] = mapped_column(index=True)
    account_id: Mapped[str]
    kind: Mapped[str]
    """The effect and the rule that sent it here, such as `create_rma/WINDOW`; `person` without a proposal"""
    product_class: Mapped[str]
    """Of the goods it is about; empty where they are of several classes or unknown"""
    proposal_id: Mapped[str | None] = mapped_column(sa.ForeignKey("proposal.id"), index=True)
    """None when a person was asked for without a proposal"""
    action: Mapped[str | None]
    """The effect that waits: the RMA itself, or a later one such as a replacement"""
    subject: Mapped[str] = mapped_column(default="")
    """What a later effect is about, where a proposal can have several of a kind: one for each disposition"""
    asked_by: Mapped[str | None]
    """The member of staff who asked for the effect: somebody else has to approve it"""
    verdict_id: Mapped[str | None]
    state: Mapped[str]
    why: Mapped[str] = mapped_column(LongText)
    priority: Mapped[int]
    """Highest first; static, since all grow older alike. See `tools.review_worth`."""
    place: Mapped[int]
    """The priority with its sign turned, so that place, deadline and id in an index are the queue's order"""
    worth: Mapped[dict[str, Any] | None]
    """The arithmetic of the priority; None where nothing was worked out"""
    value_minor: Mapped[int]
    currency: Mapped[str]
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime]
    left_seconds: Mapped[int | None]
    """Working time until the deadline while the customer is asked; it goes on from there. Else None"""
    question: Mapped[str | None] = mapped_column(LongText)
    answer: Mapped[str | None] = mapped_column(LongText)
    note: Mapped[str | None] = mapped_column(LongText)
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    marked: Mapped[str | None]
    """Why it came back to the queue, such as "policy changed" """
    reason: Mapped[str | None]
    """Code of the last decision's reason, see domain.review_reasons"""
    expert: Mapped[str | None]
    """What an expert is asked for, as a code; None while none is"""
    posts_at: Mapped[datetime | None] = mapped_column(index=True)
    """Until when the decision about it can be undone; None when nobody has decided"""
    version: Mapped[int] = mapped_column(default=1)


class ApprovalRow(Base):
    """A reviewer's yes to exactly one command digest; one per person and review."""

    __tablename__ = "approval"
    __table_args__ = (sa.UniqueConstraint("review_id", "user_id"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    review_id: Mapped[str] = mapped_column(sa.ForeignKey("review.id"))
    proposal_id: Mapped[str] = mapped_column(index=True)
    user_id: Mapped[str]
    command_digest: Mapped[str]
    given_at: Mapped[datetime]
    void_at: Mapped[datetime | None]
