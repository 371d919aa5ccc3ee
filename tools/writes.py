"""What the agent may ask for. Each verb stores a request and has the worker decide or act on it; none acts
itself.

What they lead to comes back as news of the conversation.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from backhaul.domain.errors import InvalidTransition, NotFound
from backhaul.domain.returns import RmaState
from backhaul.store import cases, review_deadlines, reviews, rmas, tasks
from backhaul.store.conversation import Speaker
from backhaul.store.effect_tables import RmaRow
from backhaul.store.tables import ReviewRow
from backhaul.store.unit_of_work import UnitOfWork
from tools.desk import Desk
from tools.marks import writes
from tools.proposals import open_case_for
from tools.reads import return_status

AskOfRma = Callable[[UnitOfWork, Desk, RmaRow, str], str]
"""Hands work on an RMA to the worker for whoever asks, and names it"""
_CANCELLABLE = {RmaState.AUTHORISED.value, RmaState.ISSUED.value, RmaState.LABELLED.value}
_PRINTABLE = {RmaState.ISSUED.value, RmaState.LABELLED.value}


@dataclass(frozen=True, slots=True)
class PersonAsked:
    """The place in the queue, and by when somebody answers."""

    case_id: str
    review_id: str
    due_at: datetime


@writes
def create_label(desk: Desk, speaker: Speaker, rma_id: str) -> str:
    """Ask for a fresh label for an RMA whose parcel has not moved; the old label is voided.

    Returns the id of the work that was asked for; `label_ready` news brings the label.

    Args:
        rma_id: Our RMA id, e.g. `RM-7KQ2M9XA`.

    Raises:
        NotFound: The speaker has no such RMA.
        InvalidTransition: The parcel is already on its way, or the RMA has ended.
    """
    with desk.store.begin() as uow:
        return ask_label(uow, desk, _own_rma(uow, desk, speaker, rma_id), speaker.requested_by)


@writes
def cancel_rma(desk: Desk, speaker: Speaker, rma_id: str) -> str:
    """Ask for an RMA to be cancelled and its label voided, before the parcel moves.

    Returns the id of the work that was asked for; `rma_cancelled` news confirms it.

    Args:
        rma_id: Our RMA id, e.g. `RM-7KQ2M9XA`.

    Raises:
        NotFound: The speaker has no such RMA.
        InvalidTransition: The parcel is already on its way, or the RMA has ended.
    """
    with desk.store.begin() as uow:
        return ask_cancelling(uow, desk, _own_rma(uow, desk, speaker, rma_id), speaker.requested_by)


def ask_label(uow: UnitOfWork, desk: Desk, row: RmaRow, requested_by: str) -> str:
    """The same for an RMA that was looked up, inside the caller's transaction.

    Raises:
        InvalidTransition: The parcel is already on its way, or the RMA has ended.
    """
    if row.state not in _PRINTABLE:
        raise InvalidTransition(f"RMA {row.id}", state=row.state, event="a new label")
    work = f"reprint-{row.id}-{len(rmas.labels(uow, row.id))}"
    desk.starter.start(uow, workflow="reprint-label", workflow_id=work, args=[row.id, requested_by])
    return work


def ask_cancelling(uow: UnitOfWork, desk: Desk, row: RmaRow, requested_by: str) -> str:
    """The same for an RMA that was looked up, inside the caller's transaction.

    Raises:
        InvalidTransition: The parcel is already on its way, or the RMA has ended.
    """
    if row.state not in _CANCELLABLE:
        raise InvalidTransition(f"RMA {row.id}", state=row.state, event="cancellation")
    work = f"cancel-{row.id}"
    desk.starter.start(uow, workflow="cancel-rma", workflow_id=work, args=[row.id, requested_by])
    return work


@writes
def ask_person(desk: Desk, speaker: Speaker, *, thread_id: str, why: str) -> PersonAsked:
    """Put the conversation before a person.

    Call it when the customer asks for one, or when the request cannot be understood. Asking twice keeps the
    place in the queue.

    Args:
        thread_id: Conversation, e.g. `TH-7KQ2M9XA4B6C`.
        why: What the person should know, in a sentence, without personal data.
    """
    with desk.store.begin() as uow:
        known = cases.cases_of_thread(uow, thread_id)
        case_id = known[-1].id if known else open_case_for(uow, desk, speaker, thread_id)
        row: ReviewRow = tasks.open_for_person(
            uow,
            desk.ids,
            case_id=case_id,
            thread_id=thread_id,
            why=why,
            due_at=review_deadlines.due(uow),
            actor=speaker.requested_by,
        )
    return PersonAsked(row.case_id, row.id, row.due_at)


def _own_rma(uow: UnitOfWork, desk: Desk, speaker: Speaker, rma_id: str) -> RmaRow:
    if all(entry.rma_id != rma_id for entry in return_status(desk, speaker)):
        raise NotFound("RMA", rma_id)
    return rmas.rma(uow, rma_id)


@writes
def answer_review(
    desk: Desk, speaker: Speaker, *, review_id: str, answer: str, asks_back: bool = False
) -> bool:
    """Pass the customer's answer on to the reviewer who asked; False when that review waits for no answer.

    Args:
        review_id: The review that asked, e.g. `RV-7KQ2M9XA`.
        answer: The customer's words.
        asks_back: They are a question to the reviewer; the reviewer's own stays open.
    """
    with desk.store.begin() as uow:
        row = reviews.review(uow, review_id, lock=True)
        if not reviews.awaits_answer(row):
            return False
        if cases.case(uow, row.case_id).account_id != speaker.account_id:
            raise NotFound("review", review_id)
        if asks_back:
            reviews.record_question(uow, row, question=answer, actor=speaker.requested_by)
        else:
            reviews.record_answer(uow, row, answer=answer, actor=speaker.requested_by)
    return True
