"""RMAs with their lines, labels and replacements."""

from collections.abc import Sequence

import sqlalchemy as sa

from backhaul.store.effect_tables import LabelRow, ReplacementRow, RmaLineRow, RmaRow
from backhaul.store.tables import CaseRow, ReturnLineRow, ThreadRow
from backhaul.store.unit_of_work import UnitOfWork, existing


def rma(uow: UnitOfWork, rma_id: str, *, lock: bool = False) -> RmaRow:
    """The RMA, row-locked when asked; NotFound otherwise."""
    return existing(uow, RmaRow, rma_id, "RMA", lock=lock)


def find(uow: UnitOfWork, rma_id: str) -> RmaRow | None:
    """The RMA, or `None` when there is none of that name."""
    return uow.session.get(RmaRow, rma_id)


def has_ended(rma: RmaRow) -> bool:
    """Cancelled or expired: what comes all the same is received, and made good only when a person says so."""
    return rma.cancelled_at is not None or rma.expired_at is not None


def rmas_of_case(uow: UnitOfWork, case_id: str) -> Sequence[RmaRow]:
    """RMAs of a case, oldest first."""
    query = sa.select(RmaRow).where(RmaRow.case_id == case_id).order_by(RmaRow.created_at, RmaRow.id)
    return uow.session.scalars(query).all()


def rmas_of_channel(uow: UnitOfWork, channel: str) -> Sequence[RmaRow]:
    """RMAs of all conversations that came in that way, oldest first."""
    query = (
        sa.select(RmaRow)
        .join(CaseRow, CaseRow.id == RmaRow.case_id)
        .join(ThreadRow, ThreadRow.id == CaseRow.thread_id)
        .where(ThreadRow.channel == channel)
    )
    return uow.session.scalars(query.order_by(RmaRow.created_at, RmaRow.id)).all()


def rma_lines(uow: UnitOfWork, rma_id: str) -> Sequence[RmaLineRow]:
    """Lines of an RMA, in the order in which the customer named them."""
    query = sa.select(RmaLineRow).join(ReturnLineRow, ReturnLineRow.id == RmaLineRow.line_id)
    query = query.where(RmaLineRow.rma_id == rma_id).order_by(ReturnLineRow.position, RmaLineRow.id)
    return uow.session.scalars(query).all()


def rma_line(uow: UnitOfWork, rma_line_id: str) -> RmaLineRow:
    """The line of an RMA; NotFound otherwise."""
    return existing(uow, RmaLineRow, rma_line_id, "RMA line")


def rma_of_proposal(uow: UnitOfWork, proposal_id: str) -> RmaRow | None:
    """The RMA that a proposal led to, or `None`."""
    query = sa.select(RmaRow).join(RmaLineRow, RmaLineRow.rma_id == RmaRow.id)
    return uow.session.scalars(query.where(RmaLineRow.proposal_id == proposal_id)).first()


def live_rmas_on_line(uow: UnitOfWork, order_number: str, order_line: int) -> Sequence[RmaRow]:
    """RMAs of an order line that were neither cancelled nor expired: "you already have RMA ..."."""
    query = (
        sa.select(RmaRow)
        .join(RmaLineRow, RmaLineRow.rma_id == RmaRow.id)
        .where(RmaLineRow.order_number == order_number, RmaLineRow.order_line == order_line)
        .where(RmaRow.cancelled_at.is_(None), RmaRow.expired_at.is_(None))
    )
    return uow.session.scalars(query.order_by(RmaRow.created_at)).all()


def labels(uow: UnitOfWork, rma_id: str) -> Sequence[LabelRow]:
    """Labels of an RMA, newest first; voided ones included."""
    query = sa.select(LabelRow).where(LabelRow.rma_id == rma_id)
    return uow.session.scalars(query.order_by(LabelRow.created_at.desc(), LabelRow.id)).all()


def label(uow: UnitOfWork, label_id: str) -> LabelRow | None:
    """The label, used, voided or waiting; `None` when there is none of that name."""
    return uow.session.get(LabelRow, label_id)


def live_label(uow: UnitOfWork, rma_id: str) -> LabelRow | None:
    """The label to use, or `None` while there is none."""
    return next((row for row in labels(uow, rma_id) if row.voided_at is None), None)


def replacements(uow: UnitOfWork, rma_id: str) -> Sequence[ReplacementRow]:
    """Free orders that send the right goods for an RMA."""
    return uow.session.scalars(sa.select(ReplacementRow).where(ReplacementRow.rma_id == rma_id)).all()


def label_of(uow: UnitOfWork, tracking_number: str) -> LabelRow | None:
    """The label with that tracking number, or `None`."""
    return uow.session.scalars(sa.select(LabelRow).where(LabelRow.tracking_number == tracking_number)).first()


def labels_under_way(uow: UnitOfWork) -> Sequence[LabelRow]:
    """Live labels of RMAs that are neither cancelled nor expired."""
    query = (
        sa.select(LabelRow)
        .join(RmaRow, RmaRow.id == LabelRow.rma_id)
        .where(LabelRow.voided_at.is_(None), RmaRow.cancelled_at.is_(None), RmaRow.expired_at.is_(None))
    )
    return uow.session.scalars(query).all()
