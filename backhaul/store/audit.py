"""Reading the audit log, and finding out whether it was tampered with."""

from collections.abc import Sequence

import sqlalchemy as sa

from backhaul.domain.audit import Tag
from backhaul.store.house_tables import AuditRow
from backhaul.store.unit_of_work import UnitOfWork, audit_hash


def events(uow: UnitOfWork, *, chain: str | None = None, tag: Tag | None = None) -> Sequence[AuditRow]:
    """Audit events of a chain (a case id, or `system`) or with a tag, in their order."""
    query = sa.select(AuditRow)
    if chain is not None:
        query = query.where(AuditRow.chain == chain)
    if tag is not None:
        query = query.where(AuditRow.tag == tag.value)
    return uow.session.scalars(query.order_by(AuditRow.chain, AuditRow.seq)).all()


def is_recorded(uow: UnitOfWork, tag: Tag, subject: str) -> bool:
    """Whether that ever happened to that record."""
    query = sa.select(AuditRow.id).where(AuditRow.tag == tag.value, AuditRow.subject == subject)
    return uow.session.scalar(query.limit(1)) is not None


def verify_chain(rows: Sequence[AuditRow]) -> AuditRow | None:
    """The first event of one chain that was altered, or follows a missing one; `None` if all is true."""
    previous, expected = "", 1
    for row in rows:
        if (row.seq, row.previous_hash, row.hash) != (expected, previous, audit_hash(row)):
            return row
        previous, expected = row.hash, expected + 1
    return None
