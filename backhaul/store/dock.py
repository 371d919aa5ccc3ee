"""The dock's records: receipts, inspections, dispositions, and what became of decisions.

The doors add rows and never change them; the worker books them and writes where they stand.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from backhaul.domain.audit import Tag
from backhaul.domain.errors import BadInput
from backhaul.domain.receiving import Disposition, Finding, Grade, ReceiptKind, ReceiptState
from backhaul.store.dock_tables import DispositionRow, InspectionRow, OutcomeRow, ReceiptRow
from backhaul.store.effect_tables import RmaRow
from backhaul.store.unit_of_work import UnitOfWork, existing, in_turn


@dataclass(frozen=True, slots=True)
class Counted:
    """What a person at the dock says came out of a parcel. `receipt_id` is made with the form."""

    receipt_id: str
    kind: ReceiptKind
    facility_id: str
    counted_by: str
    rma_id: str | None = None
    rma_line_id: str | None = None
    tracking_number: str = ""
    sku: str = ""
    described: str = ""
    quantity: int = 0
    serials: tuple[str, ...] = ()
    lots: tuple[str, ...] = ()
    photos: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Inspected:
    """What an inspector says of pieces of a receipt."""

    inspection_id: str
    receipt_id: str
    quantity: int
    grade: Grade
    finding: Finding
    inspected_by: str
    serials: tuple[str, ...] = ()
    checklist: dict[str, str] = field(default_factory=dict)
    seal_intact: bool | None = None
    found_reason: str | None = None
    photos: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class SettledOn:
    """What becomes of inspected pieces; `override_reason` is needed where it is not what was proposed.

    Without a `quantity` it is all that are left of the inspection.
    """

    disposition_id: str
    inspection_id: str
    chosen: Disposition
    proposed: Disposition
    arithmetic: dict[str, Any]
    chosen_by: str
    override_reason: str = ""
    quantity: int | None = None
    serials: tuple[str, ...] | None = None


def count(uow: UnitOfWork, counted: Counted) -> ReceiptRow:
    """Write down what came; the same id again is the same receipt, whatever it says.

    Raises:
        BadInput: No pieces of anything, where something came; or an empty box with pieces in it.
    """
    before = uow.session.get(ReceiptRow, counted.receipt_id)
    if before is not None:
        return before
    empty = counted.kind in {ReceiptKind.EMPTY_BOX, ReceiptKind.REFUSED}
    if empty != (counted.quantity == 0) or counted.quantity < 0:
        raise BadInput("an empty or refused box holds no pieces, any other at least one", field="quantity")
    row = ReceiptRow(
        id=counted.receipt_id,
        kind=counted.kind.value,
        state=ReceiptState.COUNTED.value,
        facility_id=counted.facility_id,
        rma_id=counted.rma_id,
        rma_line_id=counted.rma_line_id,
        tracking_number=counted.tracking_number,
        sku=counted.sku,
        described=counted.described,
        quantity=counted.quantity,
        serials=list(counted.serials),
        lots=list(counted.lots),
        photos=list(counted.photos),
        note=counted.note,
        counted_by=counted.counted_by,
        counted_at=uow.clock.now(),
    )
    uow.session.add(row)
    uow.session.flush()
    uow.record(
        Tag.GOODS_COUNTED,
        actor=_who(counted.counted_by),
        subject=row.id,
        case_id=_case_of(uow, counted.rma_id),
        facts={"kind": row.kind, "sku": row.sku, "quantity": row.quantity, "rma": row.rma_id},
    )
    return row


def inspect(uow: UnitOfWork, found: Inspected) -> InspectionRow:
    """Write down an inspection; the same id again is the same inspection.

    Raises:
        BadInput: More pieces than were received and not yet inspected.
        NotFound: No such receipt.
    """
    before = uow.session.get(InspectionRow, found.inspection_id)
    if before is not None:
        return before
    one_at_a_time(uow, found.receipt_id)
    goods = receipt(uow, found.receipt_id)
    left = goods.quantity - sum(one.quantity for one in inspections(uow, goods.id))
    if not 1 <= found.quantity <= left:
        raise BadInput(f"{left} pieces of this receipt are not inspected yet", field="quantity")
    row = InspectionRow(
        id=found.inspection_id,
        receipt_id=goods.id,
        quantity=found.quantity,
        serials=list(found.serials),
        grade=found.grade.value,
        checklist=dict(found.checklist),
        seal_intact=found.seal_intact,
        finding=found.finding.value,
        found_reason=found.found_reason,
        photos=list(found.photos),
        note=found.note,
        inspected_by=found.inspected_by,
        inspected_at=uow.clock.now(),
    )
    uow.session.add(row)
    uow.session.flush()
    uow.record(
        Tag.GOODS_INSPECTED,
        actor=f"staff:{found.inspected_by}",
        subject=row.id,
        case_id=_case_of(uow, goods.rma_id),
        facts={"grade": row.grade, "finding": row.finding, "quantity": row.quantity, "receipt": goods.id},
    )
    return row


def settle_on(uow: UnitOfWork, what: SettledOn) -> DispositionRow:
    """Write down what becomes of inspected pieces; the same id again is the same. A lot may be split.

    Raises:
        BadInput: Another disposition than the proposed one without a reason, or the pieces have one already.
    """
    before = uow.session.get(DispositionRow, what.disposition_id)
    if before is not None:
        return before
    seen = inspection(uow, what.inspection_id)
    one_at_a_time(uow, seen.receipt_id)
    goods = receipt(uow, seen.receipt_id)
    quantity, serials = _to_settle(uow, seen, what)
    if what.chosen is not what.proposed and not what.override_reason.strip():
        raise BadInput("say why you choose another way than the one proposed", field="override_reason")
    row = DispositionRow(
        id=what.disposition_id,
        inspection_id=seen.id,
        receipt_id=goods.id,
        rma_id=goods.rma_id,
        rma_line_id=goods.rma_line_id,
        sku=goods.sku,
        quantity=quantity,
        serials=serials,
        chosen=what.chosen.value,
        proposed=what.proposed.value,
        arithmetic=what.arithmetic,
        override_reason=what.override_reason.strip(),
        chosen_by=what.chosen_by,
        chosen_at=uow.clock.now(),
        state="chosen",
    )
    uow.session.add(row)
    uow.session.flush()
    uow.record(
        Tag.DISPOSITION_CHOSEN,
        actor=f"staff:{what.chosen_by}",
        subject=row.id,
        case_id=_case_of(uow, goods.rma_id),
        facts={"chosen": row.chosen, "proposed": row.proposed, "quantity": row.quantity},
    )
    return row


def _to_settle(uow: UnitOfWork, seen: InspectionRow, what: SettledOn) -> tuple[int, list[str]]:
    """Pieces and serials that are meant, of those without a disposition."""
    of_these = [one for one in dispositions(uow, seen.receipt_id) if one.inspection_id == seen.id]
    settled = [one for one in of_these if one.state != "refused"]
    left = seen.quantity - sum(one.quantity for one in settled)
    quantity = left if what.quantity is None else what.quantity
    if left < 1:
        raise BadInput("these pieces have a disposition already; look at the receipt", field="chosen")
    if not 1 <= quantity <= left:
        raise BadInput(f"{left} pieces of this inspection have no disposition yet", field="quantity")
    gone = {serial for one in settled for serial in one.serials}
    rest = [serial for serial in seen.serials if serial not in gone]
    return quantity, rest if what.serials is None else list(what.serials)


def one_at_a_time(uow: UnitOfWork, name: str) -> None:
    """One transaction of the dock at a time for this RMA or receipt, until it ends."""
    in_turn(uow, f"dock:{name}")


def receipt(uow: UnitOfWork, receipt_id: str, *, lock: bool = False) -> ReceiptRow:
    """The receipt, row-locked when asked; NotFound otherwise."""
    return existing(uow, ReceiptRow, receipt_id, "receipt", lock=lock)


def receipts_of(uow: UnitOfWork, rma_id: str) -> Sequence[ReceiptRow]:
    """Receipts of an RMA, oldest first."""
    query = sa.select(ReceiptRow).where(ReceiptRow.rma_id == rma_id)
    return uow.session.scalars(query.order_by(ReceiptRow.counted_at, ReceiptRow.id)).all()


def receipts_in(uow: UnitOfWork, *states: ReceiptState, limit: int = 200) -> Sequence[ReceiptRow]:
    """Receipts that stand somewhere, oldest first."""
    query = sa.select(ReceiptRow).where(ReceiptRow.state.in_([one.value for one in states]))
    return uow.session.scalars(query.order_by(ReceiptRow.counted_at, ReceiptRow.id).limit(limit)).all()


def parts_of(uow: UnitOfWork, receipt_id: str) -> Sequence[ReceiptRow]:
    """The surplus that was set aside from a receipt."""
    return uow.session.scalars(sa.select(ReceiptRow).where(ReceiptRow.part_of == receipt_id)).all()


def inspection(uow: UnitOfWork, inspection_id: str) -> InspectionRow:
    """The inspection; NotFound otherwise."""
    return existing(uow, InspectionRow, inspection_id, "inspection")


def inspections(uow: UnitOfWork, receipt_id: str) -> Sequence[InspectionRow]:
    """Inspections of a receipt, oldest first."""
    query = sa.select(InspectionRow).where(InspectionRow.receipt_id == receipt_id)
    return uow.session.scalars(query.order_by(InspectionRow.inspected_at, InspectionRow.id)).all()


def disposition(uow: UnitOfWork, disposition_id: str, *, lock: bool = False) -> DispositionRow:
    """The disposition, row-locked when asked; NotFound otherwise."""
    return existing(uow, DispositionRow, disposition_id, "disposition", lock=lock)


def dispositions(uow: UnitOfWork, receipt_id: str) -> Sequence[DispositionRow]:
    """Dispositions of a receipt, oldest first."""
    query = sa.select(DispositionRow).where(DispositionRow.receipt_id == receipt_id)
    return uow.session.scalars(query.order_by(DispositionRow.chosen_at, DispositionRow.id)).all()


def dispositions_of_rma(uow: UnitOfWork, rma_id: str) -> Sequence[DispositionRow]:
    """Dispositions of an RMA, oldest first."""
    query = sa.select(DispositionRow).where(DispositionRow.rma_id == rma_id)
    return uow.session.scalars(query.order_by(DispositionRow.chosen_at, DispositionRow.id)).all()


def outcomes_for(uow: UnitOfWork, user_id: str, *, unseen: bool = True) -> Sequence[OutcomeRow]:
    """What the dock found of the returns that a person had let in, newest first."""
    query = sa.select(OutcomeRow).where(OutcomeRow.decided_by == user_id)
    if unseen:
        query = query.where(OutcomeRow.seen_at.is_(None))
    return uow.session.scalars(query.order_by(OutcomeRow.created_at.desc(), OutcomeRow.id)).all()


def _who(counted_by: str) -> str:
    """The warehouse's own system counts under the name of its key, a person under an id."""
    return counted_by if counted_by.startswith("key:") else f"staff:{counted_by}"


def _case_of(uow: UnitOfWork, rma_id: str | None) -> str | None:
    if rma_id is None:
        return None
    return uow.session.scalar(sa.select(RmaRow.case_id).where(RmaRow.id == rma_id))
