"""Steps of supplier recovery: compile the claim, ask the guard, file it.

There is one claim for each disposition. Pieces that came with several purchases stay on one claim, each at
its own cost: the supplier is the same, and looks at the goods once. The oldest purchase sets the clock, and
the credit is booked purchase by purchase.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, timedelta

from backhaul.connectors.claim_packet import print_packet
from backhaul.domain.audit import Tag
from backhaul.domain.canonical import digest, plain
from backhaul.domain.claims import UNFILED, ClaimState, expected_minor
from backhaul.domain.clock import id_from
from backhaul.domain.codes import Action, Outcome
from backhaul.domain.errors import NotFound
from backhaul.domain.receiving import Disposition
from backhaul.domain.returns import Command
from backhaul.store import claims, dock, due, ledger
from backhaul.store.effect_tables import CommandRow
from backhaul.store.money_tables import VendorClaimRow
from backhaul.store.unit_of_work import UnitOfWork
from backhaul.workflows.claim_evidence import Compiled, compiled, stored
from backhaul.workflows.claim_letters import LINK_LASTS, note_sent, send_claim
from backhaul.workflows.dispose_steps import Disposed
from backhaul.workflows.effects import Effect, authorise, carry_out, not_permitted
from backhaul.workflows.runner import Json
from backhaul.workflows.stops import forged, review_for, turned_down
from backhaul.workflows.world import WorkerWorld
from tools.guard import Judged
from tools.verdicts import ground_of

FILE_BY, WARNING = "claim_file_by", "claim_warning"
"""Deadlines of a claim that is not filed: the end of its clock, and a week before"""
_WARN_BEFORE = timedelta(days=7)


def compile_claim(world: WorkerWorld, disposition_id: str) -> Json:
    """Put the packet of a claim together, when the goods go back to their maker.

    Again, it brings the claim up to date. What was permitted keeps its amounts: only its packet is made anew.

    Returns:
        `{"state", "claim_id", "missing"}`; the state is `none` when these goods are not claimed.
    """
    with world.store.read() as uow:
        row = dock.disposition(uow, disposition_id)
        goes_back = row.chosen == Disposition.RETURN_TO_VENDOR.value and row.rma_line_id is not None
        if not goes_back or not ledger.was_moved(uow, disposition_id):
            return {"state": "none"}
        claim_id = id_from("VC", digest(disposition_id), length=8)
        records = stored(uow, disposition_id, claim_id)
    made = compiled(world, records, claim_id)
    packet = world.blobs.put(print_packet(made.packet))
    with world.store.begin() as uow:
        claim = claims.claim_of_disposition(uow, disposition_id, lock=True)
        if claim is None:
            claim = _opened(uow, records.found, claim_id)
        claim.packet_blob = packet
        if ClaimState(claim.state) in UNFILED and ledger.command(uow, key_of(claim)) is None:
            _bring_up_to_date(uow, claim, made)
        claim.version += 1
        _note_compiled(uow, claim)
        return {"state": claim.state, "claim_id": claim.id, "missing": list(claim.missing)}


def _opened(uow: UnitOfWork, found: Disposed, claim_id: str) -> VendorClaimRow:
    row = VendorClaimRow(
        id=claim_id,
        case_id=found.rma.case_id,
        rma_id=found.rma.id,
        rma_line_id=found.line.id,
        proposal_id=found.line.proposal_id,
        disposition_id=found.row.id,
        supplier_id="",
        purchase_order="",
        purchases=[],
        sku=found.row.sku,
        quantity=found.row.quantity,
        serials=list(found.row.serials),
        cost_minor=0,
        allowance_minor=0,
        expected_minor=0,
        state=ClaimState.INCOMPLETE.value,
        missing=[],
        created_at=uow.clock.now(),
        version=0,
    )
    uow.session.add(row)
    return row


def _bring_up_to_date(uow: UnitOfWork, row: VendorClaimRow, made: Compiled) -> None:
    row.supplier_id, row.missing, row.why = made.supplier_id, list(made.missing), None
    row.purchases = plain([asdict(one) for one in made.trace.bought])
    row.purchase_order = ", ".join(one.number for one in made.trace.bought)
    row.cost_minor, row.allowance_minor = made.trace.cost_minor, made.allowance_minor
    asked = row.cost_minor + row.allowance_minor
    row.expected_minor = expected_minor(asked, claims.record_of(uow, row.supplier_id))
    row.file_by = made.clock.file_by
    row.state = (ClaimState.INCOMPLETE if made.missing else ClaimState.READY).value
    if row.file_by is not None:
        end = due.end_of(row.file_by)
        due.set_due(uow, kind=FILE_BY, subject=row.id, at=end)
        due.set_due(uow, kind=WARNING, subject=row.id, at=end - _WARN_BEFORE)


def _note_compiled(uow: UnitOfWork, row: VendorClaimRow) -> None:
    uow.session.flush()
    facts = {"state": row.state, "cost_minor": row.cost_minor, "missing": len(row.missing)}
    uow.record(Tag.CLAIM_COMPILED, actor="worker:claims", subject=row.id, case_id=row.case_id, facts=facts)


def authorise_claim(world: WorkerWorld, claim_id: str) -> Json:
    """Ask the guard whether the claim may be filed; what is incomplete is not even asked for."""
    try:
        with world.store.read() as uow:
            row = claims.claim(uow, claim_id)
    except NotFound as missing:
        return forged(world, claim_id, str(missing))
    if row.state == ClaimState.INCOMPLETE.value:
        return {"state": "incomplete", "claim_id": claim_id, "why": "; ".join(row.missing)}
    judged = authorise(
        world,
        action=Action.VENDOR_CLAIM,
        proposal_id=row.proposal_id,
        subject=claim_id,
        key=key_of(row),
        request={"rma": row.rma_id, "claim": claim_id},
    )
    if judged is None:
        return {"state": "authorised", "claim_id": claim_id}
    return {**_stops(world, claim_id, judged), "claim_id": claim_id}


def key_of(row: VendorClaimRow) -> str:
    """The command that files a claim; there is one."""
    return f"{row.rma_id}:{Action.VENDOR_CLAIM.value}:{row.id}"


def _stops(world: WorkerWorld, claim_id: str, judged: Judged) -> Json:
    with world.store.begin() as uow:
        row = claims.claim(uow, claim_id, lock=True)
        row.why = ground_of(judged.verdict)
        row.version += 1
        if judged.outcome is Outcome.DENY:
            row.state = _ended(row, uow.clock.now().date()).value
            turned_down(uow, row.rma_id, Action.VENDOR_CLAIM, why=row.why, subject=claim_id)
        else:
            review_for(world, uow, judged)
    return not_permitted(judged)


def _ended(row: VendorClaimRow, today: date) -> ClaimState:
    late = row.file_by is not None and row.file_by < today
    return ClaimState.LAPSED if late else ClaimState.REFUSED


def refuse(world: WorkerWorld, claim_id: str) -> Json:
    """A person turned the claim down; it can be taken up again by adding to it, while its clock runs."""
    with world.store.begin() as uow:
        row = claims.claim(uow, claim_id, lock=True)
        if row.state == ClaimState.READY.value:
            row.state, row.why = ClaimState.REFUSED.value, "A person decided not to file it"
            row.version += 1
    return {"state": "refused", "claim_id": claim_id}


def file(world: WorkerWorld, claim_id: str) -> Json:
    """Send the claim to its supplier, under the supplier's own return number where it wants one."""
    with world.store.read() as uow:
        row = claims.claim(uow, claim_id)
        asked = ledger.command(uow, key_of(row))
    if asked is None:
        return forged(world, claim_id, "filed without being asked for")
    supplier = world.erp.supplier(row.supplier_id)
    ends = asked.created_at + LINK_LASTS

    def call(permit_id: str, commands: Sequence[Command]) -> tuple[str, Json]:
        number = None
        if supplier is not None and supplier.terms.rma_required:
            command = commands[0]
            number = world.supplier_desk.request_return(
                row.supplier_id, command.sku, command.quantity, key=permit_id
            )
        send_claim(world, row, permit_id, ends=ends, supplier_rma=number)
        return number or claim_id, {"supplier_rma": number}

    def confirm(uow: UnitOfWork, command: CommandRow) -> None:
        sent = claims.claim(uow, claim_id, lock=True)
        sent.supplier_rma = command.result["supplier_rma"]
        note_sent(world, uow, sent, ledger.peer_key(command), ends=ends)
        for kind in (FILE_BY, WARNING):
            due.drop_due(uow, kind=kind, subject=claim_id)

    subjects = frozenset({claim_id})
    done = carry_out(world, Effect(key_of(row), Action.VENDOR_CLAIM, subjects, call, confirm))
    return {**done, "claim_id": claim_id, "rma_id": row.rma_id}
