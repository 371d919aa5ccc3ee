"""Steps about labels: buying one, and voiding those that are no longer to be used."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from backhaul.connectors.ports import DROP_OFF, CarrierLabel, LabelRequest
from backhaul.domain.audit import Tag
from backhaul.domain.codes import Action
from backhaul.domain.errors import ConnectorRejected, NotFound
from backhaul.domain.lifecycle import can_be_cancelled
from backhaul.domain.receiving import ParcelStatus
from backhaul.domain.returns import Command, RmaState
from backhaul.domain.trade import Account, Facility
from backhaul.store import parcels, rmas
from backhaul.store.effect_tables import CommandRow, LabelRow, RmaRow
from backhaul.store.unit_of_work import UnitOfWork
from backhaul.workflows.effects import Effect, authorise, carry_out, not_permitted
from backhaul.workflows.label_carriers import Sold, counters_near, first_label
from backhaul.workflows.parcels import place_scan
from backhaul.workflows.rma_steps import may_ask, refresh, tell
from backhaul.workflows.runner import Json
from backhaul.workflows.stops import forged, put_to_person
from backhaul.workflows.world import WorkerWorld, every_carrier

_NEWS_DROP_OFFS = 2


def buy_label(world: WorkerWorld, rma_id: str, n: int) -> Json:
    """Buy the n-th label of an RMA from the first carrier that serves the place and answers."""
    with world.store.read() as uow:
        rma = rmas.rma(uow, rma_id)
        first = rmas.rma_lines(uow, rma_id)[0]
    key, subject = f"{rma_id}:label:{n}", f"{rma_id}/{n}"
    judged = authorise(
        world,
        action=Action.CREATE_LABEL,
        proposal_id=first.proposal_id,
        subject=subject,
        key=key,
        request={"rma": rma_id, "n": n},
    )
    if judged is not None:
        return not_permitted(judged)
    request = _label_request(world, rma)
    bought: list[Sold] = []

    def call(permit_id: str, _commands: Sequence[Command]) -> tuple[str, Json]:
        sold = first_label(world, request, command_key=key, permit_id=permit_id)
        bought.append(sold)
        answer = {"carrier": sold.label.carrier, "service": sold.label.service}
        return sold.label.tracking_number, answer | _pickup_news(sold)

    def confirm(uow: UnitOfWork, _row: CommandRow) -> None:
        _label_bought(world, uow, rma_id, bought[0], request)

    return carry_out(world, Effect(key, Action.CREATE_LABEL, frozenset({subject}), call, confirm))


def next_label(world: WorkerWorld, rma_id: str, requested_by: str) -> Json:
    """Number of the label to be bought next, for an RMA whose parcel has not moved."""
    try:
        with world.store.read() as uow:
            rma = rmas.rma(uow, rma_id)
            asked_for = parcels.labels_asked_for(uow, rma_id)
    except NotFound:
        return forged(world, rma_id, "no such RMA")
    if not may_ask(world, rma, requested_by):
        return forged(world, rma_id, "not the RMA's account")
    if rma.erp_number is None or not can_be_cancelled(RmaState(rma.state)):
        return {"refused": f"the return is {rma.state}"}
    return {"n": asked_for + 1}


def _label_request(world: WorkerWorld, rma: RmaRow) -> LabelRequest:
    account, facility = _account(world, rma), _facility(world, rma)
    weight, hazmat, pieces = 0, False, 0
    with world.store.read() as uow:
        for line in rmas.rma_lines(uow, rma.id):
            item = world.erp.item(line.sku)
            weight += (item.weight_grams if item else 0) * line.quantity
            hazmat = hazmat or bool(item and item.hazmat)
            pieces += line.quantity
    return LabelRequest(
        reference=rma.erp_number or rma.id,
        ship_from=account.ship_to,
        ship_to=facility.address,
        weight_grams=max(weight, 1),
        ship_by=rma.return_by,
        hazmat=hazmat,
        pieces=pieces,
    )


def _account(world: WorkerWorld, rma: RmaRow) -> Account:
    account = world.erp.account(rma.account_id)
    if account is None:
        raise ConnectorRejected("ERP", f"account {rma.account_id} is gone")
    return account


def _facility(world: WorkerWorld, rma: RmaRow) -> Facility:
    facility = next((one for one in world.erp.facilities() if one.facility_id == rma.facility_id), None)
    if facility is None:
        raise ConnectorRejected("ERP", f"facility {rma.facility_id} is gone")
    return facility


def _label_bought(
    world: WorkerWorld, uow: UnitOfWork, rma_id: str, sold: Sold, request: LabelRequest
) -> None:
    rma = rmas.rma(uow, rma_id, lock=True)
    ship_by = sold.pickup.window.day if sold.pickup else request.ship_by
    bought_at = _after_the_others(uow, rma_id)
    row = enter_label(world, uow, rma, sold.label, ship_by=ship_by, created_at=bought_at)
    tell(uow, rma, "label_ready", _label_news(row, rma, sold, request))
    if sold.silent:
        why = f"{' and '.join(sold.silent)} did not answer"
        if row.carrier == DROP_OFF:
            why += "; the parcel comes under a label of our own, so have it fetched or buy another label"
            put_to_person(world, uow, rma, why)


def _after_the_others(uow: UnitOfWork, rma_id: str) -> datetime:
    """Now, and later than any label before it: the newest counts, and hosts' clocks differ by minutes."""
    before = rmas.labels(uow, rma_id)
    just_after = before[0].created_at + timedelta(milliseconds=1) if before else uow.clock.now()
    return max(uow.clock.now(), just_after)


def enter_label(
    world: WorkerWorld,
    uow: UnitOfWork,
    rma: RmaRow,
    label: CarrierLabel,
    *,
    ship_by: date,
    created_at: datetime,
) -> LabelRow:
    """Enter a bought label in our books; a scan that was heard before we knew of it counts from now on."""
    row = LabelRow(
        id=world.ids.new("LB"),
        rma_id=rma.id,
        carrier=label.carrier,
        service=label.service,
        tracking_number=label.tracking_number,
        sscc=label.sscc,
        drop_off_code=label.drop_off_code,
        cost_minor=label.cost.minor,
        currency=label.cost.currency,
        ship_by=ship_by,
        pdf_blob=world.blobs.put(label.pdf),
        png_blob=world.blobs.put(label.png),
        zpl_blob=world.blobs.put(label.zpl),
        qr_blob=world.blobs.put(label.qr_png),
        created_at=created_at,
    )
    uow.session.add(row)
    uow.session.flush()
    refresh(uow, rma)
    uow.record(
        Tag.LABEL_BOUGHT,
        actor="worker:workflow",
        subject=row.id,
        case_id=rma.case_id,
        facts={"rma": rma.id, "tracking": row.tracking_number},
    )
    heard = parcels.claim_stray(uow, parcels.source_of(row.carrier), row.tracking_number)
    if heard is not None:
        place_scan(uow, rma, row, heard)
    return row


def _label_news(row: LabelRow, rma: RmaRow, sold: Sold, request: LabelRequest) -> Json:
    return {
        "number": rma.erp_number,
        "label_id": row.id,
        "tracking_number": row.tracking_number,
        "carrier": row.carrier,
        "service": row.service,
        "ship_by": row.ship_by.isoformat(),
        "drop_offs": [] if sold.pickup else _counters(sold, request),
        **_pickup_news(sold),
    }


def _counters(sold: Sold, request: LabelRequest) -> list[Json]:
    near = counters_near(sold.carrier, request)[:_NEWS_DROP_OFFS]
    return [{"name": one.name, "street": one.address.street, "city": one.address.city} for one in near]


def _pickup_news(sold: Sold) -> Json:
    """What the customer has to know of the driver's visit, by the clocks there; nothing for a parcel."""
    if sold.pickup is None:
        return {}
    window = sold.pickup.window
    told = {
        "day": window.day.isoformat(),
        "opens": f"{window.opens:%H:%M}",
        "closes": f"{window.closes:%H:%M}",
        "bill_of_lading": sold.pickup.bill_of_lading,
        "handling_units": list(sold.pickup.handling_units),
    }
    return {"pickup": told}


def void_replaced(world: WorkerWorld, rma_id: str) -> Json:
    """Void every label but the newest: nobody pays for one that was printed anew."""
    with world.store.read() as uow:
        replaced = [label for label in rmas.labels(uow, rma_id)[1:] if _usable(label)]
    return _void_each(world, rma_id, replaced)


def void_usable(world: WorkerWorld, rma_id: str) -> Json:
    """Void whatever label could still be used for the RMA."""
    with world.store.read() as uow:
        usable = [label for label in rmas.labels(uow, rma_id) if _usable(label)]
    return _void_each(world, rma_id, usable)


def void_unused(world: WorkerWorld, rma_id: str) -> Json:
    """Void what was bought and never handed in; the labels of parcels that moved are used up."""
    with world.store.read() as uow:
        unused = [one for one in rmas.labels(uow, rma_id) if _usable(one) and one.parcel in _NEVER_SCANNED]
    return _void_each(world, rma_id, unused)


def void_one(world: WorkerWorld, rma_id: str, label_id: str) -> Json:
    """Void this label, unless it was voided before."""
    with world.store.read() as uow:
        wanted = [label for label in rmas.labels(uow, rma_id) if label.id == label_id and _usable(label)]
    return _void_each(world, rma_id, wanted)


_NEVER_SCANNED = {None, ParcelStatus.LABEL_CREATED.value}


def _usable(label: LabelRow) -> bool:
    """A parcel that our dock sent back has used its label up."""
    return label.voided_at is None and label.parcel != ParcelStatus.REFUSED.value


def _void_each(world: WorkerWorld, rma_id: str, labels: Sequence[LabelRow]) -> Json:
    """Stops at the first that cannot be voided, such as one whose parcel was handed in."""
    for label in labels:
        voided = _void(world, rma_id, label)
        if voided["state"] != "confirmed":
            return voided
    return {"state": "confirmed"}


def _void(world: WorkerWorld, rma_id: str, label: LabelRow) -> Json:
    carrier = next((one for one in every_carrier(world) if one.name == label.carrier), None)
    if carrier is None:
        return {"state": "rejected", "why": f"carrier {label.carrier} is not configured"}
    with world.store.read() as uow:
        first = rmas.rma_lines(uow, rma_id)[0]
    key = f"{rma_id}:void_label:{label.id}"
    judged = authorise(
        world,
        action=Action.VOID_LABEL,
        proposal_id=first.proposal_id,
        subject=label.id,
        key=key,
        request={"rma": rma_id, "label": label.id},
    )
    if judged is not None:
        return not_permitted(judged)

    def call(permit_id: str, _commands: Sequence[Command]) -> tuple[str, Json]:
        carrier.void_label(label.tracking_number, key=permit_id)
        return label.tracking_number, {}

    def confirm(uow: UnitOfWork, _row: CommandRow) -> None:
        _voided(uow, rma_id, label.id)

    return carry_out(world, Effect(key, Action.VOID_LABEL, frozenset({label.id}), call, confirm))


def _voided(uow: UnitOfWork, rma_id: str, label_id: str) -> None:
    rma = rmas.rma(uow, rma_id, lock=True)
    label = next(one for one in rmas.labels(uow, rma_id) if one.id == label_id)
    label.voided_at = uow.clock.now()
    uow.session.flush()
    refresh(uow, rma)
    uow.record(
        Tag.LABEL_VOIDED,
        actor="worker:workflow",
        subject=label_id,
        case_id=rma.case_id,
        facts={"rma": rma_id, "tracking": label.tracking_number},
    )
