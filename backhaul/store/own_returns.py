"""An account's requests as its own page lists them, and what was written down for it on the telephone."""

from collections.abc import Sequence

import sqlalchemy as sa

from backhaul.store.effect_tables import LabelRow, RmaRow
from backhaul.store.tables import CaseRow, ProposalRow, ReturnLineRow, ThreadRow
from backhaul.store.unit_of_work import UnitOfWork

CALLS = "phone"
"""Channel of conversations that a colleague held for somebody on the telephone"""


def calls_of(uow: UnitOfWork, account_id: str, name: str) -> Sequence[ThreadRow]:
    """What was written down for a person of an account on the telephone."""
    query = sa.select(ThreadRow).where(
        ThreadRow.account_id == account_id, ThreadRow.channel == CALLS, ThreadRow.contact_name == name
    )
    return uow.session.scalars(query).all()


def requested(
    uow: UnitOfWork,
    account_id: str,
    *,
    order: str | None = None,
    named: str = "",
    after: int = 0,
    limit: int = 20,
) -> Sequence[CaseRow]:
    """Cases in which something was asked for, newest first, without the first `after` of them.

    With `order` only what concerns that order, for who proved no more; with `named` only what carries that
    number: RMA, order, article, tracking number or case.
    """
    wanted = sa.select(ProposalRow.id).where(ProposalRow.case_id == CaseRow.id)
    if order is not None:
        wanted = wanted.where(ProposalRow.order_number == order)
    query = sa.select(CaseRow).where(CaseRow.account_id == account_id, wanted.exists())
    if named:
        query = query.where(_carries(named.strip().upper()))
    query = query.order_by(CaseRow.opened_at.desc(), CaseRow.id.desc())
    return uow.session.scalars(query.offset(after).limit(limit)).all()


def _carries(number: str) -> sa.ColumnElement[bool]:
    on_line = sa.or_(ReturnLineRow.order_number == number, ReturnLineRow.sku == number)
    on_rma = sa.or_(
        RmaRow.erp_number == number,
        sa.select(LabelRow.id)
        .where(LabelRow.rma_id == RmaRow.id, LabelRow.tracking_number == number)
        .exists(),
    )
    return sa.or_(
        CaseRow.id == number,
        sa.select(ReturnLineRow.id).where(ReturnLineRow.case_id == CaseRow.id, on_line).exists(),
        sa.select(RmaRow.id).where(RmaRow.case_id == CaseRow.id, on_rma).exists(),
    )
