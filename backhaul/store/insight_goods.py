"""What comes back and why, what becomes of it, and what suppliers pay for it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from backhaul.domain.claims import ClaimState
from backhaul.domain.codes import Action
from backhaul.store.dock_tables import DispositionRow, InspectionRow, OutcomeRow
from backhaul.store.effect_tables import CommandRow, RmaRow
from backhaul.store.insight_facts import Fact, Query, fact_columns, one_if
from backhaul.store.money_tables import ReconciliationRow, VendorClaimRow
from backhaul.store.tables import CaseRow, ProposalRow, ReturnLineRow
from backhaul.store.unit_of_work import UnitOfWork

_ANSWERED = (ClaimState.APPROVED.value, ClaimState.DENIED.value, ClaimState.CREDITED.value)
_CREDITS = (Action.CREDIT_MEMO.value, Action.RETURNLESS_REFUND.value)
ATTESTED, NOT_YET, NOT_THE_SAME = "attested", "not_yet_read_back", "not_what_was_sent"


def returned(uow: UnitOfWork, since: datetime | None) -> Sequence[Any]:
    """Every return line that was asked for: case, line, article, reason and pieces.

    The reason is the one that the dock found, where it found another than the customer said.
    """
    found = (
        sa.select(OutcomeRow.proposal_id, sa.func.min(OutcomeRow.reason_found).label("reason"))
        .where(OutcomeRow.reason_found != OutcomeRow.reason_said)
        .group_by(OutcomeRow.proposal_id)
        .subquery()
    )
    query = (
        sa.select(
            ReturnLineRow.case_id,
            ReturnLineRow.id,
            ReturnLineRow.sku,
            sa.func.coalesce(found.c.reason, ReturnLineRow.reason),
            ReturnLineRow.quantity,
            ReturnLineRow.created_at,
        )
        .join(CaseRow, CaseRow.id == ReturnLineRow.case_id)
        .outerjoin(ProposalRow, ProposalRow.line_id == ReturnLineRow.id)
        .outerjoin(found, found.c.proposal_id == ProposalRow.id)
    )
    if since is not None:
        query = query.where(ReturnLineRow.created_at >= since)
    return uow.session.execute(query).all()


def dispositions() -> Query:
    """What became of pieces, by where they went."""
    return _posted(DispositionRow.quantity)


def write_downs() -> Query:
    """What moving returned goods cost us against the books, in cents, by where they went."""
    return _posted(DispositionRow.write_down_minor)


def _posted(value: Any) -> Query:
    return (
        fact_columns(
            case_id=RmaRow.case_id,
            about=DispositionRow.id,
            part=DispositionRow.chosen,
            value=value,
            at=DispositionRow.chosen_at,
        )
        .select_from(DispositionRow)
        .join(RmaRow, RmaRow.id == DispositionRow.rma_id)
        .where(DispositionRow.state == "posted")
    )


def findings() -> Query:
    """Inspections, and those that bear the customer's reason out, by the reason that was said."""
    return (
        fact_columns(
            case_id=OutcomeRow.case_id,
            about=OutcomeRow.inspection_id,
            part=OutcomeRow.reason_said,
            value=one_if(OutcomeRow.finding == "confirmed"),
            at=InspectionRow.inspected_at,
        )
        .select_from(OutcomeRow)
        .join(InspectionRow, InspectionRow.id == OutcomeRow.inspection_id)
    )


def supplier_recovery() -> Query:
    """Claims that a supplier answered: what it gave of what was claimed, in cents, by supplier."""
    return fact_columns(
        case_id=VendorClaimRow.case_id,
        about=VendorClaimRow.id,
        part=VendorClaimRow.supplier_id,
        value=sa.func.coalesce(VendorClaimRow.approved_minor, 0),
        whole=VendorClaimRow.cost_minor + VendorClaimRow.allowance_minor,
        at=VendorClaimRow.answered_at,
    ).where(VendorClaimRow.state.in_(_ANSWERED), VendorClaimRow.answered_at.is_not(None))


def credits_read_back() -> Query:
    """Credits that the ERP said it had posted, and those it showed as sent when they were read back."""
    contradicted = sa.and_(CommandRow.state == "unknown", CommandRow.confirmed_at.is_not(None))
    attested = CommandRow.attested_at.is_not(None)
    part = sa.case((attested, ATTESTED), (contradicted, NOT_THE_SAME), else_=NOT_YET)
    return fact_columns(
        case_id=CommandRow.case_id,
        about=sa.func.coalesce(CommandRow.external_id, CommandRow.key),
        part=part,
        value=one_if(attested),
        whole=one_if(sa.or_(attested, contradicted)),
        at=CommandRow.confirmed_at,
    ).where(CommandRow.op.in_(_CREDITS), CommandRow.confirmed_at.is_not(None))


def reconciliation_errors(uow: UnitOfWork, since: datetime | None) -> list[Fact]:
    """Differences between our books and the ERP's on the last day each of them was seen, by what differs.

    The comparison looks back for months and tells a difference again every day until it is mended.
    """
    query = sa.select(ReconciliationRow).order_by(ReconciliationRow.day)
    if since is not None:
        query = query.where(ReconciliationRow.day >= since.date())
    found: dict[tuple[str, ...], Fact] = {}
    for row in uow.session.scalars(query):
        for one in row.differences:
            case_id, order, what = str(one["case_id"]), str(one["order_number"]), str(one["what"])
            told = str(one["ours"]), str(one["theirs"])
            found[case_id, order, what, *told] = Fact(
                case_id, order, what, abs(int(one["amount_minor"])), row.made_at
            )
    return list(found.values())
