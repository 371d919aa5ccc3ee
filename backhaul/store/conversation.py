"""Threads, messages, photos, news and the turn lock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from backhaul.domain.canonical import digest
from backhaul.domain.clock import Ids, id_from
from backhaul.domain.errors import NotFound
from backhaul.store import photo_looks, thread_words
from backhaul.store.tables import AttachmentRow, MessageRow, ThreadEventRow, ThreadRow
from backhaul.store.unit_of_work import UnitOfWork

# Put together once: building a statement takes SQLAlchemy about as long as SQLite takes to answer it.
_THREAD = sa.select(ThreadRow).where(ThreadRow.id == sa.bindparam("thread_id"))
_LOCK_THREAD = _THREAD.with_for_update(key_share=True).execution_options(populate_existing=True)
"""What was read of the thread before it was locked may be out of date."""
_SAID_BEFORE = sa.select(MessageRow.id).where(
    MessageRow.thread_id == sa.bindparam("thread_id"), MessageRow.dedupe_key == sa.bindparam("dedupe_key")
)
_NEXT_FROM = (
    sa.select(MessageRow)
    .where(
        MessageRow.thread_id == sa.bindparam("thread_id"),
        MessageRow.seq > sa.bindparam("after_seq"),
        MessageRow.author == sa.bindparam("author"),
    )
    .order_by(MessageRow.seq)
    .limit(1)
)
_PHOTO_COUNT = sa.select(sa.func.count()).where(AttachmentRow.message_id == sa.bindparam("message_id"))
_EVENTS_AFTER = (
    sa.select(ThreadEventRow)
    .where(ThreadEventRow.thread_id == sa.bindparam("thread_id"), ThreadEventRow.id > sa.bindparam("after"))
    .order_by(ThreadEventRow.id)
)
_EVENTS_OF_KINDS = _EVENTS_AFTER.where(ThreadEventRow.kind.in_(sa.bindparam("kinds", expanding=True)))

NEWS_CHANNEL = "thread_event"
"""PostgreSQL NOTIFY channel; the payload is the thread id."""
_NOTIFY = sa.select(sa.func.pg_notify(NEWS_CHANNEL, sa.bindparam("thread_id")))


@dataclass(frozen=True, slots=True)
class Speaker:
    """For whom a conversation is held, from the session and never from arguments.

    `requested_by` is `contact:<id>` for a customer and `cli:<user> for <account>` for an operator.
    `order_scope` is set when the customer proved only one order: nothing outside it may be shown.
    """

    account_id: str
    name: str
    requested_by: str
    order_scope: str | None = None


@dataclass(frozen=True, slots=True)
class Photo:
    """A stored file that came with a message. `unusable` says in words why it is no evidence.

    `looks` are its perceptual hashes, see tools.picture_looks; without any it is held against no other photo.
    """

    blob: str
    file_name: str
    media_type: str
    size_bytes: int
    line_hint: int | None = None
    unusable: str | None = None
    looks: tuple[str, ...] = ()


def open_thread(
    uow: UnitOfWork, ids: Ids, speaker: Speaker, *, channel: str, once: str | None = None
) -> ThreadRow:
    """Start a conversation; with a key that this speaker has used before, it is the one started then.

    The key is part of the conversation's id, so that of two requests at the same moment the database lets one
    start it and the other one finds it.
    """
    thread_id = _id_of(speaker, once) if once else ids.new("TH", 12)
    if once and (before := uow.session.get(ThreadRow, thread_id)) is not None:
        return before
    row = ThreadRow(
        id=thread_id,
        account_id=speaker.account_id,
        contact_name=speaker.name,
        order_scope=speaker.order_scope,
        channel=channel,
        opened_by=speaker.requested_by,
        created_at=uow.clock.now(),
        last_seq=0,
        handled_seq=0,
        episode=1,
        consumed_event=0,
    )
    try:
        with uow.session.begin_nested():
            uow.session.add(row)
    except IntegrityError:
        return thread(uow, thread_id)
    return row


def _id_of(speaker: Speaker, once: str) -> str:
    return id_from(
        "TH", digest([speaker.account_id, speaker.requested_by, speaker.order_scope, once]), length=12
    )


def thread(uow: UnitOfWork, thread_id: str, *, lock: bool = False) -> ThreadRow:
    """The thread, row-locked when asked; NotFound otherwise. A locked row is not asked for twice."""
    if thread_id in uow.locked_threads:
        return uow.locked_threads[thread_id]
    row = uow.session.scalars(_LOCK_THREAD if lock else _THREAD, {"thread_id": thread_id}).first()
    if row is None:
        raise NotFound("conversation", thread_id)
    if lock:
        uow.locked_threads[thread_id] = row
    return row


def threads_of(uow: UnitOfWork, account_id: str, *, opened_by: str | None = None) -> Sequence[ThreadRow]:
    """Conversations of an account, newest first."""
    query = sa.select(ThreadRow).where(ThreadRow.account_id == account_id)
    if opened_by is not None:
        query = query.where(ThreadRow.opened_by == opened_by)
    return uow.session.scalars(query.order_by(ThreadRow.created_at.desc())).all()


def has_channel(uow: UnitOfWork, channel: str) -> bool:
    """Whether any conversation came in that way."""
    query = sa.select(ThreadRow.id).where(ThreadRow.channel == channel).limit(1)
    return uow.session.scalar(query) is not None


def count_as_told(uow: UnitOfWork, channel: str) -> None:
    """Nothing that was said or happened in conversations of that channel is still to be answered."""
    newest = (
        sa.select(sa.func.max(ThreadEventRow.id))
        .where(ThreadEventRow.thread_id == ThreadRow.id)
        .scalar_subquery()
    )
    uow.session.execute(
        sa.update(ThreadRow)
        .where(ThreadRow.channel == channel)
        .values(handled_seq=ThreadRow.last_seq, consumed_event=sa.func.coalesce(newest, 0))
        .execution_options(synchronize_session=False)
    )


def add_message(
    uow: UnitOfWork,
    ids: Ids,
    thread_id: str,
    *,
    author: str,
    body: str,
    meta: Mapping[str, Any] | None = None,
    dedupe_key: str | None = None,
    photos: Sequence[Photo] = (),
) -> MessageRow | None:
    """Keep what was said and tell the listeners; `None` when that `dedupe_key` was said before.

    The thread row is locked, so that ten messages at once are ten messages in one order.
    """
    home = thread(uow, thread_id, lock=True)
    if dedupe_key is not None and _said_before(uow, thread_id, dedupe_key):
        return None
    home.last_seq += 1
    row = MessageRow(
        id=ids.new("MS", 12),
        thread_id=thread_id,
        seq=home.last_seq,
        author=author,
        body=body,
        meta=dict(meta or {}),
        dedupe_key=dedupe_key,
        created_at=uow.clock.now(),
    )
    uow.session.add(row)
    if author in thread_words.SPOKEN:
        thread_words.add(uow, thread_id, body)
    if photos:
        uow.session.flush()
    for photo in photos:
        _attach(uow, ids, row, photo)
    append_event(uow, thread_id, "message", {"message_id": row.id, "seq": row.seq, "author": author})
    return row


def _said_before(uow: UnitOfWork, thread_id: str, dedupe_key: str) -> bool:
    found = uow.session.scalar(_SAID_BEFORE, {"thread_id": thread_id, "dedupe_key": dedupe_key})
    return found is not None


def _attach(uow: UnitOfWork, ids: Ids, message: MessageRow, photo: Photo) -> None:
    row = AttachmentRow(
        id=ids.new("AT", 12),
        thread_id=message.thread_id,
        message_id=message.id,
        blob=photo.blob,
        file_name=photo.file_name,
        media_type=photo.media_type,
        size_bytes=photo.size_bytes,
        line_hint=photo.line_hint,
        unusable=photo.unusable,
        created_at=uow.clock.now(),
    )
    uow.session.add(row)
    if photo.looks:
        uow.session.flush()
        photo_looks.add(uow, row, photo.looks)


def messages(uow: UnitOfWork, thread_id: str, *, after_seq: int = 0) -> Sequence[MessageRow]:
    """What was said, in order."""
    query = sa.select(MessageRow).where(MessageRow.thread_id == thread_id, MessageRow.seq > after_seq)
    return uow.session.scalars(query.order_by(MessageRow.seq)).all()


def next_from(uow: UnitOfWork, thread_id: str, author: str, *, after_seq: int) -> MessageRow | None:
    """The first message of that author after a number."""
    wanted = {"thread_id": thread_id, "author": author, "after_seq": after_seq}
    return uow.session.scalars(_NEXT_FROM, wanted).first()


def photo_count(uow: UnitOfWork, message_id: str) -> int:
    """How many files came with a message."""
    return uow.session.scalar(_PHOTO_COUNT, {"message_id": message_id}) or 0


def attachments(uow: UnitOfWork, thread_id: str) -> Sequence[AttachmentRow]:
    """All files of a thread that were not erased, oldest first."""
    query = sa.select(AttachmentRow).where(AttachmentRow.thread_id == thread_id, AttachmentRow.blob != "")
    return uow.session.scalars(query.order_by(AttachmentRow.created_at, AttachmentRow.id)).all()


def blob_seen_elsewhere(uow: UnitOfWork, blob: str, thread_id: str) -> bool:
    """Whether the same picture was already sent in another conversation."""
    query = sa.select(AttachmentRow.id).where(
        AttachmentRow.blob == blob, AttachmentRow.thread_id != thread_id
    )
    return uow.session.scalar(query.limit(1)) is not None


def sent_elsewhere(uow: UnitOfWork, blob: str, thread_id: str) -> Sequence[AttachmentRow]:
    """The same picture in other conversations, oldest first."""
    query = sa.select(AttachmentRow).where(AttachmentRow.blob == blob, AttachmentRow.thread_id != thread_id)
    return uow.session.scalars(query.order_by(AttachmentRow.created_at, AttachmentRow.id)).all()


def append_event(uow: UnitOfWork, thread_id: str, kind: str, payload: Mapping[str, Any]) -> None:
    """Append news of a thread. The thread row is locked first, so that ids of one thread commit in order."""
    thread(uow, thread_id, lock=True)
    row = ThreadEventRow(thread_id=thread_id, kind=kind, payload=dict(payload), created_at=uow.clock.now())
    uow.session.add(row)
    if uow.session.get_bind().dialect.name == "postgresql":
        # Past the session, which would write out what is pending first; the news goes out with the commit.
        uow.session.connection().execute(_NOTIFY, {"thread_id": thread_id})


def events_after(
    uow: UnitOfWork, thread_id: str, after: int, kinds: Sequence[str] | None = None
) -> Sequence[ThreadEventRow]:
    """News of a thread after that event id, oldest first."""
    wanted = {"thread_id": thread_id, "after": after}
    if kinds is None:
        return uow.session.scalars(_EVENTS_AFTER, wanted).all()
    return uow.session.scalars(_EVENTS_OF_KINDS, {**wanted, "kinds": kinds}).all()


def newest_event_id(uow: UnitOfWork) -> int:
    """Highest event id of all threads."""
    return uow.session.scalar(sa.select(sa.func.max(ThreadEventRow.id))) or 0


def threads_with_news(uow: UnitOfWork, after: int) -> Sequence[str]:
    """Threads that have events after that id."""
    query = sa.select(ThreadEventRow.thread_id).where(ThreadEventRow.id > after).distinct()
    return uow.session.scalars(query).all()


def threads_to_answer(uow: UnitOfWork, kinds: Sequence[str]) -> Sequence[str]:
    """Threads with an unanswered message or unanswered news of those kinds: what is to do after downtime."""
    late_news = (
        sa.select(ThreadEventRow.thread_id)
        .join(ThreadRow, ThreadRow.id == ThreadEventRow.thread_id)
        .where(ThreadEventRow.id > ThreadRow.consumed_event, ThreadEventRow.kind.in_(kinds))
    )
    late_words = (
        sa.select(MessageRow.thread_id)
        .join(ThreadRow, ThreadRow.id == MessageRow.thread_id)
        .where(MessageRow.author == "customer", MessageRow.seq > ThreadRow.handled_seq)
    )
    return uow.session.scalars(sa.union(late_news, late_words)).all()


def take_turn_lock(uow: UnitOfWork, thread_id: str, holder: str, *, seconds: int) -> bool:
    """Take or renew the right to answer on a thread; False while somebody else holds it.

    A dead holder's lease ends after `seconds` of business time.
    """
    row = thread(uow, thread_id, lock=True)
    now = uow.clock.now()
    free = row.lock_holder in {None, holder} or row.lock_until is None or row.lock_until < now
    if free:
        row.lock_holder, row.lock_until = holder, now + timedelta(seconds=seconds)
    return free


def release_turn_lock(uow: UnitOfWork, thread_id: str, holder: str) -> None:
    """Give the right to answer back, if it is still held."""
    row = thread(uow, thread_id, lock=True)
    if row.lock_holder == holder:
        row.lock_holder, row.lock_until = None, None
