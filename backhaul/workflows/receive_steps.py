"""Steps at the dock's door: what came is held against what was authorised, and booked.

Each is safe to repeat. What a person counted is a fact and is never refused. Pieces that an RMA authorises
are received on it; all others are kept as unmatched until somebody knows whose they are. Whatever is not as
announced is held, and a person looks.
"""

from dataclasses import dataclass

from backhaul.domain import ledger_laws
from backhaul.domain.audit import Tag
from backhaul.domain.codes import Action, Reason
from backhaul.domain.errors import NotFound
from backhaul.domain.money import LEDGER_CURRENCY, Money
from backhaul.domain.parcel import Scan
from backhaul.domain.receiving import RECEIPT_PREFIX, ParcelStatus, ReceiptKind, ReceiptState
from backhaul.store import awaited, cases, dock, due, ledger, rmas
from backhaul.store.dock_tables import ReceiptRow
from backhaul.store.effect_tables import RmaLineRow, RmaRow
from backhaul.store.unit_of_work import UnitOfWork
from backhaul.workflows.dock_staff import may_count
from backhaul.workflows.parcels import place_scan
from backhaul.workflows.rma_steps import refresh, tell
from backhaul.workflows.runner import Json
from backhaul.workflows.stops import forged, put_to_person
from backhaul.workflows.world import WorkerWorld
from tools import gateway


def book(world: WorkerWorld, receipt_id: str) -> Json:
    """Enter a counted receipt into the ledger, as far as an RMA authorises it.

    Returns:
        `{"state", "receipts"}`: where it stands, and which receipts have goods for the ERP, its surplus too.
    """
    try:
        with world.store.read() as uow:
            counted = dock.receipt(uow, receipt_id)
            is_of_the_dock = may_count(uow, counted.counted_by)
    except NotFound:
        return forged(world, receipt_id, "no such receipt")
    if not is_of_the_dock:
        return forged(world, receipt_id, "not counted by the dock")
    with world.store.begin() as uow:
        row = dock.receipt(uow, receipt_id, lock=True)
        if row.state == ReceiptState.COUNTED.value:
            _sort(world, uow, row)
            row.version += 1
        if row.quantity == 0 or ledger.came_with(uow, row.id):
            return {"state": row.state, "why": row.why, "receipts": _with_goods(uow, row)}
    return forged(world, receipt_id, "booked past the worker")


def _with_goods(uow: UnitOfWork, row: ReceiptRow) -> list[str]:
    """Only what stands in the ledger: whoever may add receipts can also add parts of one."""
    return [one.id for one in (row, *dock.parts_of(uow, row.id)) if ledger.came_with(uow, one.id)]


def _sort(world: WorkerWorld, uow: UnitOfWork, row: ReceiptRow) -> None:
    if row.rma_id is None:
        _keep_unmatched(uow, row, "came without papers")
        return
    rma = rmas.rma(uow, row.rma_id, lock=True)
    if row.kind == ReceiptKind.REFUSED.value:
        _refuse(world, uow, row, rma)
        return
    why = _why_held(uow, row, rma)
    if why is None:
        _receive(world, uow, row, rma)
    else:
        _hold(world, uow, row, rma, why)
    refresh(uow, rma)


@dataclass(frozen=True, slots=True)
class Announced:
    """What a line of an RMA lets in."""

    sku: str
    serials: frozenset[str]


def announced(uow: UnitOfWork, line: RmaLineRow) -> Announced:
    """Read from the permit and the customer's own words on which other article arrived."""
    told = cases.return_line(uow, line.line_id)
    swapped = told.received_sku if Reason(told.reason) is Reason.WRONG_ITEM else None
    permitted = gateway.verify_spent(
        uow, line.permit_id, action=Action.CREATE_RMA, subjects={line.proposal_id}
    )
    return Announced(swapped or line.sku, frozenset(() if swapped else permitted.serials))


def _why_held(uow: UnitOfWork, row: ReceiptRow, rma: RmaRow) -> str | None:
    """What does not fit, in words for a colleague; `None` when it is what was announced."""
    if row.kind == ReceiptKind.EMPTY_BOX.value:
        return "the box was empty"
    line = next((one for one in rmas.rma_lines(uow, rma.id) if one.id == row.rma_line_id), None)
    if line is None:
        return f"{row.sku or row.described} is on no line of the RMA"
    wanted = announced(uow, line)
    if row.sku != wanted.sku:
        return f"{row.sku or row.described} came instead of {wanted.sku}"
    strange = sorted(set(row.serials) - wanted.serials) if wanted.serials else []
    if row.kind == ReceiptKind.WRONG_SERIAL.value and not strange:
        return f"another serial than the authorised one came: {', '.join(row.serials) or 'not readable'}"
    if strange:
        expected = ", ".join(sorted(wanted.serials))
        return f"serial {', '.join(strange)} came, authorised is {expected}"
    return None


def _receive(world: WorkerWorld, uow: UnitOfWork, row: ReceiptRow, rma: RmaRow) -> None:
    line = next(one for one in rmas.rma_lines(uow, rma.id) if one.id == row.rma_line_id)
    fits = min(row.quantity, may_come(uow, rma, line))
    if fits < row.quantity:
        _set_aside(world, uow, row, row.quantity - fits)
    if row.quantity == 0:
        row.state, row.why = ReceiptState.BOOKED.value, "all of it is more than was announced"
        return
    receive_on(uow, row, rma, line)


def may_come(uow: UnitOfWork, rma: RmaRow, line: RmaLineRow) -> int:
    """Pieces that can still be received on a line; after its return ended, all that it ever let in."""
    entered = ledger.on_rma_line(uow, line.id)
    released = 0 if rmas.has_ended(rma) else entered[ledger.RELEASED]
    return max(entered[ledger.AUTHORISED] - released - entered[ledger.RECEIVED], 0)


def receive_on(uow: UnitOfWork, row: ReceiptRow, rma: RmaRow, line: RmaLineRow) -> None:
    """Receive all pieces of a receipt on a line of an RMA."""
    ledger.enter(
        uow,
        ledger.Entry(
            ledger.RECEIVED,
            row.quantity,
            _value(uow, line, row.quantity),
            case_id=rma.case_id,
            order_number=line.order_number,
            order_line=line.order_line,
            rma_line_id=line.id,
            cause=row.id,
            serials=tuple(row.serials),
        ),
    )
    row.state, row.rma_id, row.rma_line_id = ReceiptState.BOOKED.value, rma.id, line.id
    facts = {"rma": rma.id, "sku": row.sku, "quantity": row.quantity}
    uow.record(Tag.GOODS_RECEIVED, actor="worker:dock", subject=row.id, case_id=rma.case_id, facts=facts)
    await_the_rest(uow, rma)
    told = {"number": rma.erp_number, "sku": row.sku, "quantity": row.quantity, "line_id": line.line_id}
    tell(uow, rma, "goods_received", {**told, "late": rmas.has_ended(rma), **_so_far(uow, rma, line)})


def _so_far(uow: UnitOfWork, rma: RmaRow, line: RmaLineRow) -> Json:
    """How many of a line came by now, how many have until when, and what is owed for them."""
    entered = ledger.on_rma_line(uow, line.id)
    authorised = entered[ledger.AUTHORISED] - entered[ledger.RELEASED]
    came = entered[ledger.RECEIVED]
    return {
        "came": came,
        "awaited": max(authorised - came, 0),
        "until": None if rmas.has_ended(rma) else rma.return_by.isoformat(),
        "made_good": ledger_laws.made_good(entered) >= max(authorised, came),
        "resolution": cases.return_line(uow, line.line_id).resolution,
    }


def _value(uow: UnitOfWork, line: RmaLineRow, quantity: int) -> Money:
    """The share of the authorised value that so many more pieces carry: all shares add up to the whole."""
    whole = ledger.authorised_value(uow, line.permit_id)
    before = ledger.on_rma_line(uow, line.id)[ledger.RECEIVED]
    shares = [whole.minor * pieces // line.quantity for pieces in (before, before + quantity)]
    return Money(shares[1] - shares[0], LEDGER_CURRENCY)


def _set_aside(world: WorkerWorld, uow: UnitOfWork, row: ReceiptRow, pieces: int) -> None:
    """More came than was announced: the rest is a receipt of its own that nothing claims yet."""
    kept = row.quantity - pieces
    surplus = ReceiptRow(
        id=world.ids.new(RECEIPT_PREFIX),
        kind=ReceiptKind.SURPLUS.value,
        state=ReceiptState.UNMATCHED.value,
        facility_id=row.facility_id,
        part_of=row.id,
        tracking_number=row.tracking_number,
        sku=row.sku,
        described=row.described,
        quantity=pieces,
        serials=list(row.serials[kept:]),
        lots=list(row.lots),
        photos=list(row.photos),
        note=row.note,
        counted_by=row.counted_by,
        counted_at=row.counted_at,
    )
    uow.session.add(surplus)
    uow.session.flush()
    row.quantity, row.serials = kept, list(row.serials[:kept])
    _keep_unmatched(uow, surplus, f"{pieces} more than announced came with {row.rma_id}")


def _keep_unmatched(uow: UnitOfWork, row: ReceiptRow, why: str) -> None:
    entry = ledger.Entry(ledger.UNMATCHED, row.quantity, Money(0), cause=row.id, serials=tuple(row.serials))
    ledger.enter(uow, entry)
    row.state, row.why = ReceiptState.UNMATCHED.value, why
    uow.record(
        Tag.GOODS_UNMATCHED,
        actor="worker:dock",
        subject=row.id,
        facts={"sku": row.sku, "quantity": row.quantity, "part_of": row.part_of},
    )


def _hold(world: WorkerWorld, uow: UnitOfWork, row: ReceiptRow, rma: RmaRow, why: str) -> None:
    """It belongs to a return and is not what was announced: kept, and a person decides."""
    if row.quantity > 0:
        _keep_unmatched(uow, row, why)
    row.state, row.why = ReceiptState.HELD.value, why
    task = put_to_person(world, uow, rma, f"{why}. Look at the receipt and decide.", subject=row.id)
    uow.record(
        Tag.GOODS_HELD, actor="worker:dock", subject=row.id, case_id=rma.case_id, facts={"kind": row.kind}
    )
    told = {"number": rma.erp_number, "kind": row.kind, "why": why}
    tell(uow, rma, "goods_held", {**told, "answer_by": task.due_at.date().isoformat()})
    await_the_rest(uow, rma)


def _refuse(world: WorkerWorld, uow: UnitOfWork, row: ReceiptRow, rma: RmaRow) -> None:
    """The dock did not take the parcel in; it goes back to the sender, and the return stays open."""
    row.state, row.why = ReceiptState.REFUSED.value, row.note or "refused at the door"
    label = rmas.live_label(uow, rma.id)
    if label is not None:
        place_scan(uow, rma, label, Scan(ParcelStatus.REFUSED, row.counted_at, row.id))
    task = put_to_person(world, uow, rma, f"the dock refused the parcel: {row.why}.")
    uow.record(Tag.GOODS_REFUSED, actor="worker:dock", subject=row.id, case_id=rma.case_id)
    told = {"number": rma.erp_number, "why": row.why, "answer_by": task.due_at.date().isoformat()}
    tell(uow, rma, "parcel_refused", told)
    refresh(uow, rma)
    await_the_rest(uow, rma)


def await_the_rest(uow: UnitOfWork, rma: RmaRow) -> None:
    """What is still to come has its deadline and reminder again, but never before a fortnight from now."""
    if rmas.has_ended(rma) or not awaited.missing(uow, rma):
        due.drop_due(uow, kind="rma_expiry", subject=rma.id)
        due.drop_due(uow, kind="rma_reminder", subject=rma.id)
        return
    rma.return_by = due.with_notice(uow, rma.return_by)
    due.set_again(uow, kind="rma_expiry", subject=rma.id, at=due.end_of(rma.return_by))
    due.set_again(uow, kind="rma_reminder", subject=rma.id, at=due.remind_at(rma.return_by))
