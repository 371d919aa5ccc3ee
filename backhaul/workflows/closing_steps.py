"""Steps that end a return: the parcel came, the customer cancelled, or nothing was sent in time.

Cancelling and expiring are the same forward steps, each with its own command and permit: void the labels,
cancel the RMA in the ERP, take it off the dock's list. Only the reason on record differs.
"""

from collections.abc import Sequence
from enum import StrEnum

from backhaul.domain.audit import Tag
from backhaul.domain.codes import Action, Outcome
from backhaul.domain.errors import ConnectorRejected, NotFound
from backhaul.domain.lifecycle import can_be_cancelled
from backhaul.domain.receiving import ParcelStatus
from backhaul.domain.returns import Command, RmaState
from backhaul.store import due, ledger, reviews, rmas
from backhaul.store.effect_tables import CommandRow, RmaRow
from backhaul.store.unit_of_work import UnitOfWork
from backhaul.workflows.effects import Effect, authorise, carry_out, give_up_intended, not_permitted
from backhaul.workflows.rma_steps import may_ask, refresh, tell
from backhaul.workflows.runner import Json
from backhaul.workflows.stops import forged, hand_to_person, review_for, turned_down
from backhaul.workflows.world import WorkerWorld
from tools.guard import Judged
from tools.verdicts import ground_of


class Cause(StrEnum):
    """Why an RMA ends without its goods."""

    CANCELLED = "cancelled"
    EXPIRED = "expired"


def parcel_arrived(world: WorkerWorld, rma_id: str) -> Json:
    """The carrier delivered the parcel to the dock: the deadline no longer matters."""
    with world.store.begin() as uow:
        rma = rmas.rma(uow, rma_id, lock=True)
        delivered = rma.parcel == ParcelStatus.DELIVERED.value
        if delivered:
            drop_deadlines(uow, rma_id)
    return {"state": "delivered"} if delivered else forged(world, rma_id, "no scan says delivered")


def authorise_cancelling(world: WorkerWorld, rma_id: str, requested_by: str) -> Json:
    """Ask the guard whether a customer's RMA may be cancelled, and spend the permit."""
    try:
        with world.store.read() as uow:
            rma = rmas.rma(uow, rma_id)
    except NotFound:
        return forged(world, rma_id, "no such RMA")
    if not may_ask(world, rma, requested_by):
        return forged(world, rma_id, "not the RMA's account")
    return _authorise(world, rma, Cause.CANCELLED, requested_by)


def authorise_expiry(world: WorkerWorld, rma_id: str) -> Json:
    """Ask the guard whether an RMA that nobody used may be closed, and spend the permit."""
    with world.store.read() as uow:
        rma = rmas.rma(uow, rma_id)
        is_due = due.end_of(rma.return_by) <= uow.clock.now()
    if not is_due:
        return forged(world, rma_id, "not due yet")
    return _authorise(world, rma, Cause.EXPIRED, "system:deadline")


def authorise_approved(world: WorkerWorld, rma_id: str) -> Json:
    """The same once more, after a person approved what the guard would not permit by itself."""
    with world.store.read() as uow:
        rma = rmas.rma(uow, rma_id)
        overdue = due.end_of(rma.return_by) <= uow.clock.now()
    asked = _authorise(world, rma, Cause.EXPIRED if overdue else Cause.CANCELLED, "system:review")
    if asked["state"] == "too late" and not rmas.has_ended(rma):
        _overtaken(world, rma, str(asked["why"]))
    return asked


def _overtaken(world: WorkerWorld, rma: RmaRow, why: str) -> None:
    """The parcel was handed in while the cancellation waited for a person."""
    with world.store.begin() as uow:
        if not turned_down(uow, rma.id, Action.CANCEL_RMA, why=f"Too late: {why}."):
            return
        told = "It can no longer be cancelled, because the parcel is already on its way or has arrived."
        tell(uow, rma, "rma_cancel_refused", {"number": rma.erp_number, "message": told})


def ended(world: WorkerWorld, rma_id: str) -> Json:
    """How the RMA was closed by another workflow, and whether a part of it had been given up before."""
    with world.store.read() as uow:
        rma = rmas.rma(uow, rma_id)
        lines = rmas.rma_lines(uow, rma_id)
        released = (ledger.on_rma_line(uow, line.id)[ledger.RELEASED] for line in lines)
        given_up = rma.closed_at is not None and any(released)
    if not rmas.has_ended(rma) and rma.closed_at is None:
        return forged(world, rma_id, "not closed")
    return {"state": rma.state, "given_up": given_up}


def _authorise(world: WorkerWorld, rma: RmaRow, cause: Cause, requested_by: str) -> Json:
    if rma.erp_number is None or not can_be_cancelled(RmaState(rma.state)):
        return {"state": "too late", "why": f"the return is {rma.state}"}
    with world.store.read() as uow:
        first = rmas.rma_lines(uow, rma.id)[0]
        before = ledger.command(uow, _key(rma.id))
    if before is not None and before.state == "rejected":
        return {"state": "too late", "why": before.error}
    judged = authorise(
        world,
        action=Action.CANCEL_RMA,
        proposal_id=first.proposal_id,
        subject=rma.id,
        key=_key(rma.id),
        request={"rma": rma.id, "cause": cause.value, "requested_by": requested_by},
    )
    return {"state": "authorised"} if judged is None else _stays_open(world, rma, cause, judged)


def _stays_open(world: WorkerWorld, rma: RmaRow, cause: Cause, judged: Judged) -> Json:
    """A person decides, or it is refused; whoever asked for a cancellation is told which."""
    with world.store.begin() as uow:
        if judged.outcome is Outcome.ESCALATE:
            waits = reviews.waits_for_person(uow, judged.verdict.proposal_id, Action.CANCEL_RMA)
            review = review_for(world, uow, judged)
            if cause is Cause.CANCELLED or not waits:
                # What the desk once asked for is not what is asked for now, and has other news.
                review.asked_by = None
            news: Json = {"number": rma.erp_number, "decided_by": review.due_at.date().isoformat()}
            kind = "rma_cancel_waits"
        else:
            turned_down(uow, rma.id, Action.CANCEL_RMA, why=ground_of(judged.verdict))
            news, kind = {"number": rma.erp_number, "message": judged.verdict.message}, "rma_cancel_refused"
        if cause is Cause.CANCELLED:
            tell(uow, rma, kind, news)
    return not_permitted(judged)


def cancel(world: WorkerWorld, rma_id: str) -> Json:
    """Cancel the RMA in the ERP; the pieces can be returned again."""
    with world.store.read() as uow:
        number = rmas.rma(uow, rma_id).erp_number or ""

    def call(permit_id: str, _commands: Sequence[Command]) -> tuple[str, Json]:
        world.erp_writes.cancel_rma(number, key=permit_id)
        return number, {}

    def confirm(uow: UnitOfWork, row: CommandRow) -> None:
        _closed(world, uow, rma_id, Cause(row.request["cause"]))

    return carry_out(world, Effect(_key(rma_id), Action.CANCEL_RMA, frozenset({rma_id}), call, confirm))


def keep_open(world: WorkerWorld, rma_id: str, problem: Json) -> Json:
    """A label could not be voided, mostly because its parcel was handed in: the RMA stays, a person looks."""
    give_up_intended(world, _key(rma_id), str(problem.get("why")))
    return hand_to_person(world, rma_id, problem)


def take_off_the_list(world: WorkerWorld, rma_id: str) -> Json:
    """The dock need not expect it any longer. Says how the RMA ended."""
    with world.store.read() as uow:
        state = rmas.rma(uow, rma_id).state
    try:
        world.warehouse.withdraw(rma_id, key=f"{rma_id}:withdraw")
    except ConnectorRejected:
        # Cancelled before it was announced; there is nothing on the list.
        return {"state": state, "announced": False}
    return {"state": state}


def _key(rma_id: str) -> str:
    return f"{rma_id}:cancel_rma:1"


def _closed(world: WorkerWorld, uow: UnitOfWork, rma_id: str, cause: Cause) -> None:
    rma = rmas.rma(uow, rma_id, lock=True)
    if rmas.has_ended(rma):
        # The desk ended it meanwhile, and has told why.
        return
    tag = Tag.RMA_EXPIRED if cause is Cause.EXPIRED else Tag.RMA_CANCELLED
    if cause is Cause.EXPIRED:
        rma.expired_at = uow.clock.now()
    else:
        rma.cancelled_at = uow.clock.now()
    close_whole(world, uow, rma)
    uow.record(tag, actor="worker:workflow", subject=rma_id, case_id=rma.case_id)
    tell(uow, rma, f"rma_{cause.value}", {"number": rma.erp_number})


def close_whole(world: WorkerWorld, uow: UnitOfWork, rma: RmaRow) -> None:
    """What follows once an RMA is over without goods: nothing is awaited, and its workflow hears of it."""
    refresh(uow, rma)
    for line in rmas.rma_lines(uow, rma.id):
        ledger.release(uow, line.permit_id)
    drop_deadlines(uow, rma.id)
    world.starter.send(
        uow,
        workflow_id=f"return-{rma.id}",
        topic="return",
        message={"kind": "closed"},
        key=f"{rma.id}:closed",
    )


def drop_deadlines(uow: UnitOfWork, rma_id: str) -> None:
    """Nothing is to come any more, so nobody is reminded and nothing expires."""
    due.drop_due(uow, kind="rma_expiry", subject=rma_id)
    due.drop_due(uow, kind="rma_reminder", subject=rma_id)
