"""Where the workflows stop: what goes to a person, and what is refused and written down."""

from collections.abc import Callable

import structlog

from backhaul.domain.audit import Tag
from backhaul.domain.codes import Action
from backhaul.domain.errors import ConnectorRejected, ConnectorUnavailable, PermitRefused
from backhaul.domain.news import REVIEW_OPENED
from backhaul.domain.returns import ReviewState
from backhaul.store import cases, conversation, review_deadlines, reviews, rmas
from backhaul.store.effect_tables import RmaRow
from backhaul.store.tables import ReviewRow
from backhaul.store.unit_of_work import UnitOfWork
from backhaul.workflows.runner import Json
from backhaul.workflows.standing import standing, void
from backhaul.workflows.world import WorkerWorld
from tools import gateway
from tools.guard import Judged
from tools.reviewed import worth_of_judged, worth_of_return
from tools.verdicts import ground_of

log = structlog.get_logger("backhaul.stops")


def review_for(world: WorkerWorld, uow: UnitOfWork, one: Judged) -> ReviewRow:
    """Put a judgement that nobody but a person can complete on the desk."""
    case, action = cases.case(uow, one.verdict.case_id), Action(one.verdict.action)
    before = reviews.review_of_proposal(uow, one.verdict.proposal_id, action, one.command.subject)
    found = standing(uow, before, one) if before else None
    if found:
        void(uow, found)
    worth = worth_of_judged(uow, one)
    opened = reviews.open_review(
        uow,
        world.ids,
        case_id=case.id,
        thread_id=case.thread_id,
        why=ground_of(one.verdict),
        due_at=review_deadlines.due(uow),
        proposal_id=one.verdict.proposal_id,
        action=action,
        verdict_id=one.verdict.id,
        value=one.command.value,
        head_start_seconds=worth.head_start_seconds,
        worth=worth.record(),
        marked=found.mark if found else None,
        subject=one.command.subject,
    )
    _show_at_the_desk(uow, opened)
    return opened


def _show_at_the_desk(uow: UnitOfWork, opened: ReviewRow) -> None:
    """Open pages of the desk look again; whether the customer hears of it is for the caller to say."""
    conversation.append_event(uow, opened.thread_id, REVIEW_OPENED, {"review_id": opened.id})


def turned_down(
    uow: UnitOfWork, rma_id: str, action: Action, *, why: str, line_id: str | None = None, subject: str = ""
) -> bool:
    """What a person had approved for an RMA, or for one line of it, is refused by now.

    The desk finds the review closed, with the reason. Without such an approval nothing changes and the answer
    is False: what was refused at once never came to the desk.
    """
    lines = [one for one in rmas.rma_lines(uow, rma_id) if line_id in {None, one.line_id}]
    found = [reviews.review_of_proposal(uow, one.proposal_id, action, subject) for one in lines]
    approved = [one for one in found if one is not None and one.state == ReviewState.APPROVED.value]
    for review in approved:
        reviews.overtaken(uow, review, why=why)
    return bool(approved)


def hand_to_person(world: WorkerWorld, rma_id: str, problem: Json) -> Json:
    """Open a review for what could not be done, and say why."""
    with world.store.begin() as uow:
        put_to_person(world, uow, rmas.rma(uow, rma_id), str(problem.get("why") or "could not be completed"))
    return {"state": "with a person", "why": problem.get("why")}


def put_to_person(
    world: WorkerWorld, uow: UnitOfWork, rma: RmaRow, why: str, *, subject: str = ""
) -> ReviewRow:
    """The same in a transaction that is open already; nothing is to be approved on it.

    `subject` is what it is about, such as a held receipt: once that has moved on, nobody need look any more.
    """
    case, worth = cases.case(uow, rma.case_id), worth_of_return(uow, rma.id)
    opened = reviews.open_review(
        uow,
        world.ids,
        case_id=case.id,
        thread_id=case.thread_id,
        why=f"{rma.erp_number or rma.id}: {why}",
        due_at=review_deadlines.due(uow),
        subject=subject,
        head_start_seconds=worth.head_start_seconds,
        worth=worth.record(),
    )
    _show_at_the_desk(uow, opened)
    return opened


def reminded(world: WorkerWorld, rma_id: str, send: Callable[[], None]) -> bool:
    """Send a reminder; False when nobody answered, and it is to be sent in the next round.

    A letter that is refused for good goes to a person: to ask for it again and again would help nobody.
    """
    try:
        send()
    except ConnectorUnavailable as silent:
        log.warning("peer did not answer", peer=silent.peer)
        return False
    except ConnectorRejected as no:
        with world.store.begin() as uow:
            put_to_person(world, uow, rmas.rma(uow, rma_id), f"the reminder was not sent: {no}")
    return True


def forged(world: WorkerWorld, subject: str, why: str) -> Json:
    """Write down a start or message that nobody entitled can have sent; nothing else happens."""
    with world.store.begin() as uow:
        uow.record(Tag.WORKFLOW_REFUSED, actor="worker:gateway", subject=subject[:64], facts={"check": why})
    return {"state": "refused", "refused": why}


def permit_problem(world: WorkerWorld, error: PermitRefused, *, subject: str, case_id: str | None) -> Json:
    """Write down a refused permit and answer the workflow that presented it."""
    gateway.refused(world.store, error, case_id=case_id, subject=subject[:64])
    return {"state": "refused", "refused": error.check}
