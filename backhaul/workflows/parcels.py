"""Carrier events in: polled or told, late, twice or out of order, each takes effect once."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

import structlog

from backhaul.connectors import webhooks
from backhaul.connectors.ports import Carrier, Letter
from backhaul.domain import parcel
from backhaul.domain.audit import Tag
from backhaul.domain.errors import BadInput, ConnectorRejected, ConnectorUnavailable
from backhaul.domain.parcel import Scan
from backhaul.domain.receiving import ParcelEvent, ParcelStatus
from backhaul.store import due, parcels, rmas
from backhaul.store.effect_tables import LabelRow, RmaRow
from backhaul.store.unit_of_work import UnitOfWork
from backhaul.workflows.rma_steps import announce, refresh, tell
from backhaul.workflows.runner import Json, Runner
from backhaul.workflows.stops import forged, put_to_person, reminded
from backhaul.workflows.world import WorkerWorld, every_carrier

REFUSED_KIND = "parcel_refused"
_REMIND_AFTER_REFUSAL_DAYS = 5
_OPEN_AFTER_REFUSAL_DAYS = 14
"""A customer whose parcel we did not take in gets this long at least to send it again."""

log = structlog.get_logger("backhaul.parcels")


def take_parcel_events(world: WorkerWorld) -> int:
    """Read new scans of every carrier, each once. Returns how many were new.

    A carrier that does not answer is asked again in the next round, and keeps nobody else from being asked.
    """
    return sum(_poll(world, carrier) for carrier in every_carrier(world))


def _poll(world: WorkerWorld, carrier: Carrier) -> int:
    source = parcels.source_of(carrier.name)
    with world.store.read() as uow:
        after = parcels.cursor(uow, source)
    try:
        events = _events(carrier, after)
    except ConnectorUnavailable as silent:
        log.warning("peer did not answer", peer=silent.peer)
        return 0
    taken = sum(_take(world, carrier.name, event) for event in events)
    if events:
        with world.store.begin() as uow:
            parcels.move_cursor(uow, source, events[-1].event_id)
    return taken


def _events(carrier: Carrier, after: str | None) -> Sequence[ParcelEvent]:
    try:
        return carrier.events(after=after)
    except ConnectorRejected:
        # It no longer knows the event we would go on from: read it all again, the inbox knows the rest.
        return carrier.events()


async def carrier_event(run: Runner, world: WorkerWorld, carrier: str, event: Json) -> Json:
    """Take a scan that a carrier told us of by itself, exactly like one that was read."""
    return await run.step("take event", take_told, world, carrier, event)


def take_told(world: WorkerWorld, carrier: str, event: Json) -> Json:
    """`{"state": "taken"}`, or `known` when the same event came before, however it came."""
    known = next((one for one in every_carrier(world) if webhooks.slug(one.name) == carrier), None)
    if known is None:
        return forged(world, carrier, "no such carrier")
    try:
        scan = webhooks.from_written(event)
    except BadInput:
        return forged(world, carrier, "not a scan")
    return {"state": "taken" if _take(world, known.name, scan) else "known"}


def _take(world: WorkerWorld, carrier: str, event: ParcelEvent) -> bool:
    source = parcels.source_of(carrier)
    with world.store.begin() as uow:
        payload = webhooks.written(event)
        if due.seen_before(uow, source, event.event_id, dict(payload)):
            return False
        if event.status in parcel.NOT_SCANNED:
            return True
        label = rmas.label_of(uow, event.tracking_number)
        if label is None or label.carrier != carrier:
            _keep_stray(uow, source, event)
        else:
            _scanned(world, uow, label, event)
    return True


def _keep_stray(uow: UnitOfWork, source: str, event: ParcelEvent) -> None:
    parcels.add_stray(uow, source, event)
    uow.record(
        Tag.PARCEL_STRAY,
        actor=source,
        subject=event.tracking_number,
        facts={"status": event.status.value, "event": event.event_id},
    )


def _scanned(world: WorkerWorld, uow: UnitOfWork, label: LabelRow, event: ParcelEvent) -> None:
    rma = rmas.rma(uow, label.rma_id, lock=True)
    uow.session.refresh(label)
    before, is_first = rma.parcel, label.parcel is None
    uow.record(
        Tag.PARCEL_MOVED,
        actor=parcels.source_of(label.carrier),
        subject=rma.id,
        case_id=rma.case_id,
        facts={"status": event.status.value, "event": event.event_id},
    )
    if is_first and label.voided_at is not None:
        _moves_on_a_void_label(world, uow, rma, label)
    if place_scan(uow, rma, label, Scan(event.status, event.at, event.event_id)) and rma.parcel != before:
        _moved_on(world, uow, rma, event)


def place_scan(uow: UnitOfWork, rma: RmaRow, label: LabelRow, scan: Scan) -> bool:
    """Let a scan tell where its parcel and the return stand; False when a later one does already."""
    known = parcels.scan_of(label)
    if known is not None and known.rank >= scan.rank:
        return False
    parcels.put_scan(label, scan)
    uow.session.flush()
    heard = (parcels.scan_of(one) for one in rmas.labels(uow, rma.id))
    stands = parcel.of_return(one for one in heard if one is not None)
    rma.parcel = stands.status.value if stands else None
    refresh(uow, rma)
    return True


def _moved_on(world: WorkerWorld, uow: UnitOfWork, rma: RmaRow, event: ParcelEvent) -> None:
    """The return stands elsewhere than before: its conversation hears it, and whoever waits for it."""
    status = ParcelStatus(rma.parcel or event.status.value)
    tell(uow, rma, "parcel", {"status": status.value, "at": event.at.isoformat(), "place": event.place})
    if status is ParcelStatus.REFUSED:
        _stays_open(uow, rma)
        return
    due.drop_due(uow, kind=REFUSED_KIND, subject=rma.id)
    if rmas.has_ended(rma):
        world.starter.start(uow, workflow="late-parcel", workflow_id=f"late-{rma.id}", args=[rma.id])
    if status is ParcelStatus.DELIVERED:
        message = {"kind": "delivered"}
        key = f"{rma.id}:delivered:{event.event_id}"
        world.starter.send(uow, workflow_id=f"return-{rma.id}", topic="return", message=message, key=key)


def _stays_open(uow: UnitOfWork, rma: RmaRow) -> None:
    """Our own dock turned the parcel away: the customer is reminded, and gets time to send it again."""
    now = uow.clock.now()
    remind_at = now + timedelta(days=_REMIND_AFTER_REFUSAL_DAYS)
    due.renew(uow, kind=REFUSED_KIND, subject=rma.id, at=remind_at)
    if not rmas.has_ended(rma):
        ends_at = max(due.end_of(rma.return_by), now + timedelta(days=_OPEN_AFTER_REFUSAL_DAYS))
        due.renew(uow, kind="rma_expiry", subject=rma.id, at=ends_at)


def _moves_on_a_void_label(world: WorkerWorld, uow: UnitOfWork, rma: RmaRow, label: LabelRow) -> None:
    """After expiry that is a late parcel, and welcome; otherwise somebody sees which goods are coming."""
    if rma.expired_at is None:
        why = f"a parcel moves under the label {label.tracking_number}, which was voided; see what is coming"
        put_to_person(world, uow, rma, why)


async def late_parcel(run: Runner, world: WorkerWorld, rma_id: str) -> Json:
    """Goods come after their RMA has ended: they are on their way, so the dock expects them again."""
    return await run.step("announce again", welcome, world, rma_id)


def welcome(world: WorkerWorld, rma_id: str) -> Json:
    """Put a late parcel back on the dock's list; a start for any other return does nothing."""
    with world.store.read() as uow:
        late = rmas.find(uow, rma_id)
    if late is None or not rmas.has_ended(late) or late.parcel is None:
        return forged(world, rma_id, "no late parcel")
    return announce(world, rma_id, again=True)


def remind_of_refused(world: WorkerWorld) -> int:
    """Letters about parcels that our dock did not take in; returns how many were due."""
    with world.store.read() as uow:
        waiting = [rmas.rma(uow, row.subject) for row in due.passed(uow, REFUSED_KIND)]
    for rma in waiting:
        if reminded(world, rma.id, partial(_remind, world, rma)):
            with world.store.begin() as uow:
                due.drop_due(uow, kind=REFUSED_KIND, subject=rma.id)
    return len(waiting)


def _remind(world: WorkerWorld, rma: RmaRow) -> None:
    contacts = world.erp.contacts(rma.account_id)
    if not contacts or rmas.has_ended(rma) or rma.parcel != ParcelStatus.REFUSED.value:
        return
    body = (
        f"Hello {contacts[0].name},\n\nour dock did not take in the parcel of your return {rma.erp_number}, "
        "and the carrier brings it back to you. The return is still open: ask for a new label in the chat "
        f"and send the goods again.\n\n{world.public_url}/chat\n"
    )
    letter = Letter(
        contacts[0].email, f"Your return {rma.erp_number}: the parcel is coming back to you", body
    )
    world.notifier.send(letter, key=f"{rma.id}:refused:{rma.version}")
