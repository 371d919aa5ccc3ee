"""Steps after the label: the right part, the letter, the parcel's arrival, cancelling and expiry."""

from backhaul.connectors.ports import Letter, ReplacementRequest
from backhaul.domain.audit import Tag
from backhaul.domain.codes import Action, Outcome
from backhaul.domain.errors import ConnectorRejected, NotFound
from backhaul.domain.lifecycle import can_be_cancelled
from backhaul.domain.receiving import ParcelStatus
from backhaul.domain.returns import RmaState
from backhaul.store import cases, due, ledger, rmas
from backhaul.store.effect_tables import CommandRow, LabelRow, ReplacementRow, RmaRow
from backhaul.store.unit_of_work import UnitOfWork
from backhaul.workflows.decide import review_for
from backhaul.workflows.effects import Effect, authorise, carry_out
from backhaul.workflows.rma_steps import not_permitted, refresh, tell
from backhaul.workflows.runner import Json
from backhaul.workflows.world import WorkerWorld
from tools.guard import Judged


def send_replacement(world: WorkerWorld, rma_id: str, line_id: str) -> Json:
    """Order the right goods for a line, free of charge, if the policy permits it before receipt."""
    with world.store.read() as uow:
        rma = rmas.rma(uow, rma_id)
        entry = next(line for line in rmas.rma_lines(uow, rma_id) if line.line_id == line_id)
    key = f"{rma_id}:replacement:{entry.id}"
    judged = authorise(
        world,
        action=Action.REPLACEMENT,
        proposal_id=entry.proposal_id,
        subject=rma_id,
        key=key,
        request={"rma": rma_id, "line": line_id},
    )
    if judged is not None:
        return _replacement_waits(world, rma_id, line_id, judged)
    request = ReplacementRequest(
        reference=f"{rma.erp_number}-R",
        account_id=rma.account_id,
        case_id=rma.case_id,
        order_number=entry.order_number,
        line=entry.order_line,
        sku=entry.sku,
        quantity=entry.quantity,
    )

    def call(permit_id: str) -> tuple[str, Json]:
        sent = world.erp_writes.order_replacement(request, key=permit_id)
        return sent.order_number, {"ships_on": sent.ships_on.isoformat()}

    def confirm(uow: UnitOfWork, row: CommandRow) -> None:
        _replacement_ordered(world, uow, rma_id, request, line_id, row)

    return carry_out(world, Effect(key, Action.REPLACEMENT, call, confirm))


def _replacement_waits(world: WorkerWorld, rma_id: str, line_id: str, judged: Judged) -> Json:
    """The return goes on without its replacement: a person decides, or it is refused. Both are told."""
    with world.store.begin() as uow:
        rma = rmas.rma(uow, rma_id)
        line = cases.return_line(uow, line_id)
        news: Json = {
            "line_id": line_id,
            "sku": line.sku,
            "quantity": line.quantity,
            "number": rma.erp_number,
            "message": judged.verdict.message,
        }
        if judged.outcome is Outcome.ESCALATE:
            review = review_for(world, uow, judged)
            due = {"review_id": review.id, "decided_by": review.due_at.date().isoformat()}
            tell(uow, rma, "replacement_waits", {**news, **due})
        elif judged.outcome is Outcome.DENY:
            tell(uow, rma, "replacement_refused", news)
    return not_permitted(judged)


def _replacement_ordered(
    world: WorkerWorld,
    uow: UnitOfWork,
    rma_id: str,
    request: ReplacementRequest,
    line_id: str,
    row: CommandRow,
) -> None:
    sent = world.erp_writes.replacement_by_key(row.permit_id or "")
    if sent is None:
        raise ConnectorRejected("ERP", f"replacement {row.external_id} cannot be read back")
    rma = rmas.rma(uow, rma_id)
    uow.session.add(
        ReplacementRow(
            id=world.ids.new("RP"),
            rma_id=rma_id,
            line_id=line_id,
            sku=request.sku,
            quantity=request.quantity,
            erp_number=sent.order_number,
            ships_on=sent.ships_on,
            created_at=uow.clock.now(),
        )
    )
    uow.record(
        Tag.REPLACEMENT_ORDERED,
        actor="worker:workflow",
        subject=rma_id,
        case_id=rma.case_id,
        facts={"order": sent.order_number, "sku": request.sku, "quantity": request.quantity},
    )
    news = {
        "line_id": line_id,
        "sku": request.sku,
        "quantity": request.quantity,
        "order_number": sent.order_number,
        "ships_on": sent.ships_on.isoformat(),
    }
    tell(uow, rma, "replacement_ordered", news)


def tell_customer(world: WorkerWorld, rma_id: str) -> Json:
    """Send the letter with RMA number and label to the account's contact."""
    with world.store.read() as uow:
        rma = rmas.rma(uow, rma_id)
        label = rmas.live_label(uow, rma_id)
        requester = cases.proposal(uow, rmas.rma_lines(uow, rma_id)[0].proposal_id).requested_by
    contacts = world.erp.contacts(rma.account_id)
    asked = next((one for one in contacts if requester == f"contact:{one.contact_id}"), None)
    to = asked or (contacts[0] if contacts else None)
    if to is None:
        return {"state": "no contact"}
    world.notifier.send(_letter(world, rma, label, to.email, to.name), key=f"{rma_id}:issued")
    with world.store.begin() as uow:
        uow.record(Tag.CUSTOMER_NOTIFIED, actor="worker:workflow", subject=rma_id, case_id=rma.case_id)
    return {"state": "sent"}


def _letter(world: WorkerWorld, rma: RmaRow, label: LabelRow | None, to: str, name: str) -> Letter:
    number = rma.erp_number or rma.id
    if label is None:
        body = (
            f"Hello {name},\n\nyour return {number} is authorised. A colleague is arranging the transport "
            "and will write to you; please keep the goods until then.\n"
        )
        return Letter(to, f"Your return {number}", body)
    body = (
        f"Hello {name},\n\nyour return {number} is authorised. Please write {number} on the parcel, fix the "
        f"attached label to it and hand it in by {label.ship_by:%d %B %Y}. Without a printer, show the code "
        f"{label.drop_off_code} at a drop-off point.\n\nTracking: {label.tracking_number}\n"
        f"Follow it here: {world.public_url}/chat\n"
    )
    files = (
        (f"{number}.pdf", "application/pdf", world.blobs.get(label.pdf_blob)),
        (f"{number}.png", "image/png", world.blobs.get(label.png_blob)),
    )
    return Letter(to, f"Your return {number}: label inside", body, files)


def parcel_arrived(world: WorkerWorld, rma_id: str) -> Json:
    """The carrier delivered the parcel to the dock: the deadline no longer matters."""
    with world.store.begin() as uow:
        rma = rmas.rma(uow, rma_id, lock=True)
        rma.parcel = ParcelStatus.DELIVERED.value
        refresh(uow, rma)
        due.drop_due(uow, kind="rma_expiry", subject=rma_id)
        due.drop_due(uow, kind="rma_reminder", subject=rma_id)
    return {"state": "delivered"}


def expire(world: WorkerWorld, rma_id: str) -> Json:
    """The goods did not come in time; what was authorised is free again. A moving parcel keeps it open."""
    with world.store.begin() as uow:
        rma = rmas.rma(uow, rma_id, lock=True)
        if rma.expired_at is None and not can_be_cancelled(RmaState(rma.state)):
            return {"state": rma.state}
        if rma.expired_at is None:
            _expired(uow, rma)
        number = rma.erp_number
    # Also when a crash came between: the key makes a second cancellation harmless.
    if number is not None:
        world.erp_writes.cancel_rma(number, key=f"{rma_id}:expire")
    return {"state": "expired"}


def _expired(uow: UnitOfWork, rma: RmaRow) -> None:
    rma.expired_at = uow.clock.now()
    refresh(uow, rma)
    for line in rmas.rma_lines(uow, rma.id):
        ledger.release(uow, line.permit_id)
    uow.record(Tag.RMA_EXPIRED, actor="worker:workflow", subject=rma.id, case_id=rma.case_id)
    tell(uow, rma, "rma_expired", {"number": rma.erp_number})


def authorise_cancel(world: WorkerWorld, rma_id: str, requested_by: str) -> Json:
    """Ask the guard whether the RMA may be cancelled, and spend the permit."""
    try:
        with world.store.read() as uow:
            rma = rmas.rma(uow, rma_id)
            lines = rmas.rma_lines(uow, rma_id)
    except NotFound as unknown:
        return {"state": "refused", "why": str(unknown)}
    if rma.erp_number is None or not can_be_cancelled(RmaState(rma.state)):
        return {"state": "too late", "why": f"the return is {rma.state}"}
    judged = authorise(
        world,
        action=Action.CANCEL_RMA,
        proposal_id=lines[0].proposal_id,
        subject=rma_id,
        key=f"{rma_id}:cancel_rma:1",
        request={"rma": rma_id, "requested_by": requested_by},
    )
    return {"state": "authorised"} if judged is None else not_permitted(judged)


def void_label(world: WorkerWorld, rma_id: str) -> Json:
    """Void the label at the carrier, so that nobody pays for it."""
    with world.store.read() as uow:
        label = rmas.live_label(uow, rma_id)
    if label is None:
        return {"state": "no label"}
    carrier = next((one for one in world.carriers if one.name == label.carrier), None)
    if carrier is None:
        return {"state": "rejected", "why": f"carrier {label.carrier} is not configured"}
    try:
        carrier.void_label(label.tracking_number, key=f"void:{label.id}")
    except ConnectorRejected as no:
        return {"state": "rejected", "why": str(no)}
    with world.store.begin() as uow:
        row = rmas.live_label(uow, rma_id)
        if row is not None:
            row.voided_at = uow.clock.now()
            case_id = rmas.rma(uow, rma_id).case_id
            uow.record(Tag.LABEL_VOIDED, actor="worker:workflow", subject=row.id, case_id=case_id)
    return {"state": "voided"}


def cancel(world: WorkerWorld, rma_id: str) -> Json:
    """Cancel the RMA in the ERP; the pieces can be returned again."""
    with world.store.read() as uow:
        number = rmas.rma(uow, rma_id).erp_number or ""

    def call(permit_id: str) -> tuple[str, Json]:
        world.erp_writes.cancel_rma(number, key=permit_id)
        return number, {}

    def confirm(uow: UnitOfWork, _row: CommandRow) -> None:
        _cancelled(world, uow, rma_id)

    return carry_out(world, Effect(f"{rma_id}:cancel_rma:1", Action.CANCEL_RMA, call, confirm))


def _cancelled(world: WorkerWorld, uow: UnitOfWork, rma_id: str) -> None:
    rma = rmas.rma(uow, rma_id, lock=True)
    rma.cancelled_at = uow.clock.now()
    refresh(uow, rma)
    for line in rmas.rma_lines(uow, rma_id):
        ledger.release(uow, line.permit_id)
    due.drop_due(uow, kind="rma_expiry", subject=rma_id)
    due.drop_due(uow, kind="rma_reminder", subject=rma_id)
    uow.record(Tag.RMA_CANCELLED, actor="worker:workflow", subject=rma_id, case_id=rma.case_id)
    tell(uow, rma, "rma_cancelled", {"number": rma.erp_number})
    world.starter.send(
        uow,
        workflow_id=f"return-{rma_id}",
        topic="return",
        message={"kind": "cancelled"},
        key=f"{rma_id}:cancelled",
    )
