"""What the dock and the suppliers do, as their pages do it: they write down, the worker acts."""

from dataclasses import dataclass

from backhaul.domain.receiving import (
    DISPOSITION_PREFIX,
    RECEIPT_PREFIX,
    Disposition,
    Finding,
    Grade,
    ReceiptKind,
)
from backhaul.simulation.floor import Floor
from backhaul.store import claims, dock, rmas
from backhaul.store.claims import Said
from backhaul.store.dock_tables import DispositionRow, InspectionRow, ReceiptRow
from backhaul.store.effect_tables import RmaLineRow, RmaRow
from backhaul.store.money_tables import VendorClaimRow
from backhaul.store.unit_of_work import UnitOfWork
from tools.dock_policy import OnTheBench
from tools.dock_proposal import Offer, offer

_NOTHING_INSIDE = {ReceiptKind.EMPTY_BOX, ReceiptKind.REFUSED}
_WHY_OTHERWISE = "chosen by the script, against the figures"


@dataclass(frozen=True, slots=True)
class Came:
    """What came out of a parcel. Without an RMA nobody announced it."""

    quantity: int
    kind: ReceiptKind = ReceiptKind.EXPECTED
    sku: str = ""
    serials: tuple[str, ...] = ()
    lots: tuple[str, ...] = ()
    photos: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What an inspector found of all the pieces of a receipt."""

    grade: Grade
    finding: Finding = Finding.CONFIRMED
    found_reason: str | None = None
    seal_intact: bool = True


def counts(
    floor: Floor, email: str, rma: RmaRow | None, came: Came, *, facility_id: str = "", tracking: str = ""
) -> ReceiptRow:
    """The dock counts what came, and the worker holds it against what was authorised."""
    line = _only_line(floor, rma)
    counted = dock.Counted(
        receipt_id=floor.desk.ids.new(RECEIPT_PREFIX, 12),
        kind=came.kind,
        facility_id=rma.facility_id if rma else facility_id,
        counted_by=floor.person(email),
        rma_id=rma.id if rma else None,
        rma_line_id=line.id if line else None,
        tracking_number=tracking,
        sku="" if came.kind in _NOTHING_INSIDE else came.sku or (line.sku if line else ""),
        quantity=came.quantity,
        serials=came.serials,
        lots=came.lots,
        photos=came.photos,
        note=came.note,
    )
    with floor.store.begin() as uow:
        row = dock.count(uow, counted)
        floor.engine.start(uow, workflow="receive", workflow_id=f"receive-{row.id}", args=[row.id])
    with floor.store.read() as uow:
        return dock.receipt(uow, counted.receipt_id)


def _only_line(floor: Floor, rma: RmaRow | None) -> RmaLineRow | None:
    if rma is None:
        return None
    with floor.store.read() as uow:
        return rmas.rma_lines(uow, rma.id)[0]


def inspects(floor: Floor, email: str, receipt: ReceiptRow, found: Found) -> InspectionRow:
    """An inspector answers for all pieces of a receipt."""
    with floor.store.begin() as uow:
        return dock.inspect(
            uow,
            dock.Inspected(
                inspection_id=floor.desk.ids.new("IN", 12),
                receipt_id=receipt.id,
                quantity=receipt.quantity,
                grade=found.grade,
                finding=found.finding,
                inspected_by=floor.person(email),
                serials=tuple(receipt.serials),
                seal_intact=found.seal_intact,
                found_reason=found.found_reason,
            ),
        )


def proposed(floor: Floor, seen: InspectionRow) -> Offer:
    """What the dock's page proposes for inspected pieces, with its arithmetic."""
    with floor.store.read() as uow:
        return offer(uow, floor.desk, _bench(uow, seen), left=seen.quantity)


def _bench(uow: UnitOfWork, seen: InspectionRow) -> OnTheBench | None:
    receipt = dock.receipt(uow, seen.receipt_id)
    if receipt.rma_line_id is None or not receipt.sku:
        return None
    line = rmas.rma_line(uow, receipt.rma_line_id)
    return OnTheBench(receipt, seen, line, seen.quantity, tuple(seen.serials))


def settles(floor: Floor, email: str, seen: InspectionRow, chosen: Disposition | None = None) -> None:
    """The inspector takes what is proposed, part by part, or chooses otherwise; the worker acts."""
    offered = proposed(floor, seen)
    parts: list[tuple[Disposition, int | None]] = [(Disposition(way), n) for way, n in offered.split]
    if chosen is not None or not parts:
        parts = [(chosen or offered.proposed, None)]
    for way, quantity in parts:
        _settle(floor, email, seen, offered, way, quantity)


def _settle(
    floor: Floor, email: str, seen: InspectionRow, offered: Offer, way: Disposition, quantity: int | None
) -> None:
    with floor.store.begin() as uow:
        against = way is not offered.proposed
        row = dock.settle_on(
            uow,
            dock.SettledOn(
                disposition_id=floor.desk.ids.new(DISPOSITION_PREFIX, 12),
                inspection_id=seen.id,
                chosen=way,
                proposed=offered.proposed,
                arithmetic=offered.arithmetic,
                chosen_by=floor.person(email),
                override_reason=_WHY_OTHERWISE if against else "",
                quantity=quantity,
                serials=_serials(uow, seen, quantity),
            ),
        )
        floor.engine.start(uow, workflow="dispose", workflow_id=f"dispose-{row.id}", args=[row.id])


def _serials(uow: UnitOfWork, seen: InspectionRow, quantity: int | None) -> tuple[str, ...] | None:
    """The serials of a part of a lot: those that have no place yet, as many as there are pieces."""
    if quantity is None or not seen.serials:
        return None
    gone = {serial for one in dock.dispositions(uow, seen.receipt_id) for serial in one.serials}
    return tuple(serial for serial in seen.serials if serial not in gone)[:quantity]


def dispositions_of(floor: Floor, rma: RmaRow) -> list[DispositionRow]:
    """What was settled on for pieces of an RMA, oldest first."""
    with floor.store.read() as uow:
        return list(dock.dispositions_of_rma(uow, rma.id))


def claims_of(floor: Floor, rma: RmaRow) -> list[VendorClaimRow]:
    """Vendor claims for pieces of an RMA."""
    with floor.store.read() as uow:
        found = (claims.claim_of_disposition(uow, one.id) for one in dock.dispositions_of_rma(uow, rma.id))
        return [one for one in found if one is not None]


def supplier_says(floor: Floor, claim_id: str, said: Said) -> None:
    """The supplier answers through its link, and the worker acts."""
    with floor.store.begin() as uow:
        given = claims.say(uow, claims.claim(uow, claim_id), said)
        floor.engine.start(
            uow, workflow="claim-answer", workflow_id=f"claim-answer-{given.id}", args=[given.id]
        )
