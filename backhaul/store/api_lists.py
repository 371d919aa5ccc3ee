"""Long lists for programs, a page at a time: the newest first, from where the page before it ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from backhaul.store.effect_tables import RmaRow
from backhaul.store.note_tables import ServiceNoteRow
from backhaul.store.notes import CHANNELS
from backhaul.store.tables import CaseRow, MessageRow, ProposalRow, ReviewRow, ThreadRow
from backhaul.store.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended: the time and the id of its last row."""

    at: datetime
    id: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows: at most `limit` after a place, of an account or of all, in a state or in any."""

    limit: int
    after: Place | None = None
    account_id: str | None = None
    state: str | None = None
    with_notes: bool = True
    """Whether what came in as a note belongs to it; customers do not know of those"""


def threads(uow: UnitOfWork, wanted: Wanted) -> Sequence[ThreadRow]:
    """Conversations; the threads that notes are kept in only for the house."""
    query = _of_account(sa.select(ThreadRow), ThreadRow.account_id, wanted)
    if not wanted.with_notes:
        query = query.where(ThreadRow.channel.not_in(CHANNELS))
    return uow.session.scalars(_page(query, ThreadRow.created_at, ThreadRow.id, wanted)).all()


def cases(uow: UnitOfWork, wanted: Wanted) -> Sequence[CaseRow]:
    """Cases; those of notes that nobody has asked for yet only for the house."""
    query = _of_account(sa.select(CaseRow), CaseRow.account_id, wanted)
    if not wanted.with_notes:
        query = query.where(CaseRow.id.not_in(_only_noted()))
    return uow.session.scalars(_page(query, CaseRow.opened_at, CaseRow.id, wanted)).all()


def is_only_noted(uow: UnitOfWork, case_id: str) -> bool:
    """Whether a note led to the case and nothing was asked for yet: the customer does not know of it."""
    return uow.session.scalar(_only_noted().where(ServiceNoteRow.case_id == case_id)) is not None


def _only_noted() -> sa.Select[str]:
    asked_for = sa.select(ProposalRow.id).where(ProposalRow.case_id == ServiceNoteRow.case_id)
    return sa.select(ServiceNoteRow.case_id).where(~asked_for.exists())


def messages(uow: UnitOfWork, thread_id: str, *, after: int, limit: int) -> Sequence[MessageRow]:
    """What was said after a message, in order."""
    query = sa.select(MessageRow).where(MessageRow.thread_id == thread_id, MessageRow.seq > after)
    return uow.session.scalars(query.order_by(MessageRow.seq).limit(limit)).all()


def rmas(uow: UnitOfWork, wanted: Wanted) -> Sequence[RmaRow]:
    """RMAs in whatever state."""
    query = _of_account(sa.select(RmaRow), RmaRow.account_id, wanted)
    if wanted.state:
        query = query.where(RmaRow.state == wanted.state)
    return uow.session.scalars(_page(query, RmaRow.created_at, RmaRow.id, wanted)).all()


def reviews(uow: UnitOfWork, wanted: Wanted) -> Sequence[ReviewRow]:
    """What waits, or waited, for a person."""
    query = sa.select(ReviewRow)
    if wanted.account_id:
        of_account = sa.select(CaseRow.id).where(CaseRow.account_id == wanted.account_id)
        query = query.where(ReviewRow.case_id.in_(of_account))
    if wanted.state:
        query = query.where(ReviewRow.state == wanted.state)
    return uow.session.scalars(_page(query, ReviewRow.opened_at, ReviewRow.id, wanted)).all()


def _of_account(query: sa.Select[Any], column: InstrumentedAttribute[str], wanted: Wanted) -> sa.Select[Any]:
    return query if wanted.account_id is None else query.where(column == wanted.account_id)


def _page(
    query: sa.Select[Any],
    at: InstrumentedAttribute[datetime],
    key: InstrumentedAttribute[str],
    wanted: Wanted,
) -> sa.Select[Any]:
    if wanted.after is not None:
        place = wanted.after
        query = query.where(sa.or_(at < place.at, sa.and_(at == place.at, key < place.id)))
    return query.order_by(at.desc(), key.desc()).limit(wanted.limit)


def rma_named(uow: UnitOfWork, name: str) -> RmaRow | None:
    """The RMA with that id, or with that number of the ERP."""
    found = uow.session.get(RmaRow, name)
    query = sa.select(RmaRow).where(RmaRow.erp_number == name).order_by(RmaRow.created_at.desc()).limit(1)
    return found or uow.session.scalars(query).first()
