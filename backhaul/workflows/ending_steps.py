"""A return whose goods, or whose rest, will not come ends when somebody of the desk says so.

A parcel that was lost, an empty box, another article that went back to its sender: waiting leads nowhere.
Ending gives nobody anything, and the pieces can be returned again. What was credited or replaced ahead of its
goods needs a second person, because it is then paid for and not there.
"""

from collections.abc import Sequence

from backhaul.domain.audit import Tag
from backhaul.domain.codes import Action, Outcome
from backhaul.domain.errors import NotFound
from backhaul.domain.receiving import ReceiptState
from backhaul.domain.returns import Command
from backhaul.store import awaited, dock, ledger, reviews, rmas, tasks
from backhaul.store.effect_tables import CommandRow, RmaRow
from backhaul.store.tables import ReviewRow
from backhaul.store.unit_of_work import UnitOfWork
from backhaul.workflows import credit_steps
from backhaul.workflows.closing_steps import close_whole, drop_deadlines, take_off_the_list
from backhaul.workflows.desk_staff import works_at_the_desk
from backhaul.workflows.effects import Effect, authorise, carry_out, not_permitted
from backhaul.workflows.rma_steps import refresh, tell
from backhaul.workflows.runner import Json
from backhaul.workflows.stops import forged, put_to_person, review_for, turned_down
from backhaul.workflows.world import WorkerWorld
from tools.guard import Judged

_LONGEST = 400


def ask(world: WorkerWorld, rma_id: str, staff_id: str, why: str) -> Json:
    """Ask the guard whether the return may end without what is missing; `why` is what the customer reads."""
    try:
        with world.store.begin() as uow:
            rma = rmas.rma(uow, rma_id, lock=True)
            is_desk = works_at_the_desk(uow, staff_id)
            kept = awaited.keeps_open(uow, rma) or _called_off(uow, rma)
            if is_desk and why.strip() and kept is None:
                _void_before(uow, rma)
                _note(uow, rma, staff_id, " ".join(why.split())[:_LONGEST])
            elif is_desk and kept:
                _say_why_not(world, uow, rma, kept)
    except NotFound as missing:
        return forged(world, rma_id, str(missing))
    if not is_desk or not why.strip():
        return forged(world, rma_id, "ended by nobody of the desk, or without a reason")
    return {"state": "stays open", "why": kept} if kept else _authorise(world, rma_id, staff_id)


def _called_off(uow: UnitOfWork, rma: RmaRow) -> str | None:
    """Whoever asked for a cancellation, and waits for a person, gets an answer of their own first."""
    waits = any(one.state in reviews.OPEN_STATES and not one.asked_by for one in _reviews(uow, rma))
    return "its cancellation waits for a decision" if waits else None


def _void_before(uow: UnitOfWork, rma: RmaRow) -> None:
    """A yes that was given to something else, such as to the customer's cancellation, is none to this."""
    for review in _reviews(uow, rma):
        if review.state not in reviews.OPEN_STATES:
            for given in reviews.approvals_of(uow, review):
                given.void_at = uow.clock.now()


def _reviews(uow: UnitOfWork, rma: RmaRow) -> list[ReviewRow]:
    lines = rmas.rma_lines(uow, rma.id)
    found = (reviews.review_of_proposal(uow, one.proposal_id, Action.CANCEL_RMA) for one in lines)
    return [one for one in found if one is not None]


def _say_why_not(world: WorkerWorld, uow: UnitOfWork, rma: RmaRow, kept: str) -> None:
    """A return that awaits nothing, because it has all or ended by itself, asks nothing of anybody."""
    if awaited.missing(uow, rma):
        put_to_person(world, uow, rma, f"it was not ended: {kept}.")


def _note(uow: UnitOfWork, rma: RmaRow, staff_id: str, why: str) -> None:
    if (rma.end_asked_by, rma.end_why) == (staff_id, why):
        return
    rma.end_asked_by, rma.end_why = staff_id, why
    uow.record(Tag.RMA_END_ASKED, actor=f"staff:{staff_id}", subject=rma.id, case_id=rma.case_id)


def ask_again(world: WorkerWorld, rma_id: str) -> Json:
    """The same once more, after a second person approved it."""
    with world.store.begin() as uow:
        rma = rmas.rma(uow, rma_id, lock=True)
        kept = awaited.keeps_open(uow, rma)
        if kept:
            turned_down(uow, rma_id, Action.CANCEL_RMA, why=f"{kept}.")
            _say_why_not(world, uow, rma, kept)
        staff_id = rma.end_asked_by or ""
    return {"state": "stays open", "why": kept} if kept else _authorise(world, rma_id, staff_id)


def _authorise(world: WorkerWorld, rma_id: str, staff_id: str) -> Json:
    with world.store.read() as uow:
        first = rmas.rma_lines(uow, rma_id)[0]
    judged = authorise(
        world,
        action=Action.CANCEL_RMA,
        proposal_id=first.proposal_id,
        subject=rma_id,
        key=_key(rma_id),
        request={"rma": rma_id, "ended_by": staff_id},
    )
    return {"state": "authorised"} if judged is None else _stops(world, rma_id, judged, staff_id)


def _stops(world: WorkerWorld, rma_id: str, judged: Judged, staff_id: str) -> Json:
    """A second person decides, or the desk hears why the policy does not let it end."""
    answer = not_permitted(judged)
    with world.store.begin() as uow:
        if judged.outcome is Outcome.ESCALATE:
            review_for(world, uow, judged).asked_by = staff_id
        else:
            turned_down(uow, rma_id, Action.CANCEL_RMA, why=str(answer["why"]))
            put_to_person(world, uow, rmas.rma(uow, rma_id), f"it was not ended: {answer['why']}")
    return answer


def end(world: WorkerWorld, rma_id: str) -> Json:
    """End it in the ERP: cancelled when nothing came, else closed with what came."""
    with world.store.read() as uow:
        number = rmas.rma(uow, rma_id).erp_number or ""
        nothing_came = not _came(uow, rma_id)

    def call(permit_id: str, commands: Sequence[Command]) -> tuple[str, Json]:
        # A part may have come since it was cancelled there and the answer was lost.
        cancels = nothing_came or _is_cancelled(world, commands[0].order_number, number)
        write = world.erp_writes.cancel_rma if cancels else world.erp_writes.close_rma
        return number, {"cancelled": write(number, key=permit_id).cancelled}

    def confirm(uow: UnitOfWork, row: CommandRow) -> None:
        _ended(world, uow, rma_id, str(row.request["ended_by"]), is_cancelled=bool(row.result["cancelled"]))

    return carry_out(world, Effect(_key(rma_id), Action.CANCEL_RMA, frozenset({rma_id}), call, confirm))


def is_ending(told: Json) -> bool:
    """Whether a command to cancel an RMA is the desk's ending of it, by what it was asked with."""
    return "ended_by" in told


def finish(world: WorkerWorld, rma_id: str) -> Json:
    """The dock need not expect it any longer; what came is closed if all of it is settled."""
    with world.store.read() as uow:
        nothing_came = rmas.rma(uow, rma_id).cancelled_at is not None
    return take_off_the_list(world, rma_id) if nothing_came else credit_steps.close(world, rma_id)


def _key(rma_id: str) -> str:
    return f"{rma_id}:{Action.CANCEL_RMA.value}:desk"


def _came(uow: UnitOfWork, rma_id: str) -> int:
    return sum(ledger.on_rma_line(uow, line.id)[ledger.RECEIVED] for line in rmas.rma_lines(uow, rma_id))


def _is_cancelled(world: WorkerWorld, order_number: str, number: str) -> bool:
    return any(one.cancelled for one in world.erp.returns_on(order_number) if one.number == number)


def _ended(world: WorkerWorld, uow: UnitOfWork, rma_id: str, staff_id: str, *, is_cancelled: bool) -> None:
    """Ours ends as it did in the ERP, whatever the dock counted meanwhile."""
    rma = rmas.rma(uow, rma_id, lock=True)
    missing = awaited.missing(uow, rma)
    if rmas.has_ended(rma) or not (is_cancelled or missing):
        # The customer or the deadline was first, and what became of it is told already.
        return
    ahead = any(awaited.made_good_ahead(uow, line) for line, _rest in missing)
    alone = not _came(uow, rma_id)
    tag = Tag.RMA_CANCELLED if is_cancelled else Tag.REST_GIVEN_UP
    if is_cancelled:
        rma.cancelled_at = uow.clock.now()
        close_whole(world, uow, rma)
    else:
        for line, _rest in missing:
            ledger.release(uow, line.permit_id)
        refresh(uow, rma)
        drop_deadlines(uow, rma_id)
    for box in dock.receipts_of(uow, rma_id):
        # Goods may have been counted while the ERP was asked: those stay held.
        if box.state == ReceiptState.HELD.value and not box.quantity:
            box.state = ReceiptState.NOTHING.value
            box.version += 1
            tasks.moved_on(uow, rma.case_id, box.id, user_id=staff_id, note=rma.end_why or "")
    given_up = [f"{rest} x {line.sku}" for line, rest in missing]
    facts = {"given_up": given_up}
    uow.record(tag, actor=f"staff:{staff_id}", subject=rma_id, case_id=rma.case_id, facts=facts)
    if given_up:
        told = {"number": rma.erp_number, "goods": given_up, "why": rma.end_why or ""}
        tell(uow, rma, "rma_ended", {**told, "alone": alone, "ahead": ahead})
