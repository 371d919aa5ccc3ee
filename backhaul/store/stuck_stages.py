"""Returns, goods, claims and reviews that stand still in a stage for longer than it may take."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from backhaul.domain.claims import ClaimState
from backhaul.domain.receiving import ParcelStatus, ReceiptState
from backhaul.domain.returns import RmaState
from backhaul.domain.stuck import LIMITS, Stuck, StuckDeed, StuckStage
from backhaul.store import dock, dock_lists
from backhaul.store.dock_tables import DispositionRow, InspectionRow, ReceiptRow
from backhaul.store.effect_tables import LabelRow, RmaRow
from backhaul.store.money_tables import VendorClaimRow
from backhaul.store.reviews import OPEN_STATES
from backhaul.store.tables import ReviewRow
from backhaul.store.unit_of_work import UnitOfWork

_Query = sa.Select[*tuple[Any, ...]]
MOST = 200
"""Of each stage; more than that is one fault and not many"""
_HAND_OVER = (StuckDeed.HAND_OVER,)
_MOVING = [ParcelStatus.DROPPED_OFF.value, ParcelStatus.IN_TRANSIT.value, ParcelStatus.EXCEPTION.value]


def standing_still(uow: UnitOfWork) -> Iterator[Stuck]:
    """Everything that passed the limit of its stage."""
    now = uow.clock.now()
    for stage, look in _LOOKS.items():
        yield from look(uow, stage, LIMITS[stage].before(now))


def _rows(uow: UnitOfWork, query: _Query, since: Any) -> Sequence[Any]:
    return uow.session.execute(query.order_by(since).limit(MOST)).all()


def _no_label(uow: UnitOfWork, stage: StuckStage, before: datetime) -> Iterator[Stuck]:
    query = sa.select(RmaRow).where(RmaRow.state == RmaState.ISSUED.value, RmaRow.created_at < before)
    for (rma,) in _rows(uow, query, RmaRow.created_at):
        what = f"{_name(rma)} was issued and has no label that could be used."
        yield Stuck(stage, rma.id, rma.case_id, rma.created_at, what, _HAND_OVER)


def _label_unused(uow: UnitOfWork, stage: StuckStage, before: datetime) -> Iterator[Stuck]:
    """As long before the last day as the limit says: the limit counted back from now, mirrored."""
    now = uow.clock.now()
    end = (now + (now - before)).date()
    query = (
        sa.select(LabelRow, RmaRow)
        .join(RmaRow, RmaRow.id == LabelRow.rma_id)
        .where(RmaRow.state == RmaState.LABELLED.value, LabelRow.voided_at.is_(None))
        .where(LabelRow.ship_by <= end)
    )
    for label, rma in _rows(uow, query, LabelRow.ship_by):
        what = f"{_name(rma)} is to be handed in by {label.ship_by:%d %B %Y}, and no scan was heard of."
        yield Stuck(stage, rma.id, rma.case_id, label.created_at, what, _HAND_OVER)


def _carrier_silent(uow: UnitOfWork, stage: StuckStage, before: datetime) -> Iterator[Stuck]:
    query = (
        sa.select(LabelRow, RmaRow)
        .join(RmaRow, RmaRow.id == LabelRow.rma_id)
        .where(LabelRow.parcel.in_(_MOVING), LabelRow.scanned_at < before)
        .where(RmaRow.state == RmaState.IN_TRANSIT.value)
    )
    for label, rma in _rows(uow, query, LabelRow.scanned_at):
        last = str(label.parcel).replace("_", " ")
        what = f"{label.carrier} {label.tracking_number} of {_name(rma)}: the last scan said {last}."
        yield Stuck(stage, label.id, rma.case_id, label.scanned_at, what, _HAND_OVER)


def _not_received(uow: UnitOfWork, stage: StuckStage, before: datetime) -> Iterator[Stuck]:
    query = (
        sa.select(LabelRow, RmaRow)
        .join(RmaRow, RmaRow.id == LabelRow.rma_id)
        .where(LabelRow.parcel == ParcelStatus.DELIVERED.value, LabelRow.scanned_at < before)
        .where(RmaRow.state == RmaState.IN_TRANSIT.value)
    )
    for label, rma in _rows(uow, query, LabelRow.scanned_at):
        what = f"{_name(rma)} was delivered to {rma.facility_id}, and {_of_the_count(uow, rma)}"
        yield Stuck(
            stage, rma.id, rma.case_id, label.scanned_at, what, _HAND_OVER, page=f"/dock/rma/{rma.id}"
        )


def _of_the_count(uow: UnitOfWork, rma: RmaRow) -> str:
    """What the dock says of a parcel that is there and of which nothing was received."""
    last = next(reversed(dock.receipts_of(uow, rma.id)), None)
    if last is None:
        return "nobody has counted it."
    why = f" ({last.why})" if last.why else ""
    return f"receipt {last.id} of it is {last.state.replace('_', ' ')}{why}: nothing of it was received."


def _not_booked(uow: UnitOfWork, stage: StuckStage, before: datetime) -> Iterator[Stuck]:
    counted = ReceiptRow.state == ReceiptState.COUNTED.value
    query = _receipts().where(counted, ReceiptRow.counted_at < before)
    for row, rma in _rows(uow, query, ReceiptRow.counted_at):
        yield _at_the_dock(stage, row, rma, "was counted and is not in the books.")


def _not_inspected(uow: UnitOfWork, stage: StuckStage, before: datetime) -> Iterator[Stuck]:
    query = _receipts().where(*dock_lists.waits_for_inspection(), ReceiptRow.counted_at < before)
    for row, rma in _rows(uow, query, ReceiptRow.counted_at):
        yield _at_the_dock(stage, row, rma, "lies in quarantine, not inspected in full.")


def _no_papers(uow: UnitOfWork, stage: StuckStage, before: datetime) -> Iterator[Stuck]:
    states = [ReceiptState.HELD.value, ReceiptState.UNMATCHED.value]
    query = _receipts().where(ReceiptRow.state.in_(states), ReceiptRow.counted_at < before)
    for row, rma in _rows(uow, query, ReceiptRow.counted_at):
        yield _at_the_dock(stage, row, rma, f"is {row.state}: {row.why or 'nobody has said why'}")


def _not_settled_on(uow: UnitOfWork, stage: StuckStage, before: datetime) -> Iterator[Stuck]:
    query = (
        sa.select(InspectionRow, ReceiptRow, RmaRow)
        .join(ReceiptRow, ReceiptRow.id == InspectionRow.receipt_id)
        .outerjoin(RmaRow, RmaRow.id == ReceiptRow.rma_id)
        .where(dock_lists.has_no_disposition(), InspectionRow.inspected_at < before)
    )
    for seen, row, rma in _rows(uow, query, InspectionRow.inspected_at):
        what = f"{seen.quantity} x {row.sku or row.described} were graded {seen.grade}; the rest waits."
        deeds = _HAND_OVER if rma else ()
        page = f"/dock/inspection/{seen.id}"
        yield Stuck(stage, seen.id, rma.case_id if rma else None, seen.inspected_at, what, deeds, page=page)


def _disposition_waits(uow: UnitOfWork, stage: StuckStage, before: datetime) -> Iterator[Stuck]:
    query = _dispositions().where(
        DispositionRow.state.in_(["chosen", "review"]), DispositionRow.chosen_at < before
    )
    for row, rma in _rows(uow, query, DispositionRow.chosen_at):
        why = f": {row.why}" if row.why else "."
        what = f"{row.quantity} x {row.sku} are to be {_past(row.chosen)}, and that is not decided{why}"
        yield Stuck(stage, row.id, rma.case_id, row.chosen_at, what, _HAND_OVER)


def _not_made_good(uow: UnitOfWork, stage: StuckStage, before: datetime) -> Iterator[Stuck]:
    query = _dispositions().where(
        DispositionRow.state == "posted",
        DispositionRow.settled_at.is_(None),
        DispositionRow.chosen_at < before,
    )
    for row, rma in _rows(uow, query, DispositionRow.chosen_at):
        why = f": {row.why}" if row.why else "."
        what = f"{row.quantity} x {row.sku} of {_name(rma)} came and were moved; the customer waits{why}"
        yield Stuck(stage, row.id, rma.case_id, row.chosen_at, what, _HAND_OVER)


def _not_closed(uow: UnitOfWork, stage: StuckStage, before: datetime) -> Iterator[Stuck]:
    latest = (
        sa.select(sa.func.max(DispositionRow.settled_at))
        .where(DispositionRow.rma_id == RmaRow.id)
        .scalar_subquery()
    )
    query = sa.select(RmaRow, latest).where(
        RmaRow.state == RmaState.CLOSED.value, RmaRow.closed_at.is_(None), latest < before
    )
    for rma, since in _rows(uow, query, RmaRow.created_at):
        what = f"All of {_name(rma)} is settled, and it was not closed."
        yield Stuck(stage, rma.id, rma.case_id, since, what, _HAND_OVER)


def _claim_waits(uow: UnitOfWork, stage: StuckStage, before: datetime) -> Iterator[Stuck]:
    states = [ClaimState.INCOMPLETE.value, ClaimState.READY.value, ClaimState.APPROVED.value]
    query = sa.select(VendorClaimRow).where(
        VendorClaimRow.state.in_(states), VendorClaimRow.created_at < before
    )
    for (row,) in _rows(uow, query, VendorClaimRow.created_at):
        lacks = "; ".join(row.missing) or row.why or "nothing is missing"
        what = f"The claim for {row.quantity} x {row.sku} is {row.state}: {lacks}."
        page = f"/claims/{row.id}"
        yield Stuck(stage, row.id, row.case_id, row.created_at, what, _HAND_OVER, page=page)


def _review_late(uow: UnitOfWork, stage: StuckStage, before: datetime) -> Iterator[Stuck]:
    query = sa.select(ReviewRow).where(ReviewRow.state.in_(OPEN_STATES), ReviewRow.due_at < before)
    for (row,) in _rows(uow, query, ReviewRow.due_at):
        yield Stuck(stage, row.id, row.case_id, row.due_at, row.why, page=f"/desk/{row.id}")


def _receipts() -> _Query:
    return sa.select(ReceiptRow, RmaRow).outerjoin(RmaRow, RmaRow.id == ReceiptRow.rma_id)


def _dispositions() -> _Query:
    return sa.select(DispositionRow, RmaRow).join(RmaRow, RmaRow.id == DispositionRow.rma_id)


def _at_the_dock(stage: StuckStage, row: ReceiptRow, rma: RmaRow | None, what: str) -> Stuck:
    words = f"{row.quantity} x {row.sku or row.described or 'an unknown article'} {what}"
    case_id, deeds = (rma.case_id, _HAND_OVER) if rma else (None, ())
    return Stuck(stage, row.id, case_id, row.counted_at, words, deeds, page=f"/dock/receipt/{row.id}")


def _name(rma: RmaRow) -> str:
    return rma.erp_number or rma.id


def _past(chosen: str) -> str:
    return chosen.replace("_", " ")


_LOOKS: dict[StuckStage, Callable[[UnitOfWork, StuckStage, datetime], Iterator[Stuck]]] = {
    StuckStage.NO_LABEL: _no_label,
    StuckStage.LABEL_UNUSED: _label_unused,
    StuckStage.CARRIER_SILENT: _carrier_silent,
    StuckStage.NOT_RECEIVED: _not_received,
    StuckStage.NOT_BOOKED: _not_booked,
    StuckStage.NOT_INSPECTED: _not_inspected,
    StuckStage.NOT_SETTLED_ON: _not_settled_on,
    StuckStage.DISPOSITION_WAITS: _disposition_waits,
    StuckStage.NOT_MADE_GOOD: _not_made_good,
    StuckStage.NOT_CLOSED: _not_closed,
    StuckStage.NO_PAPERS: _no_papers,
    StuckStage.CLAIM_WAITS: _claim_waits,
    StuckStage.REVIEW_LATE: _review_late,
}
