"""The queue of decisions that wait for a person."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from backhaul.domain.audit import Tag
from backhaul.domain.clock import Ids
from backhaul.domain.codes import Action
from backhaul.domain.errors import InvalidTransition, StalePage
from backhaul.domain.money import Money
from backhaul.domain.receiving import DISPOSITION_PREFIX
from backhaul.domain.returns import ReviewState
from backhaul.store import cases, review_about, review_deadlines, review_leases, review_order
from backhaul.store.autonomy_tables import BlindDrawRow, BlindLabelRow
from backhaul.store.house_tables import StaffRow
from backhaul.store.tables import ApprovalRow, ProposalRow, ReviewRow, VerdictRow
from backhaul.store.unit_of_work import UnitOfWork, existing

OPEN_STATES = (ReviewState.OPEN.value, ReviewState.WAITING_FOR_CUSTOMER.value)
FIRST_ACTS = (Action.CREATE_RMA.value, Action.RETURNLESS_REFUND.value)
"""What a customer asks for; everything else follows from it and is not read anew"""
_OPEN_OF_THREAD = (
    sa.select(ReviewRow)
    .where(ReviewRow.thread_id == sa.bindparam("thread_id"), ReviewRow.state.in_(OPEN_STATES))
    .order_by(ReviewRow.opened_at, ReviewRow.id)
)


def review(uow: UnitOfWork, review_id: str, *, lock: bool = False) -> ReviewRow:
    """The review, row-locked when asked; NotFound otherwise."""
    return existing(uow, ReviewRow, review_id, "review", lock=lock)


def queue(uow: UnitOfWork, *, state: str | None = None, limit: int = 100) -> Sequence[ReviewRow]:
    """Open reviews, or those in a state: highest priority first, then the nearest deadline.

    The priority holds the age already, so that the order stays as it is while all grow older.
    """
    query = sa.select(ReviewRow)
    query = (
        query.where(ReviewRow.state.in_(OPEN_STATES))
        if state is None
        else query.where(ReviewRow.state == state)
    )
    return uow.session.scalars(
        query.order_by(ReviewRow.place, ReviewRow.due_at, ReviewRow.id).limit(limit)
    ).all()


def reviews_of_case(uow: UnitOfWork, case_id: str) -> Sequence[ReviewRow]:
    """All reviews of a case, oldest first."""
    query = sa.select(ReviewRow).where(ReviewRow.case_id == case_id)
    return uow.session.scalars(query.order_by(ReviewRow.opened_at, ReviewRow.id)).all()


def open_reviews_of_thread(uow: UnitOfWork, thread_id: str) -> Sequence[ReviewRow]:
    """Reviews of a conversation that are not yet decided, oldest first."""
    return uow.session.scalars(_OPEN_OF_THREAD, {"thread_id": thread_id}).all()


_FOR_EACH_SUBJECT = {Action.MOVE_STOCK, Action.CREDIT_MEMO, Action.REPAIR_ORDER, Action.VENDOR_CLAIM}
"""Effects of which one proposal can have several: one for each disposition or claim"""


def is_disposition(subject: str) -> bool:
    """Whether an effect is about inspected goods rather than about a whole RMA or request."""
    return subject.startswith(f"{DISPOSITION_PREFIX}-")


def subject_of(action: Action, subject: str) -> str:
    """What a review of an effect is kept under: its subject where there can be several, else nothing."""
    several = action in _FOR_EACH_SUBJECT or is_disposition(subject)
    return subject if several else ""


def review_of_proposal(
    uow: UnitOfWork, proposal_id: str, action: Action = Action.CREATE_RMA, subject: str = ""
) -> ReviewRow | None:
    """The review of a proposal or of a later effect of it, or `None`. `subject` as the command has it."""
    query = sa.select(ReviewRow).where(
        ReviewRow.proposal_id == proposal_id,
        ReviewRow.action == action.value,
        ReviewRow.subject == subject_of(action, subject),
    )
    return uow.session.scalars(query).first()


def waits_for_person(uow: UnitOfWork, proposal_id: str, action: Action) -> bool:
    """Whether an effect on a whole RMA lies on the desk already, undecided."""
    found = review_of_proposal(uow, proposal_id, action)
    return found is not None and found.state in OPEN_STATES


def review_of_request(uow: UnitOfWork, row: ProposalRow) -> ReviewRow | None:
    """The review of what a proposal itself asks for, or `None`."""
    return review_of_proposal(uow, row.id, Action(row.action), row.id)


def at_version(uow: UnitOfWork, review_id: str, version: int, *, event: str) -> ReviewRow:
    """The open review, locked, if it is still as it was shown.

    Raises:
        StalePage: It changed since the page was made.
        InvalidTransition: It is decided already, if only for as long as nobody takes that back, or somebody
            has to say first what they read in it.
    """
    row = review(uow, review_id, lock=True)
    if row.state not in OPEN_STATES:
        raise InvalidTransition(f"review {review_id}", state=row.state, event=event)
    if waits_to_be_read(uow, row):
        raise InvalidTransition(f"review {review_id}", state="to be read blind first", event=event)
    if row.version != version:
        raise StalePage(f"review {review_id}")
    if row.posts_at is not None:
        raise InvalidTransition(f"review {review_id}", state="decided, and can be undone", event=event)
    row.version += 1
    return row


def waits_to_be_read(uow: UnitOfWork, row: ReviewRow) -> bool:
    """Whether it was drawn to be read blind and nobody has said yet what they read; see store.autonomy."""
    if row.proposal_id is None or row.action not in FIRST_ACTS or row.state not in OPEN_STATES:
        return False
    drawn = uow.session.get(BlindDrawRow, row.proposal_id)
    return drawn is not None and uow.session.get(BlindLabelRow, row.proposal_id) is None


def ask_customer(uow: UnitOfWork, row: ReviewRow, *, question: str, user_id: str, reason: str = "") -> None:
    """The review waits for the customer's answer. HeldByAnother when a colleague works on it."""
    review_leases.settle(uow, row, user_id=user_id)
    if row.state == ReviewState.OPEN.value:
        review_deadlines.pause(uow, row)
    row.state, row.question, row.answer = ReviewState.WAITING_FOR_CUSTOMER.value, question, None
    row.marked, row.expert = _without_mark(row), None
    uow.record(
        Tag.REVIEW_QUESTION_ASKED,
        actor=f"staff:{user_id}",
        subject=row.id,
        case_id=row.case_id,
        facts={"reason": reason} if reason else None,
    )


def hand_to_expert(uow: UnitOfWork, row: ReviewRow, *, expert: str, user_id: str) -> None:
    """Somebody who knows more has to look; the review stays open and says what is asked of them.

    HeldByAnother when a colleague works on it.
    """
    review_leases.settle(uow, row, user_id=user_id)
    row.expert = expert
    uow.record(
        Tag.REVIEW_HANDED_ON,
        actor=f"staff:{user_id}",
        subject=row.id,
        case_id=row.case_id,
        facts={"reason": expert},
    )


ASKS_BACK = "the customer asks back"
"""Mark of a review whose question was answered with a question."""


def record_question(uow: UnitOfWork, row: ReviewRow, *, question: str, actor: str) -> None:
    """The customer answered the reviewer's question with one of their own.

    The review goes back to the desk, marked, because only the reviewer can answer; had it stayed with the
    customer, both would wait for each other. The reviewer's question stays open beside it.
    """
    asked = f"Asks back: {question}"
    row.answer = f"{row.answer}\n{asked}" if row.answer else asked
    row.state, row.marked = ReviewState.OPEN.value, ASKS_BACK
    review_deadlines.go_on(uow, row)
    row.version += 1
    uow.record(
        Tag.REVIEW_ANSWERED, actor=actor, subject=row.id, case_id=row.case_id, facts={"asks_back": True}
    )


def awaits_answer(row: ReviewRow) -> bool:
    """Whether a reviewer's question to the customer is open, also after the customer asked back."""
    waiting = row.state == ReviewState.WAITING_FOR_CUSTOMER.value
    return waiting or (row.state == ReviewState.OPEN.value and row.marked == ASKS_BACK)


def record_answer(uow: UnitOfWork, row: ReviewRow, *, answer: str, actor: str) -> None:
    """The customer answered; the review is back on the desk."""
    row.answer = f"{row.answer}\n{answer}" if row.answer else answer
    row.state, row.marked = ReviewState.OPEN.value, _without_mark(row)
    review_deadlines.go_on(uow, row)
    row.version += 1
    uow.record(Tag.REVIEW_ANSWERED, actor=actor, subject=row.id, case_id=row.case_id)


def _without_mark(row: ReviewRow) -> str | None:
    return None if row.marked == ASKS_BACK else row.marked


def approve(
    uow: UnitOfWork,
    ids: Ids,
    row: ReviewRow,
    *,
    user_id: str,
    command_digest: str,
    note: str,
    reason: str = "",
) -> None:
    """A reviewer's yes to exactly that command. The worker decides anew before anything happens.

    HeldByAnother when a colleague works on it.
    """
    if row.proposal_id is None:
        raise InvalidTransition(f"review {row.id}", state="without a proposal", event="approval")
    review_leases.settle(uow, row, user_id=user_id)
    approval = uow.session.scalars(
        sa.select(ApprovalRow).where(ApprovalRow.review_id == row.id, ApprovalRow.user_id == user_id)
    ).first()
    if approval is None:
        approval = ApprovalRow(
            id=ids.new("AP"), review_id=row.id, proposal_id=row.proposal_id, user_id=user_id
        )
        uow.session.add(approval)
    approval.command_digest, approval.given_at, approval.void_at = command_digest, uow.clock.now(), None
    row.note = note or row.note
    uow.record(
        Tag.REVIEW_APPROVED,
        actor=f"staff:{user_id}",
        subject=row.id,
        case_id=row.case_id,
        facts={"command": command_digest} | ({"reason": reason} if reason else {}),
    )


CREDIT_INSTEAD = "a credit instead"
"""Mark of a review whose exchange or repair was turned down so that a credit is asked for in its place"""


def may_be_credited_instead(row: ReviewRow) -> bool:
    """Whether it is about inspected goods that are to be exchanged or repaired."""
    wished = row.action in {Action.REPLACEMENT.value, Action.REPAIR_ORDER.value}
    return wished and is_disposition(row.subject)


def reject(
    uow: UnitOfWork,
    row: ReviewRow,
    *,
    user_id: str,
    note: str,
    marked: str | None = None,
    reason: str = "",
) -> None:
    """A reviewer's no; the worker tells the thread. HeldByAnother when a colleague works on it."""
    review_leases.settle(uow, row, user_id=user_id)
    row.note, row.marked = note, marked or row.marked
    row.decided_by, row.decided_at = user_id, uow.clock.now()
    row.state = ReviewState.REJECTED.value
    uow.record(
        Tag.REVIEW_REJECTED,
        actor=f"staff:{user_id}",
        subject=row.id,
        case_id=row.case_id,
        facts={"reason": reason} if reason else None,
    )


def overtaken(uow: UnitOfWork, row: ReviewRow, *, why: str) -> None:
    """Approved, and no longer possible when it was to be done: closed as rejected, and the note says so."""
    said = f"{row.note}\n" if row.note else ""
    row.note = f"{said}Approved, but refused when it was to be carried out: {why}"
    row.state, row.marked = ReviewState.REJECTED.value, OVERTAKEN
    row.version += 1
    uow.record(Tag.REVIEW_REJECTED, actor="worker:guard", subject=row.id, case_id=row.case_id)


def newest_verdict(uow: UnitOfWork, row: ReviewRow) -> VerdictRow | None:
    """The latest verdict on the very effect under review; `None` when there is nothing to approve."""
    if row.proposal_id is None:
        return None
    return cases.newest_verdict(uow, row.proposal_id, Action(row.action or Action.CREATE_RMA), row.subject)


def approvals(uow: UnitOfWork, proposal_id: str) -> Sequence[ApprovalRow]:
    """Approvals of a proposal that were not voided."""
    query = sa.select(ApprovalRow).where(
        ApprovalRow.proposal_id == proposal_id, ApprovalRow.void_at.is_(None)
    )
    return uow.session.scalars(query).all()


def approvals_of(uow: UnitOfWork, row: ReviewRow) -> list[ApprovalRow]:
    """Approvals that were given on this very review and were not voided."""
    given = approvals(uow, row.proposal_id) if row.proposal_id else ()
    return [one for one in given if one.review_id == row.id]


def staff_roles(uow: UnitOfWork, user_id: str) -> frozenset[str]:
    """Roles of an active member of staff; none for anybody else."""
    row = uow.session.get(StaffRow, user_id)
    return frozenset(row.roles) if row is not None and row.active else frozenset()


def open_review(
    uow: UnitOfWork,
    ids: Ids,
    *,
    case_id: str,
    thread_id: str,
    why: str,
    due_at: datetime,
    proposal_id: str | None = None,
    action: Action | None = None,
    verdict_id: str | None = None,
    value: Money | None = None,
    head_start_seconds: int | None = None,
    worth: Mapping[str, Any] | None = None,
    marked: str | None = None,
    subject: str = "",
) -> ReviewRow:
    """Put a decision on the desk; when the same one waits there already, it is brought up to date.

    One that was decided comes back, `marked` with the reason. `worth` is the arithmetic of the head start;
    for one of which nothing was worked out the queue takes the middle.
    """
    at_stake = value or Money(0)
    kept_under = subject_of(action, subject) if action else subject
    same = review_of_proposal(uow, proposal_id, action, subject) if proposal_id and action else None
    if same is not None:
        same.verdict_id, same.why = verdict_id, why
        same.value_minor, same.currency = at_stake.minor, at_stake.currency
        review_order.weigh(same, head_start_seconds, worth)
        review_about.describe(uow, same)
        if same.state not in OPEN_STATES:
            put_back(uow, same, marked=marked)
        return same
    row = ReviewRow(
        id=ids.new("RV"),
        case_id=case_id,
        thread_id=thread_id,
        proposal_id=proposal_id,
        action=action.value if action else None,
        subject=kept_under,
        verdict_id=verdict_id,
        state=ReviewState.OPEN.value,
        why=why,
        priority=0,
        value_minor=at_stake.minor,
        currency=at_stake.currency,
        opened_at=uow.clock.now(),
        due_at=due_at,
        version=1,
    )
    review_order.weigh(row, head_start_seconds, worth)
    review_about.describe(uow, row)
    uow.session.add(row)
    uow.session.flush()
    uow.record(
        Tag.REVIEW_OPENED,
        actor="worker:guard",
        subject=row.id,
        case_id=case_id,
        facts={"proposal": proposal_id},
    )
    return row


POLICY_CHANGED = "policy changed"
FACTS_CHANGED = "facts changed"
BOTH_CHANGED = "policy and facts changed"
ANOTHER_NEEDED = "needs another approval"
"""Marks of a review that was approved and came back"""
OVERTAKEN = "approved too late"
"""Mark of a review that was approved and was refused when it was to be carried out"""


def put_back(uow: UnitOfWork, row: ReviewRow, *, marked: str | None) -> None:
    """What was approved is not permitted: back to the queue, with the reason in a few words."""
    row.state, row.decided_at, row.decided_by = ReviewState.OPEN.value, None, None
    review_deadlines.go_on(uow, row)
    row.marked = marked
    row.version += 1
    uow.record(Tag.REVIEW_RETURNED, actor="worker:guard", subject=row.id, case_id=row.case_id)
