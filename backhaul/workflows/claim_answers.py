"""What comes of a filed claim: the supplier's answer, its silence, a claim sent again, a window that ends."""

from collections.abc import Callable

from backhaul.domain.audit import Tag
from backhaul.domain.claims import UNFILED, Answer, ClaimState
from backhaul.domain.codes import Action
from backhaul.domain.errors import ConnectorRejected, NotFound, PermitRefused
from backhaul.domain.money import LEDGER_CURRENCY, Money
from backhaul.store import claims, due, ledger, reviews, rmas
from backhaul.store.money_tables import ClaimAnswerRow, VendorClaimRow
from backhaul.store.unit_of_work import UnitOfWork
from backhaul.workflows.claim_credit import intend_credit
from backhaul.workflows.claim_letters import LINK_LASTS, REMINDER, SILENCE, note_sent, remind, send_claim
from backhaul.workflows.claim_steps import FILE_BY, WARNING, key_of
from backhaul.workflows.runner import Json
from backhaul.workflows.stops import forged, permit_problem, put_to_person
from backhaul.workflows.world import WorkerWorld
from tools import gateway

_CAN_BE_SENT_AGAIN = {ClaimState.FILED.value, ClaimState.MORE_INFORMATION.value}


def take(world: WorkerWorld, answer_id: str) -> Json:
    """Act on what a supplier said through the newest link of a claim, once.

    Returns:
        `{"state", "claim_id"}`: where the claim stands now.
    """
    try:
        with world.store.begin() as uow:
            given = claims.answer(uow, answer_id, lock=True)
            row = claims.claim(uow, given.claim_id, lock=True)
            problem = _why_not(row, given)
            if given.taken_at is None and problem is None:
                given.taken_at = uow.clock.now()
                _act(world, uow, row, given)
            elif given.taken_at is not None:
                problem = None
    except NotFound as missing:
        return forged(world, answer_id, str(missing))
    except PermitRefused as refused:
        return permit_problem(world, refused, subject=answer_id, case_id=None)
    if problem is not None:
        return forged(world, answer_id, problem)
    return {"state": row.state, "claim_id": row.id, "rma_id": row.rma_id}


def _why_not(row: VendorClaimRow, given: ClaimAnswerRow) -> str | None:
    """What speaks against an answer that stands in the table; the doors check the same before."""
    if row.link_digest is None or given.id != claims.answer_id(row.link_digest):
        return "no answer through the newest link"
    if row.state != ClaimState.FILED.value:
        return f"the claim is {row.state}"
    if row.link_ends_at is None or row.link_ends_at <= given.given_at:
        return "given after the link had ended"
    if given.answer == Answer.APPROVE.value and not 0 < approved(row, given) <= asked_minor(row):
        return "another amount than was asked for"
    return None


def asked_minor(row: VendorClaimRow) -> int:
    """What a claim asks for, in cents of the ledger currency."""
    return row.cost_minor + row.allowance_minor


def approved(row: VendorClaimRow, given: ClaimAnswerRow) -> int:
    """What an approval is for, in cents of the ledger currency: all of it, when no part was named."""
    return asked_minor(row) if given.amount_minor is None else given.amount_minor


def _act(world: WorkerWorld, uow: UnitOfWork, row: VendorClaimRow, given: ClaimAnswerRow) -> None:
    row.answer, row.answered_at = given.note, given.given_at
    row.version += 1
    for kind in (REMINDER, SILENCE):
        due.drop_due(uow, kind=kind, subject=row.id)
    if given.answer == Answer.APPROVE.value:
        row.state, row.approved_minor = ClaimState.APPROVED.value, approved(row, given)
        intend_credit(uow, row, _permit_of(uow, row))
        return
    denied = given.answer == Answer.DENY.value
    row.state = (ClaimState.DENIED if denied else ClaimState.MORE_INFORMATION).value
    said = given.note or "no reason given"
    row.why = f"The supplier declined: {said}" if denied else f"The supplier asks: {said}"
    _task(world, uow, row, row.why)


def _permit_of(uow: UnitOfWork, row: VendorClaimRow) -> str:
    """The permit that the claim was filed with, verified; PermitRefused when none stands behind it."""
    filed = ledger.command(uow, key_of(row))
    permit_id = filed.permit_id if filed else None
    gateway.verify_spent(uow, permit_id or "", action=Action.VENDOR_CLAIM, subjects={row.id})
    return permit_id or ""


def _task(world: WorkerWorld, uow: UnitOfWork, row: VendorClaimRow, why: str) -> None:
    money = Money(asked_minor(row), LEDGER_CURRENCY)
    put_to_person(
        world, uow, rmas.rma(uow, row.rma_id), f"Claim {row.id} on {row.supplier_id}, {money}: {why}"
    )


def send_again(world: WorkerWorld, claim_id: str, staff_id: str, sending: str) -> Json:
    """Send a filed claim once more, with its newest packet and a new link; the old link ends.

    The claim stays what was permitted: its amount and its goods do not change.
    """
    named = (
        f"{claim_id}:{sending}"  # the sending comes from a form: no claim can be sent under another's link
    )
    try:
        with world.store.read() as uow:
            row = claims.claim(uow, claim_id)
            allowed = bool(reviews.staff_roles(uow, staff_id) & claims.MAY_ADD)
            _permit_of(uow, row)
    except NotFound as missing:
        return forged(world, claim_id, str(missing))
    except PermitRefused as refused:
        return permit_problem(world, refused, subject=claim_id, case_id=row.case_id)
    if not allowed:
        return forged(world, claim_id, "sent again by nobody who may")
    if row.state not in _CAN_BE_SENT_AGAIN:
        return {"state": row.state, "claim_id": claim_id}
    if row.sent_as != named:
        with world.store.begin() as uow:
            row = claims.claim(uow, claim_id, lock=True)
            note_sent(world, uow, row, named, ends=uow.clock.now() + LINK_LASTS)
    try:
        ends = row.link_ends_at or world.clock.now()
        send_claim(world, row, named, ends=ends, supplier_rma=row.supplier_rma)
    except ConnectorRejected as no:
        return {"state": "rejected", "claim_id": claim_id, "rma_id": row.rma_id, "why": str(no)}
    return {"state": row.state, "claim_id": claim_id}


def add_evidence(world: WorkerWorld, claim_id: str, staff_id: str) -> Json:
    """Whether somebody who may has added to the packet; the disposition whose claim is compiled anew."""
    try:
        with world.store.read() as uow:
            row = claims.claim(uow, claim_id)
            allowed = bool(reviews.staff_roles(uow, staff_id) & claims.MAY_ADD)
    except NotFound as missing:
        return forged(world, claim_id, str(missing))
    if not allowed:
        return forged(world, claim_id, "added to by nobody who may")
    return {"state": row.state, "disposition_id": row.disposition_id}


def tick(world: WorkerWorld) -> int:
    """See to the deadlines of claims that have passed; returns how many."""
    fired = _fire(world, FILE_BY, _lapse) + _fire(world, WARNING, _warn) + _fire(world, SILENCE, _silent)
    with world.store.read() as uow:
        waiting = [row.subject for row in due.passed(uow, REMINDER)]
        rows = [claims.claim(uow, claim_id) for claim_id in waiting]
    for row in rows:
        remind(world, row)
        with world.store.begin() as uow:
            due.drop_due(uow, kind=REMINDER, subject=row.id)
    return fired + len(rows)


def _fire(
    world: WorkerWorld, kind: str, deed: Callable[[WorkerWorld, UnitOfWork, VendorClaimRow], None]
) -> int:
    with world.store.begin() as uow:
        passed = due.fire(uow, kind)
        for one in passed:
            deed(world, uow, claims.claim(uow, one.subject, lock=True))
    return len(passed)


def _lapse(world: WorkerWorld, uow: UnitOfWork, row: VendorClaimRow) -> None:
    """The supplier's window ended before the claim was filed: the money is lost, and a person is told."""
    if ClaimState(row.state) not in UNFILED:
        return
    lacked = "; ".join(row.missing) or row.why or "it waited for a person"
    row.state, row.why = ClaimState.LAPSED.value, f"Not filed by {row.file_by:%d %B %Y}: {lacked}"
    row.version += 1
    facts = {"claimed_minor": asked_minor(row), "file_by": str(row.file_by)}
    uow.record(Tag.CLAIM_LAPSED, actor="worker:claims", subject=row.id, case_id=row.case_id, facts=facts)
    _task(world, uow, row, row.why)


def _warn(world: WorkerWorld, uow: UnitOfWork, row: VendorClaimRow) -> None:
    if row.state in {ClaimState.INCOMPLETE.value, ClaimState.READY.value}:
        lacks = "; ".join(row.missing) or row.why or "it waits for a person"
        _task(world, uow, row, f"must be filed by {row.file_by:%d %B %Y} and is not: {lacks}")


def _silent(world: WorkerWorld, uow: UnitOfWork, row: VendorClaimRow) -> None:
    """The link ended without an answer: the claim stays filed, and a person sends it again or calls."""
    if row.state == ClaimState.FILED.value:
        row.why = f"No answer by {row.link_ends_at:%d %B %Y}; call the supplier, or send it again"
        row.version += 1
        _task(world, uow, row, row.why)
