"""What the agent may ask for. Each verb stores a request and has the worker decide or act on it; none acts
itself.

`create_rma` submits proposals; their verdicts, RMA and label come back as news of the conversation.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from backhaul.domain.codes import Action
from backhaul.domain.errors import BadInput, InvalidTransition, NotFound
from backhaul.domain.returns import Proposal, ReturnLine, RmaState
from backhaul.store import cases, reviews, rmas
from backhaul.store.conversation import Speaker
from backhaul.store.effect_tables import RmaRow
from backhaul.store.tables import ClaimRow, ConsentRow, ReviewRow
from backhaul.store.unit_of_work import UnitOfWork
from tools.desk import Desk
from tools.marks import writes
from tools.reads import own_order, return_status

_CANCELLABLE = {RmaState.AUTHORISED.value, RmaState.ISSUED.value, RmaState.LABELLED.value}
_PRINTABLE = {RmaState.ISSUED.value, RmaState.LABELLED.value}
_PERSON_ANSWERS_WITHIN = timedelta(days=1)
_HELD_PERMILLE = 1_000


@dataclass(frozen=True, slots=True)
class LineRequest:
    """One line to be proposed, with the words it was read from."""

    line: ReturnLine
    words: str
    payload: Mapping[str, Any]
    reader: str
    confidence_permille: int


@dataclass(frozen=True, slots=True)
class Agreed:
    """The customer's yes: what was shown, its digest, and the message that said yes."""

    shown: str
    digest: str
    message_id: str
    graph_thread: str
    attempt: int


@dataclass(frozen=True, slots=True)
class Submitted:
    """What now waits for the worker. `proposals` pairs a proposal id with its return line."""

    case_id: str
    consent_id: str
    proposals: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class PersonAsked:
    """The place in the queue, and by when somebody answers."""

    case_id: str
    review_id: str
    due_at: datetime


@writes
def create_rma(
    desk: Desk,
    speaker: Speaker,
    *,
    thread_id: str,
    case_id: str | None,
    requests: Sequence[LineRequest],
    agreed: Agreed,
) -> Submitted:
    """Propose the return of order lines that the customer has agreed to, all in one transaction.

    Call it only after an explicit yes to the read-back. The answer is no verdict yet: `group_decided` news
    of the conversation brings it. Asking again for the same bookmark and attempt returns what was stored
    first.

    Args:
        thread_id: Conversation, e.g. `TH-7KQ2M9XA4B6C`.
        case_id: Case of the request, e.g. `RC-7KQ2M9XA`; None opens one.
        requests: The lines with their words.
        agreed: The yes, whose digest must be that of exactly these lines.

    Raises:
        BadInput: The digest is that of other lines, or there are none.
        NotFound: An order is not the speaker's.
    """
    covered = [request.line for request in requests]
    if not covered or cases.consent_digest_of(covered) != agreed.digest:
        raise BadInput("the lines are not those that were read back; read them back again", field="consent")
    for number in sorted({line.order_number for line in covered}):
        own_order(desk, speaker, number)
    with desk.store.begin() as uow:
        stored = _stored(uow, thread_id, agreed)
        if stored is not None:
            return stored
        return _store(uow, desk, speaker, thread_id, case_id, requests, agreed)


def _stored(uow: UnitOfWork, thread_id: str, agreed: Agreed) -> Submitted | None:
    """What this bookmark has already proposed at this attempt: a node may run twice, a proposal may not."""
    for case in cases.cases_of_thread(uow, thread_id):
        rows = cases.proposals(uow, case_id=case.id)
        kept = list(dict.fromkeys(row.consent_id for row in rows))
        given = [consent for key in kept if (consent := cases.consent(uow, key)) is not None]
        mine = [consent for consent in given if consent.graph_thread == agreed.graph_thread]
        if len(mine) > agreed.attempt:
            found = mine[agreed.attempt]
            pairs = tuple((row.id, row.line_id) for row in rows if row.consent_id == found.id)
            return Submitted(case.id, found.id, pairs)
    return None


def _store(
    uow: UnitOfWork,
    desk: Desk,
    speaker: Speaker,
    thread_id: str,
    case_id: str | None,
    requests: Sequence[LineRequest],
    agreed: Agreed,
) -> Submitted:
    case_id = case_id or _open_case(uow, desk, speaker, thread_id)
    claims = [
        _line_and_claim(uow, desk, replace(request, line=replace(request.line, case_id=case_id)), position)
        for position, request in enumerate(requests, start=len(cases.lines(uow, case_id)) + 1)
    ]
    consent = cases.add_consent(
        uow,
        desk.ids,
        case_id=case_id,
        consent_digest=agreed.digest,
        shown=agreed.shown,
        message_id=agreed.message_id,
        given_by=speaker.requested_by,
        graph_thread=agreed.graph_thread,
    )
    pairs = [
        (_propose(uow, desk, speaker, request.line, claim, consent), request.line.line_id)
        for request, claim in zip(requests, claims, strict=True)
    ]
    for proposal_id, _ in pairs:
        desk.starter.start(uow, workflow="decide", workflow_id=f"decide-{proposal_id}", args=[proposal_id])
    return Submitted(case_id, consent.id, tuple(pairs))


def _open_case(uow: UnitOfWork, desk: Desk, speaker: Speaker, thread_id: str) -> str:
    opened = cases.open_case(
        uow,
        desk.ids,
        thread_id=thread_id,
        account_id=speaker.account_id,
        actor=speaker.requested_by,
    )
    return opened.id


def _line_and_claim(uow: UnitOfWork, desk: Desk, request: LineRequest, position: int) -> ClaimRow:
    known = {row.id: row for row in cases.lines(uow, request.line.case_id)}
    row = known.get(request.line.line_id) or cases.add_line(uow, request.line, position=position)
    # Proposed anew with more evidence: the line is the same one, only what arrived instead may be known now.
    row.received_sku, row.received_words = request.line.received_sku, request.line.received_words
    return cases.add_claim(
        uow,
        desk.ids,
        line=row,
        words=request.words,
        payload=request.payload,
        reader=request.reader,
        confidence_permille=min(_HELD_PERMILLE, request.confidence_permille),
    )


def _propose(
    uow: UnitOfWork, desk: Desk, speaker: Speaker, line: ReturnLine, claim: ClaimRow, consent: ConsentRow
) -> str:
    proposal = Proposal(
        proposal_id=desk.ids.new("PR"),
        case_id=consent.case_id,
        line_id=line.line_id,
        action=Action.CREATE_RMA,
        order_number=line.order_number,
        line=line.line,
        quantity=line.quantity,
        serials=line.serials,
        reason=line.reason,
        resolution=line.resolution,
        claim_id=claim.id,
        consent_id=consent.id,
    )
    cases.add_proposal(uow, proposal, requested_by=speaker.requested_by)
    return proposal.proposal_id


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
        row = _own_rma(uow, desk, speaker, rma_id)
        if row.state not in _PRINTABLE:
            raise InvalidTransition(f"RMA {rma_id}", state=row.state, event="a new label")
        work = f"reprint-{rma_id}-{len(rmas.labels(uow, rma_id))}"
        args = [rma_id, speaker.requested_by]
        desk.starter.start(uow, workflow="reprint-label", workflow_id=work, args=args)
    return work


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
    work = f"cancel-{rma_id}"
    with desk.store.begin() as uow:
        row = _own_rma(uow, desk, speaker, rma_id)
        if row.state not in _CANCELLABLE:
            raise InvalidTransition(f"RMA {rma_id}", state=row.state, event="cancellation")
        args = [rma_id, speaker.requested_by]
        desk.starter.start(uow, workflow="cancel-rma", workflow_id=work, args=args)
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
        case_id = known[-1].id if known else _open_case(uow, desk, speaker, thread_id)
        row: ReviewRow = reviews.open_for_person(
            uow,
            desk.ids,
            case_id=case_id,
            thread_id=thread_id,
            why=why,
            due_at=uow.clock.now() + _PERSON_ANSWERS_WITHIN,
            actor=speaker.requested_by,
        )
    return PersonAsked(row.case_id, row.id, row.due_at)


def _own_rma(uow: UnitOfWork, desk: Desk, speaker: Speaker, rma_id: str) -> RmaRow:
    if all(entry.rma_id != rma_id for entry in return_status(desk, speaker)):
        raise NotFound("RMA", rma_id)
    return rmas.rma(uow, rma_id, lock=True)


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
