"""How long things take: a return and its stages, the credit, and the first answer."""

from typing import Any

import sqlalchemy as sa

from backhaul.domain.receiving import ParcelStatus
from backhaul.store.dock_tables import DispositionRow, InspectionRow, ReceiptRow
from backhaul.store.effect_tables import LabelRow, RmaRow
from backhaul.store.insight_facts import Query, fact_columns, joined, seconds_between, together
from backhaul.store.money_tables import CreditMemoRow
from backhaul.store.tables import CaseRow, ConsentRow, MessageRow, ProposalRow, ThreadRow

Facts = Query | sa.CompoundSelect[*tuple[Any, ...]]
STAGES = ("decision", "label", "parcel", "counting", "inspection", "settling", "making_good")
"""The stages of a return in their order, each from the end of the one before"""
_ASKING = ("customer", "technician")
_ANSWERING = ("agent", "reviewer")


def cycle_time() -> Query:
    """From the customer's yes to the close of the return, by facility."""
    agreed = _agreed_at()
    return fact_columns(
        case_id=RmaRow.case_id,
        about=RmaRow.id,
        part=RmaRow.facility_id,
        value=seconds_between(agreed, RmaRow.closed_at),
        at=RmaRow.closed_at,
    ).where(RmaRow.closed_at.is_not(None), RmaRow.closed_at >= agreed)


def stage_time() -> Facts:
    """Each stage that has ended, by stage and facility."""
    return together(
        [_decision(), _label(), _parcel(), _counting(), _inspection(), _settling(), _making_good()]
    )


def _stage(stage: str, facility: Any, case_id: Any, about: Any, began: Any, ended: Any) -> Query:
    took = fact_columns(
        case_id=case_id,
        about=about,
        part=joined(sa.literal(stage), facility),
        value=seconds_between(began, ended),
        at=ended,
    )
    return took.where(ended >= began)


def _agreed_at() -> Any:
    """The customer's first yes in the case of an RMA."""
    given = sa.select(sa.func.min(ConsentRow.given_at)).where(ConsentRow.case_id == RmaRow.case_id)
    return given.correlate(RmaRow).scalar_subquery()


def _decision() -> Query:
    agreed = _agreed_at()
    return _stage("decision", RmaRow.facility_id, RmaRow.case_id, RmaRow.id, agreed, RmaRow.created_at)


def _label() -> Query:
    first = (
        sa.select(LabelRow.rma_id, sa.func.min(LabelRow.created_at).label("bought_at"))
        .group_by(LabelRow.rma_id)
        .subquery()
    )
    return (
        _stage("label", RmaRow.facility_id, RmaRow.case_id, RmaRow.id, RmaRow.created_at, first.c.bought_at)
        .select_from(RmaRow)
        .join(first, first.c.rma_id == RmaRow.id)
    )


def _parcel() -> Query:
    return (
        _stage(
            "parcel",
            RmaRow.facility_id,
            RmaRow.case_id,
            LabelRow.id,
            LabelRow.created_at,
            LabelRow.scanned_at,
        )
        .select_from(LabelRow)
        .join(RmaRow, RmaRow.id == LabelRow.rma_id)
        .where(LabelRow.parcel == ParcelStatus.DELIVERED.value)
    )


def _counting() -> Query:
    """From the carrier's last scan to the first count of the return."""
    first = (
        sa.select(ReceiptRow.rma_id, sa.func.min(ReceiptRow.counted_at).label("counted_at"))
        .where(ReceiptRow.rma_id.is_not(None))
        .group_by(ReceiptRow.rma_id)
        .subquery()
    )
    return (
        _stage(
            "counting", RmaRow.facility_id, RmaRow.case_id, RmaRow.id, LabelRow.scanned_at, first.c.counted_at
        )
        .select_from(LabelRow)
        .join(RmaRow, RmaRow.id == LabelRow.rma_id)
        .join(first, first.c.rma_id == RmaRow.id)
        .where(LabelRow.parcel == ParcelStatus.DELIVERED.value)
    )


def _inspection() -> Query:
    return (
        _stage(
            "inspection",
            ReceiptRow.facility_id,
            RmaRow.case_id,
            InspectionRow.id,
            ReceiptRow.counted_at,
            InspectionRow.inspected_at,
        )
        .select_from(InspectionRow)
        .join(ReceiptRow, ReceiptRow.id == InspectionRow.receipt_id)
        .join(RmaRow, RmaRow.id == ReceiptRow.rma_id)
    )


def _settling() -> Query:
    return (
        _stage(
            "settling",
            RmaRow.facility_id,
            RmaRow.case_id,
            DispositionRow.id,
            InspectionRow.inspected_at,
            DispositionRow.chosen_at,
        )
        .select_from(DispositionRow)
        .join(InspectionRow, InspectionRow.id == DispositionRow.inspection_id)
        .join(RmaRow, RmaRow.id == DispositionRow.rma_id)
    )


def _making_good() -> Query:
    return (
        _stage(
            "making_good",
            RmaRow.facility_id,
            RmaRow.case_id,
            DispositionRow.id,
            DispositionRow.chosen_at,
            DispositionRow.settled_at,
        )
        .select_from(DispositionRow)
        .join(RmaRow, RmaRow.id == DispositionRow.rma_id)
    )


def days_to_credit() -> Facts:
    """From the count of the goods to their credit, by facility; without goods, from the request."""
    with_goods = (
        fact_columns(
            case_id=CreditMemoRow.case_id,
            about=CreditMemoRow.erp_number,
            part=ReceiptRow.facility_id,
            value=seconds_between(ReceiptRow.counted_at, CreditMemoRow.created_at),
            at=CreditMemoRow.created_at,
        )
        .select_from(CreditMemoRow)
        .join(DispositionRow, DispositionRow.id == CreditMemoRow.subject)
        .join(ReceiptRow, ReceiptRow.id == DispositionRow.receipt_id)
    )
    without = (
        fact_columns(
            case_id=CreditMemoRow.case_id,
            about=CreditMemoRow.erp_number,
            part="no_goods",
            value=seconds_between(ProposalRow.created_at, CreditMemoRow.created_at),
            at=CreditMemoRow.created_at,
        )
        .select_from(CreditMemoRow)
        .join(ProposalRow, ProposalRow.id == CreditMemoRow.proposal_id)
        .where(CreditMemoRow.rma_id.is_(None))
    )
    return together([with_goods, without])


def first_answer() -> Query:
    """From the first message of a conversation to the first answer in it, by channel."""
    first, answered = _first_by(_ASKING), _first_by(_ANSWERING)
    case = sa.select(CaseRow.thread_id, sa.func.min(CaseRow.id).label("id")).group_by(CaseRow.thread_id)
    of_thread = case.subquery()
    return (
        fact_columns(
            case_id=of_thread.c.id,
            about=ThreadRow.id,
            part=ThreadRow.channel,
            value=seconds_between(first.c.at, answered.c.at),
            at=answered.c.at,
        )
        .select_from(ThreadRow)
        .join(first, first.c.thread_id == ThreadRow.id)
        .join(answered, answered.c.thread_id == ThreadRow.id)
        .outerjoin(of_thread, of_thread.c.thread_id == ThreadRow.id)
        .where(answered.c.at >= first.c.at)
    )


def _first_by(authors: tuple[str, ...]) -> sa.Subquery:
    said = sa.select(MessageRow.thread_id, sa.func.min(MessageRow.created_at).label("at"))
    return said.where(MessageRow.author.in_(authors)).group_by(MessageRow.thread_id).subquery()
