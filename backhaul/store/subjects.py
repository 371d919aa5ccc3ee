"""What the subject of a command is: a proposal, an RMA, a disposition or a vendor claim."""

from dataclasses import dataclass

import sqlalchemy as sa

from backhaul.store.dock_tables import DispositionRow
from backhaul.store.effect_tables import RmaLineRow, RmaRow
from backhaul.store.money_tables import VendorClaimRow
from backhaul.store.tables import VerdictRow
from backhaul.store.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Subject:
    """The RMA lines that a command may be about, and the disposition or claim it carries out.

    There are no lines for a proposal without an RMA, and for goods that came without papers.
    """

    cause: str | None
    lines: tuple[RmaLineRow, ...]


def subject(uow: UnitOfWork, subject_id: str) -> Subject:
    """Look the subject of a command up; one that nobody knows is about no line."""
    record = uow.session.get(DispositionRow, subject_id) or uow.session.get(VendorClaimRow, subject_id)
    if record is not None:
        return Subject(subject_id, _lines(uow, RmaLineRow.id == record.rma_line_id))
    if uow.session.get(RmaRow, subject_id) is not None:
        return Subject(None, _lines(uow, RmaLineRow.rma_id == subject_id))
    return Subject(None, _lines(uow, RmaLineRow.proposal_id == subject_id))


def _lines(uow: UnitOfWork, which: sa.ColumnElement[bool]) -> tuple[RmaLineRow, ...]:
    return tuple(uow.session.scalars(sa.select(RmaLineRow).where(which).order_by(RmaLineRow.id)))


def judged_line(uow: UnitOfWork, verdict_id: str) -> RmaLineRow | None:
    """The RMA line whose proposal a verdict was about, or `None`."""
    query = (
        sa.select(RmaLineRow)
        .join(VerdictRow, VerdictRow.proposal_id == RmaLineRow.proposal_id)
        .where(VerdictRow.id == verdict_id)
    )
    return uow.session.scalars(query).first()
