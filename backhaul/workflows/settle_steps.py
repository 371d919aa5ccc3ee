"""Steps after the label: the right part, and the letter."""

from collections.abc import Sequence
from datetime import date

from backhaul.connectors.ports import Letter, ReplacementRequest
from backhaul.domain.audit import Tag
from backhaul.domain.codes import Action, Outcome
from backhaul.domain.errors import ConnectorRejected
from backhaul.domain.returns import Command
from backhaul.domain.trade import Contact
from backhaul.store import cases, conversation, parcels, rmas
from backhaul.store.effect_tables import CommandRow, LabelRow, ReplacementRow, RmaRow
from backhaul.store.unit_of_work import UnitOfWork
from backhaul.workflows.dispose_steps import about, ask, disposed, key_of, settle
from backhaul.workflows.effects import Effect, authorise, carry_out, not_permitted
from backhaul.workflows.rma_steps import refresh, tell
from backhaul.workflows.runner import Json
from backhaul.workflows.stops import forged, hand_to_person, review_for, turned_down
from backhaul.workflows.world import WorkerWorld
from tools.guard import Judged
from tools.verdicts import ground_of


def send_replacement(world: WorkerWorld, rma_id: str, line_id: str) -> Json:
    """Order the right goods for a line, free of charge, if the policy permits it before receipt."""
    with world.store.read() as uow:
        rma = rmas.rma(uow, rma_id)
        entry = next((line for line in rmas.rma_lines(uow, rma_id) if line.line_id == line_id), None)
    if entry is None:
        return forged(world, rma_id, "no such line")
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

    def call(permit_id: str, commands: Sequence[Command]) -> tuple[str, Json]:
        request = free_order(rma, commands[0])
        sent = world.erp_writes.order_replacement(request, key=permit_id)
        answer = {"ships_on": sent.ships_on.isoformat(), "sku": request.sku, "quantity": request.quantity}
        return sent.order_number, answer

    def confirm(uow: UnitOfWork, row: CommandRow) -> None:
        _replacement_ordered(world, uow, rma_id, line_id, row)

    return carry_out(world, Effect(key, Action.REPLACEMENT, frozenset({rma_id}), call, confirm))


def free_order(rma: RmaRow, command: Command) -> ReplacementRequest:
    """A free order for what the permit says: the article that was ordered."""
    return ReplacementRequest(
        reference=f"{rma.erp_number}-R",
        account_id=command.account_id,
        case_id=command.case_id,
        order_number=command.order_number,
        line=command.line,
        sku=command.sku,
        quantity=command.quantity,
    )


def _replacement_waits(world: WorkerWorld, rma_id: str, line_id: str, judged: Judged) -> Json:
    """The return goes on without its replacement: a person decides, or it is refused. Both are told."""
    with world.store.begin() as uow:
        rma = rmas.rma(uow, rma_id)
        news = {**_about(uow, rma, line_id), "message": judged.verdict.message}
        if judged.outcome is Outcome.DENY:
            turned_down(uow, rma_id, Action.REPLACEMENT, why=ground_of(judged.verdict), line_id=line_id)
            tell(uow, rma, "replacement_refused", news)
        else:
            review = review_for(world, uow, judged)
            due = {"review_id": review.id, "decided_by": review.due_at.date().isoformat()}
            tell(uow, rma, "replacement_waits", {**news, **due})
    return not_permitted(judged)


def _about(uow: UnitOfWork, rma: RmaRow, line_id: str) -> Json:
    line = cases.return_line(uow, line_id)
    return {"line_id": line_id, "sku": line.sku, "quantity": line.quantity, "number": rma.erp_number}


def hand_replacement(world: WorkerWorld, rma_id: str, line_id: str, problem: Json) -> Json:
    """The policy permitted it and the ERP would not take it: a person sees to it, and the customer knows."""
    with world.store.begin() as uow:
        rma = rmas.rma(uow, rma_id)
        tell(uow, rma, "replacement_stuck", _about(uow, rma, line_id))
    return hand_to_person(world, rma_id, problem)


def _replacement_ordered(
    world: WorkerWorld, uow: UnitOfWork, rma_id: str, line_id: str, row: CommandRow
) -> None:
    rma = rmas.rma(uow, rma_id)
    news = _keep_replacement(world, uow, rma, line_id, row, disposition_id=None)
    tell(uow, rma, "replacement_ordered", news)


def _keep_replacement(
    world: WorkerWorld,
    uow: UnitOfWork,
    rma: RmaRow,
    line_id: str,
    row: CommandRow,
    *,
    disposition_id: str | None,
) -> Json:
    """Keep the free order beside the RMA; returns what its news say."""
    sent, order_number = row.result, row.external_id or ""
    uow.session.add(
        ReplacementRow(
            id=world.ids.new("RP"),
            rma_id=rma.id,
            line_id=line_id,
            disposition_id=disposition_id,
            sku=sent["sku"],
            quantity=sent["quantity"],
            erp_number=order_number,
            ships_on=date.fromisoformat(sent["ships_on"]),
            created_at=uow.clock.now(),
        )
    )
    uow.session.flush()
    facts = {"order": order_number, "sku": sent["sku"], "quantity": sent["quantity"]}
    uow.record(
        Tag.REPLACEMENT_ORDERED, actor="worker:workflow", subject=rma.id, case_id=rma.case_id, facts=facts
    )
    return {
        "line_id": line_id,
        "sku": sent["sku"],
        "quantity": sent["quantity"],
        "order_number": order_number,
        "ships_on": sent["ships_on"],
    }


def authorise_exchange(world: WorkerWorld, disposition_id: str) -> Json:
    """Ask for the right goods in exchange for those that came and were inspected."""
    return ask(world, Action.REPLACEMENT, disposition_id, "exchange")


def exchange(world: WorkerWorld, disposition_id: str) -> Json:
    """Order the right goods in exchange for received ones."""
    with world.store.read() as uow:
        found = disposed(uow, disposition_id)

    def call(permit_id: str, commands: Sequence[Command]) -> tuple[str, Json]:
        request = free_order(found.rma, commands[0])
        sent = world.erp_writes.order_replacement(request, key=permit_id)
        answer = {"ships_on": sent.ships_on.isoformat(), "sku": request.sku, "quantity": request.quantity}
        return sent.order_number, answer

    def confirm(uow: UnitOfWork, row: CommandRow) -> None:
        rma = rmas.rma(uow, found.rma.id, lock=True)
        news = _keep_replacement(world, uow, rma, found.line.line_id, row, disposition_id=disposition_id)
        settle(uow, disposition_id)
        refresh(uow, rma)
        tell(uow, rma, "exchange_ordered", {**about(found), **news})

    key = key_of(found, Action.REPLACEMENT)
    return carry_out(world, Effect(key, Action.REPLACEMENT, frozenset({disposition_id}), call, confirm))


def tell_customer(world: WorkerWorld, rma_id: str) -> Json:
    """Send the letter with RMA number and label to the account's contact."""
    with world.store.read() as uow:
        rma = rmas.rma(uow, rma_id)
        label = rmas.live_label(uow, rma_id)
        pickup = parcels.pickup_of(uow, label) if label else None
        requester = cases.proposal(uow, rmas.rma_lines(uow, rma_id)[0].proposal_id).requested_by
        speaks = conversation.thread(uow, cases.case(uow, rma.case_id).thread_id).contact_name
    contacts = world.erp.contacts(rma.account_id)
    # A colleague may have asked for somebody who was on the telephone: the letter goes to that person.
    named = [one for one in contacts if requester == f"contact:{one.contact_id}"]
    asked = next((one for one in (*named, *contacts) if named or one.name == speaks), None)
    to = asked or (contacts[0] if contacts else None)
    if to is None:
        return {"state": "no contact"}
    try:
        world.notifier.send(_letter(world, rma, label, pickup, to), key=f"{rma_id}:issued")
    except ConnectorRejected as no:
        return {"state": "rejected", "why": f"the letter with number and label was not sent: {no}"}
    with world.store.begin() as uow:
        uow.record(Tag.CUSTOMER_NOTIFIED, actor="worker:workflow", subject=rma_id, case_id=rma.case_id)
    return {"state": "sent"}


def _letter(
    world: WorkerWorld, rma: RmaRow, label: LabelRow | None, pickup: Json | None, contact: Contact
) -> Letter:
    number, to, name = rma.erp_number or rma.id, contact.email, contact.name
    if label is None:
        body = (
            f"Hello {name},\n\nyour return {number} is authorised. A colleague is arranging the transport "
            "and will write to you; please keep the goods until then.\n"
        )
        return Letter(to, f"Your return {number}", body)
    asked = _pallets_asked(pickup) if pickup else _parcel_asked(number, label)
    body = (
        f"Hello {name},\n\nyour return {number} is authorised. {asked}\n\nTracking: {label.tracking_number}\n"
        f"Follow it here: {world.public_url}/chat\n"
    )
    files = (
        (f"{number}.pdf", "application/pdf", world.blobs.get(label.pdf_blob)),
        (f"{number}.png", "image/png", world.blobs.get(label.png_blob)),
    )
    return Letter(to, f"Your return {number}: label inside", body, files)


def _parcel_asked(number: str, label: LabelRow) -> str:
    return (
        f"Please write {number} on the parcel, fix the attached label to it and hand it in by "
        f"{label.ship_by:%d %B %Y}. Without a printer, show the code {label.drop_off_code} at a drop-off "
        "point."
    )


def _pallets_asked(pickup: Json) -> str:
    day, number = date.fromisoformat(pickup["day"]), len(pickup["handling_units"])
    pallets = "a pallet" if number == 1 else f"{number} pallets"
    return (
        f"A driver fetches the goods on {day:%d %B %Y} between {pickup['opens']} and {pickup['closes']}. "
        f"Please have them ready on {pallets}, fix the attached labels, and print the bill of lading "
        f"{pickup['bill_of_lading']} twice."
    )
