"""What the packet of a claim is put together from, and what it lacks, in words that say what to do."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from backhaul.connectors.claim_packet import Packet, Picture, is_picture
from backhaul.domain.claims import Bought
from backhaul.domain.codes import Reason
from backhaul.domain.discretion import without_persons
from backhaul.domain.errors import NotFound
from backhaul.domain.money import LEDGER_CURRENCY
from backhaul.domain.orders import OrderLine, PurchaseOrder
from backhaul.domain.receiving import Finding
from backhaul.domain.trade import Item, Supplier, Tracking, warranty_end
from backhaul.store import cases, claims, conversation, dock
from backhaul.store.dock_tables import ReceiptRow
from backhaul.store.money_tables import ClaimEvidenceRow
from backhaul.store.tables import AttachmentRow, ClaimRow
from backhaul.store.unit_of_work import UnitOfWork
from backhaul.workflows.dispose_steps import Disposed, disposed
from backhaul.workflows.world import WorkerWorld
from tools.claim_clock import ClaimClock, asks_for_defect, claim_clock


@dataclass(frozen=True, slots=True)
class Stored:
    """What our own records hold for a claim, read in one look."""

    found: Disposed
    receipt: ReceiptRow
    said: ClaimRow | None
    """The customer's words as they were read"""
    photos: tuple[AttachmentRow, ...]
    added: tuple[ClaimEvidenceRow, ...]
    speaker: str
    """Who the customer's words came from, by name"""


@dataclass(frozen=True, slots=True)
class Trace:
    """Where the pieces were bought. What could not be followed stands in `missing`, in words."""

    bought: tuple[Bought, ...]
    missing: tuple[str, ...]

    @property
    def cost_minor(self) -> int:
        """Documented cost of the pieces that could be traced, in cents of the ledger currency."""
        return sum(one.cost_minor for one in self.bought)


@dataclass(frozen=True, slots=True)
class Compiled:
    """A packet with all that a claim row says of it."""

    supplier_id: str
    trace: Trace
    allowance_minor: int
    clock: ClaimClock
    missing: tuple[str, ...]
    packet: Packet


def stored(uow: UnitOfWork, disposition_id: str, claim_id: str) -> Stored:
    """Read what our records hold; NotFound when there is no such disposition on an RMA."""
    found = disposed(uow, disposition_id)
    proposal = cases.proposal(uow, found.line.proposal_id)
    thread = conversation.thread(uow, cases.case(uow, found.rma.case_id).thread_id)
    photos = [
        one
        for one in conversation.attachments(uow, thread.id)
        if one.unusable is None and one.line_hint in {None, found.told.position}
    ]
    return Stored(
        found,
        dock.receipt(uow, found.row.receipt_id),
        cases.claim(uow, proposal.claim_id),
        tuple(photos),
        tuple(claims.evidence(uow, claim_id)),
        thread.contact_name,
    )


def compiled(world: WorkerWorld, records: Stored, claim_id: str) -> Compiled:
    """Look up the purchases and put the packet together. ConnectorUnavailable may rise."""
    found, today = records.found, world.clock.now().date()
    item = world.erp.item(found.row.sku)
    supplier = world.erp.supplier(item.supplier_id) if item else None
    reason = reason_of(found)
    sold = world.erp.order_line(found.line.order_number, found.line.order_line)
    trace = _trace(world, records, item, sold)
    clock = claim_clock(
        world.guard.book(),
        reason,
        today=today,
        window_days=supplier.terms.window_days if supplier else None,
        received_on=[one.received_on for one in trace.bought],
        warranty_ends=_warranty_ends(world, found, item, sold),
    )
    pictures = tuple(_pictures(world, records))
    missing = [
        *_nobody_to_ask(supplier, found.row.sku),
        *trace.missing,
        *_no_picture(asks_for_defect(world.guard.book(), reason, today), pictures),
        *_no_clock(clock, trace),
    ]
    allowance = supplier.claim_allowance.minor if supplier and trace.bought else 0
    packet = _packet(world, records, claim_id, item, supplier, trace, allowance, pictures)
    return Compiled(supplier.supplier_id if supplier else "", trace, allowance, clock, tuple(missing), packet)


def reason_of(found: Disposed) -> Reason:
    """What it is in truth: what the dock found, where that differs from what the customer said."""
    seen = found.inspection
    differs = seen.finding == Finding.DIFFERS.value
    return Reason((seen.found_reason if differs else None) or found.told.reason)


def _no_clock(clock: ClaimClock, trace: Trace) -> list[str]:
    """Where purchases cannot be traced, that is what is missing: the clock runs from them."""
    if clock.file_by or clock.endless or trace.missing:
        return []
    return ["nothing tells until when this supplier can be asked: look its terms up"]


def _nobody_to_ask(supplier: Supplier | None, sku: str) -> list[str]:
    if supplier is None:
        return [f"the ERP names no supplier of {sku}"]
    return [] if supplier.email else [f"{supplier.name} has no e-mail address for claims"]


def _no_picture(needed: bool, pictures: Sequence[Picture]) -> list[str]:
    return (
        ["no photo of the fault: add one, from the customer or from the dock"]
        if needed and not pictures
        else []
    )


def _trace(world: WorkerWorld, records: Stored, item: Item | None, sold: OrderLine | None) -> Trace:
    """Follow serials one by one, else lots, else what a person looked up, to their purchases."""
    row, named = records.found.row, claims.named_purchase(records.added)
    if item is None:
        return Trace((), (f"{row.sku} is not in the catalogue",))
    if item.tracking is Tracking.SERIAL:
        lacking = row.quantity - len(row.serials)
        gaps = [f"{lacking} of {row.quantity} pieces have no serial number"] if lacking > 0 else []
        return _gather(world, item, [(one, 1) for one in row.serials], "serial", named, gaps)
    lots = list(records.receipt.lots) or list(sold.lots if sold and sold.sku == row.sku else ())
    if lots:
        return _cheapest(_gather(world, item, [(one, row.quantity) for one in lots], "lot", named, []))
    if not named:
        how = "look the purchase order up and add it"
        return Trace((), (f"nothing on {row.sku} tells with which purchase it came: {how}",))
    return _gather(world, item, [("", row.quantity)], "article", named, [])


def _gather(
    world: WorkerWorld,
    item: Item,
    pieces: Sequence[tuple[str, int]],
    kind: str,
    named: str,
    gaps: list[str],
) -> Trace:
    found: dict[str, tuple[PurchaseOrder, int]] = {}
    for number, quantity in pieces:
        unit = world.erp.unit(number) if number else None
        origin = (unit.purchase_order if unit else None) or named
        purchase = world.erp.purchase_order(origin) if origin else None
        problem = _not_bought(purchase, origin, item, f"{kind} {number}" if number else item.sku)
        if problem or purchase is None:
            gaps.append(problem)
        else:
            _, before = found.get(purchase.number, (purchase, 0))
            found[purchase.number] = (purchase, before + quantity)
    oldest_first = sorted(found.values(), key=lambda one: (one[0].received_on, one[0].number))
    bought = tuple(
        Bought(one.number, quantity, one.unit_cost.minor, one.received_on) for one, quantity in oldest_first
    )
    return Trace(bought, tuple(gaps))


def _not_bought(purchase: PurchaseOrder | None, origin: str, item: Item, what: str) -> str:
    """Why a purchase documents nothing; empty when it does."""
    if not origin:
        return f"{what} has no purchase order: look it up and add it"
    if purchase is None:
        return f"purchase order {origin} of {what} is not in the books"
    if (purchase.sku, purchase.supplier_id) != (item.sku, item.supplier_id):
        return f"purchase order {origin} of {what} is for {purchase.sku} of {purchase.supplier_id}"
    if purchase.unit_cost.currency != LEDGER_CURRENCY:
        return f"purchase order {origin} of {what} is in {purchase.unit_cost.currency}"
    return ""


def _cheapest(trace: Trace) -> Trace:
    """Nothing tells which piece is of which lot: all count at the lowest cost, as the guard counts."""
    if not trace.bought:
        return trace
    return Trace((min(trace.bought, key=lambda one: one.unit_cost_minor),), trace.missing)


def _warranty_ends(
    world: WorkerWorld, found: Disposed, item: Item | None, sold: OrderLine | None
) -> list[date]:
    units = [world.erp.unit(serial) for serial in found.row.serials]
    ends = [unit.warranty_until for unit in units if unit is not None and unit.warranty_until is not None]
    if ends or item is None or sold is None:
        return ends
    end = warranty_end(sold.delivered_on, item.warranty_months)
    return [end] if end else []


def _pictures(world: WorkerWorld, records: Stored) -> Iterable[Picture]:
    seen: set[str] = set()
    sources: list[tuple[str, Sequence[str]]] = [
        ("From the customer", [one.blob for one in records.photos]),
        ("From our dock, on receipt", records.receipt.photos),
        ("From our dock, at the inspection", records.found.inspection.photos),
        *(("Added later", one.photos) for one in records.added),
    ]
    for caption, blobs in sources:
        for blob in blobs:
            content = None if blob in seen else _readable(world.blobs.get, blob)
            seen.add(blob)
            if content is not None:
                yield Picture(caption, content)


def _readable(get: Callable[[str], bytes], blob: str) -> bytes | None:
    """A photo that is gone, or cannot be opened, is no evidence."""
    try:
        content = get(blob)
    except NotFound:
        return None
    return content if is_picture(content) else None


def _packet(
    world: WorkerWorld,
    records: Stored,
    claim_id: str,
    item: Item | None,
    supplier: Supplier | None,
    trace: Trace,
    allowance_minor: int,
    pictures: tuple[Picture, ...],
) -> Packet:
    found, hide = records.found, _hider(world, records)
    seen = found.inspection
    return Packet(
        claim_id=claim_id,
        made_on=world.clock.now().date(),
        supplier_name=supplier.name if supplier else "",
        sku=found.row.sku,
        supplier_part=item.manufacturer_part if item else "",
        description=item.description if item else "",
        quantity=found.row.quantity,
        serials=tuple(found.row.serials),
        lots=tuple(records.receipt.lots),
        reason=reason_of(found).value,
        grade=seen.grade,
        checklist=tuple((str(question), str(said)) for question, said in seen.checklist.items()),
        inspected_on=seen.inspected_at.date(),
        received_on=records.receipt.counted_at.date(),
        customer_words=hide(records.said.words) if records.said else "",
        notes=tuple(hide(one.note) for one in records.added if one.note),
        invoices=_invoices(world, found),
        purchases=trace.bought,
        cost_minor=trace.cost_minor,
        allowance_minor=allowance_minor,
        pictures=pictures,
        is_simulated=world.is_simulated,
    )


def _hider(world: WorkerWorld, records: Stored) -> Callable[[str], str]:
    account_id = records.found.rma.account_id
    account = world.erp.account(account_id)
    people = [records.speaker, *(one.name for one in world.erp.contacts(account_id))]
    companies = [account.name] if account else []
    return lambda words: without_persons(words, people=people, companies=companies)


def _invoices(world: WorkerWorld, found: Disposed) -> tuple[str, ...]:
    """Number and day alone: what we sold it for is no business of the supplier's."""
    return tuple(
        f"invoice {one.number} of {one.issued_on:%d %B %Y}"
        for one in world.erp.invoices(found.line.order_number)
        if any(line.order_line == found.line.order_line for line in one.lines)
    )
