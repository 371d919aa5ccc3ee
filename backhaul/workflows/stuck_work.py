"""What people have done about stuck things: retry, resume, re-issue, hand over; each is carried out once."""

from backhaul.domain.audit import Tag
from backhaul.domain.codes import Action
from backhaul.domain.errors import NotFound
from backhaul.domain.stuck import Stuck, StuckDeed, StuckStage
from backhaul.store import broken_work, cases, ledger, review_deadlines, reviews, stuck
from backhaul.store.effect_tables import CommandRow
from backhaul.store.stuck_tables import StuckDeedRow, StuckWorkRow
from backhaul.store.unit_of_work import UnitOfWork
from backhaul.workflows import (
    claim_credit,
    closing_steps,
    credit_steps,
    dock_work,
    early_steps,
    ending_steps,
    label_steps,
    receipt_posting,
    rest_steps,
    send_back_steps,
    settle_steps,
)
from backhaul.workflows.claim_credit import VENDOR_CREDIT
from backhaul.workflows.effects import CLOSE_RMA, MATCH_RECEIPT, RECEIVE_GOODS, SEND_BACK
from backhaul.workflows.runner import Json, Runner
from backhaul.workflows.stops import forged
from backhaul.workflows.world import WorkerWorld

_OF_A_RECEIPT = {
    RECEIVE_GOODS: ("post receipt to ERP", receipt_posting.post),
    MATCH_RECEIPT: ("put under its RMA in the ERP", receipt_posting.put_under),
    SEND_BACK: ("take out of the ERP", send_back_steps.take_out),
}
_TAGS = {
    StuckDeed.RETRY: Tag.STUCK_RETRIED,
    StuckDeed.RESUME: Tag.STUCK_RESUMED,
    StuckDeed.REISSUE: Tag.COMMAND_REISSUED,
    StuckDeed.HAND_OVER: Tag.STUCK_HANDED_OVER,
}


async def stuck_deed(run: Runner, world: WorkerWorld, deed_id: str) -> Json:
    """Do what a person asked about something stuck."""
    asked = await run.step("take what is asked", take, world, deed_id)
    if "key" not in asked:
        return asked
    ended = await _send_again(run, world, asked)
    return await run.step("note how it ended", note, world, deed_id, ended)


def take(world: WorkerWorld, deed_id: str) -> Json:
    """Look again whether it is still stuck, and do what our own books alone are needed for.

    Returns:
        The command to be sent again, or how it ended.
    """
    with world.store.begin() as uow:
        try:
            row = stuck.deed(uow, deed_id)
        except NotFound:
            row = None
        may_act = row is not None and bool(reviews.staff_roles(uow, row.asked_by) & stuck.MAY_ACT)
        if row is not None and may_act:
            return _taken(world, uow, row)
    return forged(world, deed_id, "not asked for by anybody who may")


def _taken(world: WorkerWorld, uow: UnitOfWork, row: StuckDeedRow) -> Json:
    if row.done_at is not None:
        return {"state": row.outcome}
    deed = StuckDeed(row.deed)
    if row.taken_at is not None:
        # Taken before the worker stopped: what our books needed is done, the command may not be sent yet.
        return _command_of(uow, row)
    standing = stuck.find(uow, StuckStage(row.stage), row.subject)
    if standing is None or deed not in standing.deeds:
        return _done(uow, row, "it had moved on by itself")
    row.taken_at = uow.clock.now()
    facts = {"stage": row.stage, "why": row.why}
    actor = f"staff:{row.asked_by}"
    uow.record(_TAGS[deed], actor=actor, subject=row.subject[:64], case_id=standing.case_id, facts=facts)
    if deed is StuckDeed.HAND_OVER:
        return _hand_over(world, uow, row, standing)
    if deed is StuckDeed.RESUME:
        return _resume(uow, row)
    if deed is StuckDeed.REISSUE:
        ledger.issue_again(_locked(uow, row.subject))
    return _command_of(uow, row)


def _hand_over(world: WorkerWorld, uow: UnitOfWork, row: StuckDeedRow, standing: Stuck) -> Json:
    case = cases.case(uow, standing.case_id or "")
    said = f" {row.why}" if row.why else ""
    review = reviews.open_review(
        uow,
        world.ids,
        case_id=case.id,
        thread_id=case.thread_id,
        why=f"{standing.title}: {standing.what}{said}",
        due_at=review_deadlines.due(uow),
    )
    row.review_id = review.id
    return _done(uow, row, "with a person")


def _resume(uow: UnitOfWork, row: StuckDeedRow) -> Json:
    """The worker's sweeper goes on with it: only that steers the engine."""
    work = uow.session.get(StuckWorkRow, row.subject)
    if work is not None and work.asked_at is None:
        work.asked_at = uow.clock.now()
    return _done(uow, row, "goes on")


def _command_of(uow: UnitOfWork, row: StuckDeedRow) -> Json:
    command = _locked(uow, row.subject)
    return {"key": command.key, "op": command.op, "request": command.request}


def _locked(uow: UnitOfWork, key: str) -> CommandRow:
    found = ledger.command(uow, key, lock=True)
    if found is None:
        raise NotFound("command", key)
    return found


def _done(uow: UnitOfWork, row: StuckDeedRow, outcome: str) -> Json:
    row.done_at, row.outcome = uow.clock.now(), outcome
    return {"state": outcome}


def note(world: WorkerWorld, deed_id: str, ended: Json) -> Json:
    """Keep how it ended, for the page."""
    state = str(ended.get("state"))
    why = f": {ended['why']}" if ended.get("why") and state != "confirmed" else ""
    with world.store.begin() as uow:
        row = stuck.deed(uow, deed_id)
        return {"state": row.outcome} if row.done_at else _done(uow, row, f"{state}{why}")


async def _send_again(run: Runner, world: WorkerWorld, asked: Json) -> Json:
    """The step that sends this command, and what was to follow it; the key finds what was done before."""
    op, told, key = asked["op"], asked["request"], str(asked["key"])
    broken = await run.step("look for broken work", go_on_with_its_work, world, key, op, told)
    if broken["state"] == "goes on":
        return broken
    if "disposition" in told:
        return await _of_disposition(run, world, op, str(told["disposition"]))
    if op == Action.CREATE_LABEL.value:
        return await run.step("buy label", label_steps.buy_label, world, told["rma"], told["n"])
    if op == Action.VOID_LABEL.value:
        return await run.step("void label", label_steps.void_one, world, told["rma"], told["label"])
    if op == Action.CANCEL_RMA.value:
        return await _cancel(run, world, told)
    if op in _OF_A_RECEIPT:
        return await _of_receipt(run, world, op, str(told["receipt"]))
    if op == Action.VENDOR_CLAIM.value:
        return await dock_work.file_claim(run, world, told["claim"])
    if op == CLOSE_RMA:
        return await run.step("free the rest in the ERP", rest_steps.free_in_the_erp, world, told["rma"])
    if op == VENDOR_CREDIT:
        return await run.step("book vendor credit", claim_credit.credit, world, told["claim"])
    return await _of_line(run, world, op, told, key)


async def _cancel(run: Runner, world: WorkerWorld, told: Json) -> Json:
    if not ending_steps.is_ending(told):
        return await run.step("cancel in ERP", closing_steps.cancel, world, told["rma"])
    ended = await run.step("end in ERP", ending_steps.end, world, told["rma"])
    if ended["state"] == "confirmed":
        await run.step("finish", ending_steps.finish, world, told["rma"])
    return ended


async def _of_receipt(run: Runner, world: WorkerWorld, op: str, receipt_id: str) -> Json:
    """What the ERP takes in at last may have found its return meanwhile."""
    name, step = _OF_A_RECEIPT[op]
    sent = await run.step(name, step, world, receipt_id)
    if sent.get("found_its_rma"):
        await dock_work.put_under(run, world, receipt_id)
    return sent


async def _of_line(run: Runner, world: WorkerWorld, op: str, told: Json, key: str) -> Json:
    if "line" not in told:
        proposal_id = key.split(":", maxsplit=1)[0]
        return await run.step("credit", early_steps.credit_proposal, world, proposal_id)
    if op == Action.REPLACEMENT.value:
        step = settle_steps.send_replacement
        given = await run.step("send replacement", step, world, told["rma"], told["line"])
    else:
        given = await run.step("credit", early_steps.credit_early, world, told["rma"], told["line"])
    # Its goods may be back and settled long ago.
    await run.step("close", credit_steps.close, world, told["rma"])
    return given


async def _of_disposition(run: Runner, world: WorkerWorld, op: str, disposition_id: str) -> Json:
    """A move is followed by what the customer is owed for it; the others end what is owed."""
    if op == Action.MOVE_STOCK.value:
        return await dock_work.dispose(run, world, disposition_id)
    step = {
        Action.CREDIT_MEMO.value: credit_steps.credit,
        Action.REPLACEMENT.value: settle_steps.exchange,
        Action.REPAIR_ORDER.value: credit_steps.repair,
    }[op]
    given = await run.step(op, step, world, disposition_id)
    await run.step("close", credit_steps.close_of, world, disposition_id)
    return given


def go_on_with_its_work(world: WorkerWorld, key: str, op: str, told: Json) -> Json:
    """Prefer to go on with the very workflow that broke off at this command: it knows what comes next.

    An RMA that was not booked is carried by its own workflow in any case: only that waits for the parcel.
    """
    owner = key.split(":", maxsplit=1)[0]
    name = f"dispose-{told['disposition']}" if "disposition" in told else f"return-{owner}"
    if op == RECEIVE_GOODS:
        name = f"receive-{told['receipt']}"
    with world.store.begin() as uow:
        found = stuck.work(uow, name)
        if found is None and op == Action.CREATE_RMA.value:
            found = broken_work.keep(uow, name, name="return", why="the RMA was rejected")
        if found is None:
            return {"state": "none"}
        found.asked_at = found.asked_at or uow.clock.now()
    return {"state": "goes on"}
