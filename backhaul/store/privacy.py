"""Forgetting a person: the words and photos of conversations go, what the books need stays.

Orders, quantities, decisions, money, what the dock saw and the audit log are kept, under ids that lead to
nobody once the contact has left the ERP. The log is added to and never changed, so it verifies as before.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from backhaul.domain.audit import Tag
from backhaul.domain.returns import OVER
from backhaul.store import reviews, thread_words
from backhaul.store.blobs import BlobStore
from backhaul.store.desk_tables import CaseNoteRow, DecisionRow, ReviewVectorRow
from backhaul.store.dock_tables import InspectionRow, ReceiptRow
from backhaul.store.effect_tables import LabelRow, RmaRow
from backhaul.store.house_tables import LetterRow, LoginCodeRow, SessionRow
from backhaul.store.money_tables import ClaimAnswerRow, ClaimEvidenceRow, VendorClaimRow
from backhaul.store.note_tables import NotedItemRow, ServiceNoteRow
from backhaul.store.queue_tables import ReviewLeaseRow
from backhaul.store.signal_tables import AccountHabitRow, AccountTieRow, FraudScoreRow, PhotoLookRow
from backhaul.store.tables import (
    AttachmentRow,
    Base,
    CaseRow,
    ClaimRow,
    ConsentRow,
    MessageRow,
    ReturnLineRow,
    ReviewRow,
    ThreadEventRow,
    ThreadRow,
)
from backhaul.store.unit_of_work import Store, UnitOfWork

ERASED = "(erased)"
"""What stands where words stood"""
_BLOBS: tuple[sa.ColumnElement[str], ...] = tuple(
    sa.cast(column, sa.Text)
    for column in (
        AttachmentRow.blob,
        ReceiptRow.photos,
        InspectionRow.photos,
        ClaimAnswerRow.photos,
        ClaimEvidenceRow.photos,
        VendorClaimRow.packet_blob,
        LetterRow.attachments,
        LabelRow.pdf_blob,
        LabelRow.png_blob,
        LabelRow.zpl_blob,
        LabelRow.qr_blob,
    )
)
"""Wherever a file of the house is named"""


@dataclass(frozen=True, slots=True)
class Person:
    """Whose data it is: one contact of an account, or with `contact_id` None the account with all of them."""

    account_id: str
    contact_id: str | None
    names: tuple[str, ...]
    emails: tuple[str, ...]
    contact_ids: tuple[str, ...]

    @property
    def id(self) -> str:
        return self.contact_id or self.account_id


def threads_of(uow: UnitOfWork, person: Person) -> Sequence[ThreadRow]:
    """The person's conversations, those that somebody held for them too."""
    query = sa.select(ThreadRow).where(ThreadRow.account_id == person.account_id)
    if person.contact_id is not None:
        query = query.where(
            sa.or_(
                ThreadRow.opened_by == f"contact:{person.contact_id}",
                ThreadRow.contact_name.in_(person.names),
            )
        )
    return uow.session.scalars(query.order_by(ThreadRow.id)).all()


def opened_by(uow: UnitOfWork, speaker: str) -> Sequence[ThreadRow]:
    """Conversations that somebody began, by `contact:<id>`."""
    return uow.session.scalars(sa.select(ThreadRow).where(ThreadRow.opened_by == speaker)).all()


def cases_of(uow: UnitOfWork, threads: Iterable[str]) -> Sequence[str]:
    """The cases of conversations."""
    return uow.session.scalars(
        sa.select(CaseRow.id).where(CaseRow.thread_id.in_(threads)).order_by(CaseRow.id)
    ).all()


def under_way(uow: UnitOfWork, threads: Sequence[str]) -> list[str]:
    """What still needs the words: returns that are not over, and reviews that wait."""
    rmas = sa.select(RmaRow.id).join(CaseRow).where(CaseRow.thread_id.in_(threads), RmaRow.state.not_in(OVER))
    waiting = sa.select(ReviewRow.id).where(
        ReviewRow.thread_id.in_(threads), ReviewRow.state.in_(reviews.OPEN_STATES)
    )
    return [*uow.session.scalars(rmas), *uow.session.scalars(waiting)]


def forget_at_the_doors(uow: UnitOfWork, person: Person) -> None:
    """Erase sessions, codes and letters, and what was worked out about a whole account."""
    do = uow.session.execute
    do(sa.delete(SessionRow).where(SessionRow.kind == "customer", SessionRow.subject.in_(person.contact_ids)))
    do(sa.delete(LoginCodeRow).where(LoginCodeRow.email.in_(person.emails)))
    emptied = {"recipient": "", "subject": "", "body": "", "attachments": []}
    do(sa.update(LetterRow).where(sa.func.lower(LetterRow.recipient).in_(person.emails)).values(**emptied))
    if person.contact_id is None:
        do(sa.delete(AccountTieRow).where(AccountTieRow.account_id == person.account_id))
        do(sa.delete(AccountHabitRow).where(AccountHabitRow.account_id == person.account_id))
        mine = FraudScoreRow.account_id == person.account_id
        do(sa.update(FraudScoreRow).where(mine).values(findings=[], unknown=[]))


def erase_words(uow: UnitOfWork, threads: Sequence[ThreadRow], *, actor: str, tag: Tag) -> list[str]:
    """Take the words and photos out of conversations; the blobs that may be unused from now on.

    Each case gets an event that says so in its chain, and a conversation without one in that of the system.
    """
    _scrub(uow)
    blobs: list[str] = []
    for thread in threads:
        gone = _erase(uow, thread)
        blobs += gone
        facts = {"thread": thread.id, "photos": len(gone)}
        for case in cases_of(uow, [thread.id]) or (None,):
            uow.record(tag, actor=actor, subject=case or thread.id, case_id=case, facts=facts)
    return blobs


def _scrub(uow: UnitOfWork) -> None:
    """SQLite leaves what was deleted in free pages of its file, unless it is told to overwrite it."""
    if uow.session.get_bind().dialect.name == "sqlite":
        uow.session.execute(sa.text("PRAGMA secure_delete = ON"))


def _erase(uow: UnitOfWork, thread: ThreadRow) -> list[str]:
    of_thread = sa.select(AttachmentRow.blob).where(AttachmentRow.thread_id == thread.id)
    blobs = [blob for blob in uow.session.scalars(of_thread) if blob]
    thread.contact_name, thread.erased_at = "", uow.clock.now()
    newest = sa.select(sa.func.max(ThreadEventRow.id)).where(ThreadEventRow.thread_id == thread.id)
    thread.handled_seq = thread.last_seq
    thread.consumed_event = uow.session.scalar(newest) or thread.consumed_event
    uow.session.flush()
    for table, column in ((MessageRow, "body"), (ReviewRow, "question"), (ReviewRow, "answer")):
        _blank(uow, table, column, thread_id=thread.id)
    _blank(uow, ReviewRow, "note", thread_id=thread.id)
    _erase_decisions(uow, thread.id)
    _set(uow, MessageRow, {"meta": {}}, thread_id=thread.id)
    _set(uow, ThreadEventRow, {"payload": {}}, thread_id=thread.id)
    _set(uow, ReviewRow, {"why": ERASED}, thread_id=thread.id, proposal_id=None)
    uow.session.execute(sa.delete(PhotoLookRow).where(PhotoLookRow.thread_id == thread.id))
    emptied = {"blob": "", "file_name": ERASED, "size_bytes": 0}
    _set(uow, AttachmentRow, emptied, thread_id=thread.id)
    for case in cases_of(uow, [thread.id]):
        _erase_case(uow, case)
    return blobs


def _erase_decisions(uow: UnitOfWork, thread_id: str) -> None:
    """What reviewers wrote when they decided, and what compares and finds cases by their words."""
    of_thread = sa.select(ReviewRow.id).where(ReviewRow.thread_id == thread_id)
    note = sa.update(DecisionRow).where(DecisionRow.review_id.in_(of_thread), DecisionRow.note != "")
    uow.session.execute(note.values(note=ERASED).execution_options(synchronize_session=False))
    told = sa.update(ReviewLeaseRow).where(
        ReviewLeaseRow.review_id.in_(of_thread), ReviewLeaseRow.why.is_not(None)
    )
    uow.session.execute(told.values(why=ERASED).execution_options(synchronize_session=False))
    uow.session.execute(sa.delete(ReviewVectorRow).where(ReviewVectorRow.review_id.in_(of_thread)))
    thread_words.forget(uow, thread_id)


def _erase_case(uow: UnitOfWork, case: str) -> None:
    _blank(uow, CaseNoteRow, "body", case_id=case)
    _blank(uow, ReturnLineRow, "received_words", case_id=case)
    _blank(uow, ConsentRow, "shown", case_id=case)
    _blank(uow, RmaRow, "end_why", case_id=case)
    _blank(uow, ClaimRow, "words", case_id=case)
    for claim in uow.session.scalars(sa.select(ClaimRow).where(ClaimRow.case_id == case)):
        # What was read is part of the decision; where in the words it stood, and what else they said, is not.
        claim.payload = {name: claim.payload[name] for name in ("reason",) if name in claim.payload}
    rmas = sa.select(RmaRow.id).where(RmaRow.case_id == case)
    note = sa.update(ReceiptRow).where(ReceiptRow.rma_id.in_(rmas), ReceiptRow.note != "")
    uow.session.execute(note.values(note=ERASED).execution_options(synchronize_session=False))
    notes = sa.select(ServiceNoteRow.id).where(ServiceNoteRow.case_id == case)
    uow.session.execute(
        sa.update(NotedItemRow)
        .where(NotedItemRow.note_id.in_(notes))
        .values(item={}, serials=[])
        .execution_options(synchronize_session=False)
    )
    _set(uow, ServiceNoteRow, {"words_digest": ""}, case_id=case)
    uow.session.flush()


def _blank(uow: UnitOfWork, table: type[Base], column: str, **where: str) -> None:
    found = sa.update(table).filter_by(**where).where(getattr(table, column).is_not(None))
    uow.session.execute(found.values({column: ERASED}).execution_options(synchronize_session=False))


def _set(uow: UnitOfWork, table: type[Base], values: dict[str, object], **where: str | None) -> None:
    found = sa.update(table).filter_by(**where).values(values)
    uow.session.execute(found.execution_options(synchronize_session=False))


def delete_unused(uow: UnitOfWork, blobs: BlobStore, names: Iterable[str]) -> int:
    """Delete files that no row names any longer; how many those were. Call it after the rows are stored."""
    gone = 0
    for name in set(names):
        named = (
            uow.session.scalar(sa.select(sa.literal(1)).where(one.contains(name)).limit(1)) for one in _BLOBS
        )
        if not any(named):
            blobs.delete(name)
            gone += 1
    return gone


def overwrite(store: Store) -> None:
    """Move what was written into the file itself: SQLite keeps old pages in its log until then.

    When another process reads just now, the log is emptied by whoever closes the database last.
    """
    if not store.is_postgres:
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
