"""Steps of an RMA up to its label. Each is safe to repeat; each effect has its own fresh permit."""

from collections.abc import Sequence
from datetime import timedelta

from backhaul.connectors.ports import (
    Carrier,
    CarrierLabel,
    LabelRequest,
    ReturnNotice,
    RmaLineRequest,
    RmaRequest,
)
from backhaul.domain.audit import Tag
from backhaul.domain.codes import Action, Outcome, Reason, Resolution
from backhaul.domain.errors import ConnectorRejected, NotFound, PermitRefused
from backhaul.domain.lifecycle import RmaFacts, can_be_cancelled, rma_state
from backhaul.domain.receiving import ParcelStatus
from backhaul.domain.returns import Command, RmaState
from backhaul.domain.trade import Account, Facility
from backhaul.store import cases, conversation, due, reviews, rmas
from backhaul.store.effect_tables import CommandRow, LabelRow, RmaLineRow, RmaRow
from backhaul.store.unit_of_work import UnitOfWork
from backhaul.workflows.decide import REVIEW_HOURS, permit_problem
from backhaul.workflows.effects import Effect, authorise, carry_out
from backhaul.workflows.runner import Json
from backhaul.workflows.world import WorkerWorld
from tools import gateway
from tools.guard import Judged

_REMIND_DAYS_BEFORE = 5
_NEWS_DROP_OFFS = 2
_MAKES_GOOD_AT_ONCE = {
    Reason.WRONG_ITEM,
    Reason.OVER_SHIPPED,
    Reason.MISSING_PARTS,
    Reason.DEFECTIVE,
    Reason.DAMAGED_IN_TRANSIT,
    Reason.WARRANTY_FAILURE,
    Reason.WRONG_SIZE,
}


def verify(world: WorkerWorld, rma_id: str, permit_ids: list[str]) -> Json:
    """Check every permit against the RMA's lines before anything is done.

    Returns:
        `{"replace": [line ids]}`, or `{"refused": check}` when this start was forged.
    """
    try:
        with world.store.read() as uow:
            lines = _lines_of(uow, rma_id, permit_ids)
            for line in lines:
                _same(gateway.verify_spent(uow, line.permit_id, action=Action.CREATE_RMA), line)
            replace = [line.line_id for line in lines if _wants_replacement(uow, line)]
    except NotFound:
        return permit_problem(world, PermitRefused("no RMA", rma_id), subject=rma_id, case_id=None)
    except PermitRefused as error:
        return permit_problem(world, error, subject=rma_id, case_id=None)
    return {"replace": replace}


def _lines_of(uow: UnitOfWork, rma_id: str, permit_ids: list[str]) -> Sequence[RmaLineRow]:
    lines = rmas.rma_lines(uow, rmas.rma(uow, rma_id).id)
    if not lines or sorted(permit_ids) != sorted(line.permit_id for line in lines):
        raise PermitRefused("other RMA", "the permits are not those of the RMA's lines")
    return lines


def _same(command: Command, line: RmaLineRow) -> None:
    authorised = (command.order_number, command.line, command.sku, command.quantity)
    if authorised != (line.order_number, line.order_line, line.sku, line.quantity):
        raise PermitRefused("other command", f"RMA line {line.id} is not what its permit allows")


def _wants_replacement(uow: UnitOfWork, line: RmaLineRow) -> bool:
    row = cases.return_line(uow, line.line_id)
    return row.resolution == Resolution.REPLACEMENT.value and Reason(row.reason) in _MAKES_GOOD_AT_ONCE


def issue(world: WorkerWorld, rma_id: str) -> Json:
    """Book the RMA in the ERP."""
    with world.store.read() as uow:
        rma = rmas.rma(uow, rma_id)
        request = RmaRequest(
            reference=rma_id,
            account_id=rma.account_id,
            facility_id=rma.facility_id,
            return_by=rma.return_by,
            lines=tuple(_request_line(uow, line) for line in rmas.rma_lines(uow, rma_id)),
        )

    def call(key: str) -> tuple[str, Json]:
        booked = world.erp_writes.create_rma(request, key=key)
        return booked.number, {"number": booked.number}

    def confirm(uow: UnitOfWork, row: CommandRow) -> None:
        _issued(uow, rma_id, row.external_id or "")

    return carry_out(world, Effect(f"{rma_id}:create_rma:1", Action.CREATE_RMA, call, confirm))


def _request_line(uow: UnitOfWork, line: RmaLineRow) -> RmaLineRequest:
    row = cases.return_line(uow, line.line_id)
    return RmaLineRequest(
        order_number=line.order_number,
        line=line.order_line,
        quantity=line.quantity,
        serials=tuple(row.serials),
        reason=Reason(row.reason),
        resolution=Resolution(row.resolution),
    )


def _issued(uow: UnitOfWork, rma_id: str, number: str) -> None:
    rma = rmas.rma(uow, rma_id, lock=True)
    rma.erp_number = number
    refresh(uow, rma)
    due.set_due(uow, kind="rma_expiry", subject=rma_id, at=due.end_of(rma.return_by))
    reminder = due.end_of(rma.return_by) - timedelta(days=_REMIND_DAYS_BEFORE)
    due.set_due(uow, kind="rma_reminder", subject=rma_id, at=reminder)
    uow.record(
        Tag.RMA_ISSUED, actor="worker:workflow", subject=rma_id, case_id=rma.case_id, facts={"number": number}
    )
    tell(uow, rma, "rma_issued", {"number": number})


def buy_label(world: WorkerWorld, rma_id: str, n: int) -> Json:
    """Buy the n-th label of an RMA from the first carrier that serves the place; a new one voids the old."""
    with world.store.read() as uow:
        rma = rmas.rma(uow, rma_id)
        first = rmas.rma_lines(uow, rma_id)[0]
        old = rmas.live_label(uow, rma_id)
    key = f"{rma_id}:label:{n}"
    judged = authorise(
        world,
        action=Action.CREATE_LABEL,
        proposal_id=first.proposal_id,
        subject=f"{rma_id}/{n}",
        key=key,
        request={"rma": rma_id, "n": n},
    )
    if judged is not None:
        return not_permitted(judged)
    request = _label_request(world, rma)
    carrier = next((one for one in world.carriers if one.rates(request)), None)
    if carrier is None:
        return {"state": "rejected", "why": f"no carrier serves {request.ship_from.postal_code}"}
    bought: list[CarrierLabel] = []

    def call(permit_id: str) -> tuple[str, Json]:
        label = carrier.buy_label(request, key=permit_id)
        bought.append(label)
        return label.tracking_number, {"carrier": label.carrier, "service": label.service}

    def confirm(uow: UnitOfWork, _row: CommandRow) -> None:
        _label_bought(world, uow, rma_id, bought[0], carrier, request)

    result = carry_out(world, Effect(key, Action.CREATE_LABEL, call, confirm))
    if result["state"] == "confirmed" and old is not None and old.tracking_number != result["external_id"]:
        _void(world, carrier, old.id, key)
    return result


def next_label(world: WorkerWorld, rma_id: str, requested_by: str) -> Json:
    """Number of the label to be bought next, for an RMA whose parcel has not moved."""
    try:
        with world.store.read() as uow:
            rma = rmas.rma(uow, rma_id)
            bought = len(rmas.labels(uow, rma_id))
    except NotFound:
        return permit_problem(world, PermitRefused("no RMA", rma_id), subject=rma_id, case_id=None)
    if rma.erp_number is None or not can_be_cancelled(RmaState(rma.state)):
        return {"refused": f"the return is {rma.state}", "requested_by": requested_by}
    return {"n": bought + 1}


def not_permitted(judged: Judged) -> Json:
    """How a workflow hears that an effect was not permitted."""
    state = "denied" if judged.outcome is Outcome.DENY else "review"
    return {"state": state, "why": judged.verdict.message, "verdict": judged.verdict.id}


def _label_request(world: WorkerWorld, rma: RmaRow) -> LabelRequest:
    account, facility = _account(world, rma), _facility(world, rma)
    weight, hazmat = 0, False
    with world.store.read() as uow:
        for line in rmas.rma_lines(uow, rma.id):
            item = world.erp.item(line.sku)
            weight += (item.weight_grams if item else 0) * line.quantity
            hazmat = hazmat or bool(item and item.hazmat)
    return LabelRequest(
        reference=rma.erp_number or rma.id,
        ship_from=account.ship_to,
        ship_to=facility.address,
        weight_grams=max(weight, 1),
        ship_by=rma.return_by,
        hazmat=hazmat,
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
    world: WorkerWorld,
    uow: UnitOfWork,
    rma_id: str,
    label: CarrierLabel,
    carrier: Carrier,
    request: LabelRequest,
) -> None:
    rma = rmas.rma(uow, rma_id, lock=True)
    row = LabelRow(
        id=world.ids.new("LB"),
        rma_id=rma_id,
        carrier=label.carrier,
        service=label.service,
        tracking_number=label.tracking_number,
        sscc=label.sscc,
        drop_off_code=label.drop_off_code,
        cost_minor=label.cost.minor,
        currency=label.cost.currency,
        ship_by=request.ship_by,
        pdf_blob=world.blobs.put(label.pdf),
        png_blob=world.blobs.put(label.png),
        zpl_blob=world.blobs.put(label.zpl),
        qr_blob=world.blobs.put(label.qr_png),
        created_at=uow.clock.now(),
    )
    uow.session.add(row)
    uow.session.flush()
    refresh(uow, rma)
    uow.record(
        Tag.LABEL_BOUGHT,
        actor="worker:workflow",
        subject=row.id,
        case_id=rma.case_id,
        facts={"rma": rma_id, "tracking": row.tracking_number},
    )
    tell(uow, rma, "label_ready", _label_news(row, rma, carrier, request))


def _label_news(row: LabelRow, rma: RmaRow, carrier: Carrier, request: LabelRequest) -> Json:
    near = carrier.drop_offs(request.ship_from.postal_code)[:_NEWS_DROP_OFFS]
    return {
        "number": rma.erp_number,
        "label_id": row.id,
        "tracking_number": row.tracking_number,
        "carrier": row.carrier,
        "service": row.service,
        "ship_by": row.ship_by.isoformat(),
        "drop_offs": [
            {"name": one.name, "street": one.address.street, "city": one.address.city} for one in near
        ],
    }


def _void(world: WorkerWorld, carrier: Carrier, label_id: str, key: str) -> None:
    with world.store.begin() as uow:
        label = uow.session.get(LabelRow, label_id)
        if label is None or label.voided_at is not None:
            return
        label.voided_at = uow.clock.now()
        tracking = label.tracking_number
        rma = rmas.rma(uow, label.rma_id)
        uow.record(Tag.LABEL_VOIDED, actor="worker:workflow", subject=label_id, case_id=rma.case_id)
    carrier.void_label(tracking, key=f"void:{key}")


def announce(world: WorkerWorld, rma_id: str) -> Json:
    """Tell the dock what will come, so that nothing arrives without papers."""
    with world.store.read() as uow:
        rma = rmas.rma(uow, rma_id)
        label = rmas.live_label(uow, rma_id)
        notice = ReturnNotice(
            reference=rma_id,
            erp_number=rma.erp_number or "",
            facility_id=rma.facility_id,
            tracking_number=label.tracking_number if label else "",
            expected_by=rma.return_by,
            lines=tuple(_request_line(uow, line) for line in rmas.rma_lines(uow, rma_id)),
        )
    world.warehouse.announce(notice, key=f"{rma_id}:announce")
    return {"state": "announced"}


def hand_to_person(world: WorkerWorld, rma_id: str, problem: Json) -> Json:
    """Open a review for what could not be done, and say why."""
    with world.store.begin() as uow:
        rma = rmas.rma(uow, rma_id)
        case = cases.case(uow, rma.case_id)
        reviews.open_review(
            uow,
            world.ids,
            case_id=case.id,
            thread_id=case.thread_id,
            why=f"{rma.erp_number or rma_id}: {problem.get('why') or 'could not be completed'}",
            due_at=uow.clock.now() + timedelta(hours=REVIEW_HOURS),
        )
    return {"state": "with a person", "why": problem.get("why")}


def refresh(uow: UnitOfWork, rma: RmaRow) -> None:
    """Derive the RMA's state from its facts again."""
    facts = RmaFacts(
        authorised=sum(line.quantity for line in rmas.rma_lines(uow, rma.id)),
        received=0,
        settled=0,
        has_erp_number=rma.erp_number is not None,
        has_label=rmas.live_label(uow, rma.id) is not None,
        parcel=ParcelStatus(rma.parcel) if rma.parcel else None,
        cancelled=rma.cancelled_at is not None,
        expired=rma.expired_at is not None,
    )
    rma.state = rma_state(facts).value
    rma.version += 1


def tell(uow: UnitOfWork, rma: RmaRow, kind: str, payload: Json) -> None:
    """News of an RMA for its conversation."""
    case = cases.case(uow, rma.case_id)
    conversation.append_event(uow, case.thread_id, kind, {"case_id": case.id, "rma_id": rma.id, **payload})
