"""Steps of credits that do not wait for goods: before receipt, or for goods that stay where they are."""

from collections.abc import Sequence

from backhaul.domain.codes import Action, Outcome, Role
from backhaul.domain.errors import NotFound
from backhaul.domain.returns import Command
from backhaul.domain.settlement import CreditMemo
from backhaul.store import cases, conversation, ledger, reviews, rmas
from backhaul.store.effect_tables import CommandRow, RmaLineRow, RmaRow
from backhaul.store.unit_of_work import UnitOfWork
from backhaul.workflows.credit_steps import credit_news, credit_request, keep_credit
from backhaul.workflows.effects import Effect, authorise, carry_out, not_permitted
from backhaul.workflows.rma_steps import tell
from backhaul.workflows.runner import Json
from backhaul.workflows.stops import forged, review_for, turned_down
from backhaul.workflows.world import WorkerWorld
from tools.guard import Judged
from tools.verdicts import ground_of

_MAY_ASK = {Role.FINANCE.value, Role.REVIEWER.value, Role.APPROVER.value, Role.ADMIN.value}


def authorise_early(world: WorkerWorld, rma_id: str, line_id: str, staff_id: str) -> Json:
    """Ask for the credit of a line of an RMA before its goods are back.

    `staff_id` is empty when a person has approved it meanwhile: then that approval must stand.
    """
    try:
        with world.store.read() as uow:
            rma, line = _line(uow, rma_id, line_id)
            may_ask = _may_ask(uow, rma, line, staff_id)
    except NotFound as missing:
        return forged(world, rma_id, str(missing))
    if not may_ask:
        return forged(world, rma_id, "not asked for by finance or the desk")
    judged = authorise(
        world,
        action=Action.CREDIT_MEMO,
        proposal_id=line.proposal_id,
        subject=rma_id,
        key=_key(rma_id, line),
        request={"rma": rma_id, "line": line_id},
    )
    return {"state": "authorised"} if judged is None else _stops(world, rma, line, judged, staff_id)


def _may_ask(uow: UnitOfWork, rma: RmaRow, line: RmaLineRow, staff_id: str) -> bool:
    if staff_id:
        return bool(reviews.staff_roles(uow, staff_id) & _MAY_ASK)
    review = reviews.review_of_proposal(uow, line.proposal_id, Action.CREDIT_MEMO, rma.id)
    return review is not None and bool(reviews.approvals_of(uow, review))


def _stops(world: WorkerWorld, rma: RmaRow, line: RmaLineRow, judged: Judged, staff_id: str) -> Json:
    with world.store.begin() as uow:
        if judged.outcome is Outcome.ESCALATE:
            review = review_for(world, uow, judged)
            review.asked_by = staff_id or review.asked_by
        else:
            ground = ground_of(judged.verdict)
            turned_down(uow, rma.id, Action.CREDIT_MEMO, why=ground, line_id=line.line_id, subject=rma.id)
    return not_permitted(judged)


def credit_early(world: WorkerWorld, rma_id: str, line_id: str) -> Json:
    """Post the credit of a whole line; what comes back later owes nothing more."""
    with world.store.read() as uow:
        rma, line = _line(uow, rma_id, line_id)
    posted: list[CreditMemo] = []

    def call(permit_id: str, commands: Sequence[Command]) -> tuple[str, Json]:
        request = credit_request(commands[0], f"{rma.erp_number}/{line.id}")
        posted.append(world.erp_writes.post_credit_memo(request, key=permit_id))
        return posted[0].number, {}

    def confirm(uow: UnitOfWork, _row: CommandRow) -> None:
        keep_credit(
            world,
            uow,
            posted[0],
            proposal_id=line.proposal_id,
            line_id=line_id,
            subject=line.id,
            rma_id=rma_id,
        )
        entered = ledger.on_rma_line(uow, line.id)
        told = {
            "number": rma.erp_number,
            "line_id": line_id,
            "sku": line.sku,
            "quantity": line.quantity,
            "still_to_come": entered[ledger.AUTHORISED] - entered[ledger.RELEASED] > entered[ledger.RECEIVED],
        }
        tell(uow, rma, "credit_posted", {**told, **credit_news(posted[0])})

    return carry_out(
        world, Effect(_key(rma_id, line), Action.CREDIT_MEMO, frozenset({rma_id}), call, confirm)
    )


def _line(uow: UnitOfWork, rma_id: str, line_id: str) -> tuple[RmaRow, RmaLineRow]:
    line = next((one for one in rmas.rma_lines(uow, rma_id) if one.line_id == line_id), None)
    if line is None:
        raise NotFound("line of the RMA", line_id)
    return rmas.rma(uow, rma_id), line


def _key(rma_id: str, line: RmaLineRow) -> str:
    return f"{rma_id}:{Action.CREDIT_MEMO.value}:{line.id}"


def credit_proposal(world: WorkerWorld, proposal_id: str) -> Json:
    """Post the credit of a permitted proposal whose goods stay with the customer."""
    try:
        with world.store.read() as uow:
            proposal = cases.proposal(uow, proposal_id)
    except NotFound:
        return forged(world, proposal_id, "no such proposal")
    action = Action(proposal.action)
    posted: list[CreditMemo] = []

    def call(permit_id: str, commands: Sequence[Command]) -> tuple[str, Json]:
        memo = world.erp_writes.post_credit_memo(credit_request(commands[0], proposal_id), key=permit_id)
        posted.append(memo)
        return memo.number, {}

    def confirm(uow: UnitOfWork, _row: CommandRow) -> None:
        keep_credit(
            world,
            uow,
            posted[0],
            proposal_id=proposal_id,
            line_id=proposal.line_id,
            subject=proposal_id,
            rma_id=None,
        )
        case = cases.case(uow, proposal.case_id)
        line = cases.return_line(uow, proposal.line_id)
        told = {"case_id": case.id, "line_id": line.id, "sku": line.sku, "quantity": line.quantity}
        conversation.append_event(
            uow, case.thread_id, "credit_posted", {**told, "number": None, **credit_news(posted[0])}
        )

    key = f"{proposal_id}:{action.value}:1"
    return carry_out(world, Effect(key, action, frozenset({proposal_id}), call, confirm))
