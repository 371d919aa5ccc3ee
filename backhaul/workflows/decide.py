"""Deciding: a consent's proposals together, and a reviewed one again on today's facts."""

from collections.abc import Sequence

from backhaul.domain.canonical import plain
from backhaul.domain.codes import Action, Outcome
from backhaul.domain.errors import NotFound
from backhaul.domain.returns import ReviewState
from backhaul.store import cases, conversation, dock, review_about, review_order, reviews, rmas
from backhaul.store.effect_tables import RmaLineRow
from backhaul.store.tables import ConsentRow, ProposalRow, ReviewRow
from backhaul.store.unit_of_work import UnitOfWork
from backhaul.workflows.authorise_rma import authorise_permitted
from backhaul.workflows.reviewed import carry_reviewed, credit_instead, end_refused
from backhaul.workflows.runner import Json, Runner
from backhaul.workflows.standing import Standing, decided_anew, standing, void
from backhaul.workflows.stops import forged, review_for
from backhaul.workflows.world import WorkerWorld
from tools.guard import Judged, Prepared
from tools.reviewed import worth_of_judged
from tools.verdicts import ground_of

_STATE_AFTER = {
    Outcome.PERMIT: "permitted",
    Outcome.DENY: "denied",
    Outcome.ASK: "asked",
    Outcome.ESCALATE: "review",
}


async def decide(run: Runner, world: WorkerWorld, proposal_id: str) -> Json:
    """Decide the proposal, with the others of the same consent."""
    return await run.step("decide", decide_group, world, proposal_id)


async def resume_review(run: Runner, world: WorkerWorld, review_id: str) -> Json:
    """Decide again after a person's decision, and carry out what was approved.

    Nothing of the agent runs here. A later effect is carried out here and not by the workflow of its return,
    which may have ended by then.
    """
    answer = await run.step("decide again", decide_review, world, review_id)
    if "effect" in answer:
        return {**answer, **await carry_reviewed(run, world, answer["effect"])}
    if "instead" in answer:
        return {**answer, **await credit_instead(run, world, answer["instead"])}
    if "ends" in answer:
        return {**answer, **await end_refused(run, world, answer["ends"])}
    return answer


@decided_anew
def decide_group(world: WorkerWorld, proposal_id: str) -> Json:
    """Give every proposal of one consent its first verdict; the permitted ones become RMAs at once.

    One transaction holds all of it: verdicts, permits issued and spent, ledger, RMA, outbox, news.
    A proposal that does not exist is a forged start: nothing happens, and it is written down.
    """
    try:
        with world.store.read() as uow:
            consent_id = cases.proposal(uow, proposal_id).consent_id
            group = [row.id for row in cases.proposals(uow, consent_id=consent_id) if row.state == "pending"]
    except NotFound:
        return forged(world, proposal_id, "no such proposal")
    prepared = [world.guard.prepare(one) for one in group]
    with world.store.begin() as uow:
        consent = cases.lock_consent(uow, consent_id)
        if consent.decided_at is not None or not prepared:
            return {"consent": consent_id, "decided": "before"}
        consent.decided_at = uow.clock.now()
        judged = _judge_together(world, uow, prepared)
        answers = _settle(world, uow, judged)
        _tell_group(uow, consent, answers)
    return {"consent": consent_id, "decided": "now", "proposals": answers}


def _judge_together(world: WorkerWorld, uow: UnitOfWork, prepared: Sequence[Prepared]) -> list[Judged]:
    """Judge the least valuable line first; each one counts what was permitted before it on the same order.

    So a small line need not wait beside a large one, and what goes through without a person can never add up
    to more than the limit.
    """
    judged: list[Judged] = []
    for one in sorted(prepared, key=lambda each: each.value.minor):
        permitted = [before.prepared for before in judged if before.permit is not None]
        judged.append(world.guard.judge(uow, one, permitted))
    return judged


@decided_anew
def decide_review(world: WorkerWorld, review_id: str) -> Json:
    """Carry out a reviewer's rejection, or judge an approved proposal anew on today's facts."""
    try:
        with world.store.read() as uow:
            review = reviews.review(uow, review_id)
            proposal_id, action = review.proposal_id, Action(review.action or Action.CREATE_RMA)
    except NotFound:
        return forged(world, review_id, "no such review")
    if proposal_id is None:
        return _tell_closed(world, review_id)
    prepared = world.guard.prepare(proposal_id)
    with world.store.begin() as uow:
        review = reviews.review(uow, review_id, lock=True)
        row = cases.proposal(uow, proposal_id, lock=True)
        if action is not Action(row.action):
            return _decide_effect(uow, review)
        if row.state != "review":
            return {"review": review_id, "outcome": "decided before"}
        if review.state == ReviewState.REJECTED.value:
            return _rejected(uow, review, row)
        return _judge_again(world, uow, review, row, prepared)


def _tell_closed(world: WorkerWorld, review_id: str) -> Json:
    """Whoever waited for a person hears that one has looked, and what they wrote."""
    with world.store.begin() as uow:
        review = reviews.review(uow, review_id, lock=True)
        if review.state != ReviewState.REJECTED.value:
            return {"review": review_id, "outcome": "not closed"}
        news = {"case_id": review.case_id, "review_id": review.id, "message": review.note or ""}
        conversation.append_event(uow, review.thread_id, "review_closed", news)
    return {"review": review_id, "outcome": "closed"}


def _rejected(uow: UnitOfWork, review: ReviewRow, row: ProposalRow) -> Json:
    row.state = "denied"
    _tell_review(uow, review, decision="reject", outcome=Outcome.DENY.value, message=review.note or "")
    return {"review": review.id, "outcome": "rejected"}


def _judge_again(
    world: WorkerWorld, uow: UnitOfWork, review: ReviewRow, row: ProposalRow, prepared: Prepared
) -> Json:
    if not reviews.approvals(uow, row.id):
        return {"review": review.id, "outcome": "no approval"}
    judged = world.guard.judge(uow, prepared)
    review.verdict_id = judged.verdict.id
    found = standing(uow, review, judged)
    if found.comes_back:
        _back_to_queue(uow, review, judged, found)
        return {"review": review.id, "outcome": judged.outcome.value, "back": found.mark}
    answer = _settle(world, uow, [judged])[0]
    review.decided_at = uow.clock.now()
    review.decided_by = reviews.approvals(uow, row.id)[-1].user_id
    if judged.outcome is Outcome.PERMIT:
        review.state = ReviewState.APPROVED.value
        review.version += 1
    else:
        reviews.overtaken(uow, review, why=ground_of(judged.verdict) or judged.verdict.message)
    _tell_review(
        uow,
        review,
        decision="approve",
        outcome=judged.outcome.value,
        message=judged.verdict.message,
        rma_id=answer.get("rma_id"),
    )
    return {"review": review.id, "outcome": judged.outcome.value}


def _back_to_queue(uow: UnitOfWork, review: ReviewRow, judged: Judged, found: Standing) -> None:
    """Not yet permitted: a second approval is missing, or something else would be done than was approved."""
    void(uow, found)
    review.why = ground_of(judged.verdict) or review.why
    value, worth = judged.command.value, worth_of_judged(uow, judged)
    review.value_minor, review.currency = value.minor, value.currency
    review_order.weigh(review, worth.head_start_seconds, worth.record())
    review_about.describe(uow, review)
    reviews.put_back(uow, review, marked=found.mark)


def _decide_effect(uow: UnitOfWork, review: ReviewRow) -> Json:
    """A later effect: the guard is asked in the step that carries it out, on the facts of that moment."""
    line = cases.rma_line_of_proposal(uow, review.proposal_id or "")
    if line is None:
        return {"review": review.id, "outcome": "no RMA"}
    effect = {
        "action": review.action,
        "rma_id": line.rma_id,
        "line_id": line.line_id,
        "subject": review.subject,
        "asked_by": review.asked_by,
    }
    if review.state == ReviewState.REJECTED.value:
        if review.marked == reviews.OVERTAKEN:
            return {"review": review.id, "outcome": "rejected"}
        if review.marked == reviews.CREDIT_INSTEAD and reviews.may_be_credited_instead(review):
            return {"review": review.id, "outcome": "rejected", "instead": {**effect, "note": review.note}}
        if kind := _news_of_refusal(review, line.rma_id):
            _tell_refused(uow, review, line, kind)
        return {"review": review.id, "outcome": "rejected", "ends": effect}
    given = reviews.approvals_of(uow, review)
    if not given:
        return {"review": review.id, "outcome": "no approval"}
    if review.state != ReviewState.APPROVED.value:
        review.state, review.decided_at = ReviewState.APPROVED.value, uow.clock.now()
        review.decided_by = given[-1].user_id
    return {"review": review.id, "outcome": "approved", "effect": effect}


_REFUSED = {
    Action.REPLACEMENT.value: "replacement_refused",
    Action.CANCEL_RMA.value: "rma_cancel_refused",
    Action.CREDIT_MEMO.value: "credit_refused",
    Action.REPAIR_ORDER.value: "repair_refused",
}
"""What the customer is told when a person turns down a later effect."""


def _news_of_refusal(review: ReviewRow, rma_id: str) -> str | None:
    """Nobody told the customer of a credit before receipt, or of an end: both were the desk's idea."""
    early = review.action == Action.CREDIT_MEMO.value and review.subject == rma_id
    if early or (review.action == Action.CANCEL_RMA.value and review.asked_by):
        return None
    if review.action == Action.REPLACEMENT.value and review.subject:
        return "exchange_refused"
    return _REFUSED.get(review.action or "")


def _tell_refused(uow: UnitOfWork, review: ReviewRow, line: RmaLineRow, kind: str) -> None:
    news = {
        "case_id": review.case_id,
        "rma_id": line.rma_id,
        "line_id": line.line_id,
        "sku": line.sku,
        "quantity": _pieces_of(uow, review, line),
        "number": rmas.rma(uow, line.rma_id).erp_number,
        "message": review.note or "",
    }
    conversation.append_event(uow, review.thread_id, kind, news)


def _pieces_of(uow: UnitOfWork, review: ReviewRow, line: RmaLineRow) -> int:
    """A line that comes in parts is settled part by part."""
    if reviews.is_disposition(review.subject):
        return dock.disposition(uow, review.subject).quantity
    return line.quantity


def _settle(world: WorkerWorld, uow: UnitOfWork, judged: Sequence[Judged]) -> list[Json]:
    """Make RMAs and credits of what is permitted, and reviews of what is not certain."""
    rma_of = authorise_permitted(world, uow, [one for one in judged if one.permit is not None])
    answers = []
    for one in judged:
        row = cases.proposal(uow, one.verdict.proposal_id, lock=True)
        row.state = _STATE_AFTER[one.outcome]
        review = review_for(world, uow, one) if one.outcome is Outcome.ESCALATE else None
        answers.append(
            {
                "proposal_id": row.id,
                "line_id": row.line_id,
                "verdict_id": one.verdict.id,
                "outcome": one.outcome.value,
                "message": one.verdict.message,
                "rules": [result.rule for result in one.decision.deciding if not result.confidential],
                "clauses": [result.clause for result in one.decision.deciding if not result.confidential],
                "would_change": one.verdict.would_change,
                "asks_for": plain(list(one.decision.asks_for)),
                "review_id": review.id if review else None,
                "rma_id": rma_of.get(row.id),
            }
        )
    return answers


def _tell_group(uow: UnitOfWork, consent: ConsentRow, answers: list[Json]) -> None:
    case = cases.case(uow, consent.case_id)
    payload = {
        "case_id": case.id,
        "consent_id": consent.id,
        "graph_thread": consent.graph_thread,
        "proposals": answers,
    }
    conversation.append_event(uow, case.thread_id, "group_decided", payload)


def _tell_review(
    uow: UnitOfWork,
    review: ReviewRow,
    *,
    decision: str,
    outcome: str,
    message: str,
    rma_id: str | None = None,
) -> None:
    consent = cases.consent(uow, cases.proposal(uow, review.proposal_id or "").consent_id)
    payload = {
        "case_id": review.case_id,
        "review_id": review.id,
        "proposal_id": review.proposal_id,
        "graph_thread": consent.graph_thread if consent else "",
        "decision": decision,
        "outcome": outcome,
        "message": message,
        "action": review.action,
        "rma_id": rma_id,
    }
    conversation.append_event(uow, review.thread_id, "review_decided", payload)
