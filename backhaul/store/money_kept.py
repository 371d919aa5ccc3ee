"""Reading back what was credited and repaired for a return."""

from collections.abc import Sequence

import sqlalchemy as sa

from backhaul.store.money_tables import CreditMemoRow, RepairRow
from backhaul.store.unit_of_work import UnitOfWork


def credits_of_proposal(uow: UnitOfWork, proposal_id: str) -> Sequence[CreditMemoRow]:
    """Credit memos posted for what a proposal asked for, the oldest first."""
    query = sa.select(CreditMemoRow).where(CreditMemoRow.proposal_id == proposal_id)
    return uow.session.scalars(query.order_by(CreditMemoRow.created_at, CreditMemoRow.id)).all()


def repairs_of(uow: UnitOfWork, rma_id: str) -> Sequence[RepairRow]:
    """Repair orders for goods of an RMA, the oldest first."""
    query = sa.select(RepairRow).where(RepairRow.rma_id == rma_id)
    return uow.session.scalars(query.order_by(RepairRow.created_at, RepairRow.id)).all()
