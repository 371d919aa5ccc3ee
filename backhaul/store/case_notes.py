"""Notes of colleagues about a case, for colleagues only."""

from collections.abc import Sequence

import sqlalchemy as sa

from backhaul.domain.audit import Tag
from backhaul.domain.canonical import digest
from backhaul.domain.clock import Ids
from backhaul.store.desk_tables import CaseNoteRow
from backhaul.store.unit_of_work import UnitOfWork


def write(uow: UnitOfWork, ids: Ids, *, case_id: str, body: str, by: str) -> CaseNoteRow:
    """Note something down. The log keeps a digest of the words, and not the words."""
    row = CaseNoteRow(id=ids.new("CN"), case_id=case_id, body=body, written_by=by, written_at=uow.clock.now())
    uow.session.add(row)
    uow.session.flush()
    told = {"digest": digest(body)}
    uow.record(Tag.NOTE_WRITTEN, actor=f"staff:{by}", subject=row.id, case_id=case_id, facts=told)
    return row


def of_case(uow: UnitOfWork, case_id: str) -> Sequence[CaseNoteRow]:
    """Notes about a case, oldest first."""
    query = sa.select(CaseNoteRow).where(CaseNoteRow.case_id == case_id)
    return uow.session.scalars(query.order_by(CaseNoteRow.written_at, CaseNoteRow.id)).all()
