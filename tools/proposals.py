"""Proposing: the customer's yes becomes a case, claims, a consent and one proposal for each order line.

Verdicts, RMA, label and credit come back as news of the conversation.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from backhaul.domain.codes import Action
from backhaul.domain.errors import BadInput
from backhaul.domain.returns import Proposal, ReturnLine
from backhaul.store import cases
from backhaul.store.conversation import Speaker
from backhaul.store.tables import ClaimRow, ConsentRow
from backhaul.store.unit_of_work import UnitOfWork
from tools.desk import Desk
from tools.marks import writes
from tools.reads import own_order

_HELD_PERMILLE = 1_000
_FIRST_ACTS = frozenset({Action.CREATE_RMA, Action.RETURNLESS_REFUND})
"""What a customer can ask for; everything else follows from it, and the worker asks for that"""


@dataclass(frozen=True, slots=True)
class LineRequest:
    """One line to be proposed, with the words it was read from."""

    line: ReturnLine
    words: str
    payload: Mapping[str, Any]
    reader: str
    confidence_permille: int
    action: Action = Action.CREATE_RMA


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


@writes
def propose(
    desk: Desk,
    speaker: Speaker,
    *,
    thread_id: str,
    case_id: str | None,
    requests: Sequence[LineRequest],
    agreed: Agreed,
) -> Submitted:
    """Propose what the customer has agreed to for order lines, all in one transaction.

    A line's action says how: `create_rma` when the goods come back, `returnless_refund` when they stay with
    the customer. Call it only after an explicit yes to a read-back that said which. The answer is no verdict
    yet: `group_decided` news of the conversation brings it. Asking again for the same bookmark and attempt
    returns what was stored first.

    Args:
        thread_id: Conversation, e.g. `TH-7KQ2M9XA4B6C`.
        case_id: Case of the request, e.g. `RC-7KQ2M9XA`; None opens one.
        requests: The lines with their words.
        agreed: The yes, whose digest must be that of exactly these lines.

    Raises:
        BadInput: The digest is that of other lines, there are none, or an action is none of the two.
        NotFound: An order is not the speaker's.
    """
    covered = [request.line for request in requests]
    if any(request.action not in _FIRST_ACTS for request in requests):
        raise BadInput("a customer cannot ask for that action", field="action")
    kept = [request.line.line_id for request in requests if request.action is not Action.CREATE_RMA]
    if not covered or cases.consent_digest_of(covered, kept) != agreed.digest:
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
    case_id = case_id or open_case_for(uow, desk, speaker, thread_id)
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
        (_propose(uow, desk, speaker, request, claim, consent), request.line.line_id)
        for request, claim in zip(requests, claims, strict=True)
    ]
    for proposal_id, _ in pairs:
        desk.starter.start(uow, workflow="decide", workflow_id=f"decide-{proposal_id}", args=[proposal_id])
    return Submitted(case_id, consent.id, tuple(pairs))


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
    uow: UnitOfWork, desk: Desk, speaker: Speaker, asked: LineRequest, claim: ClaimRow, consent: ConsentRow
) -> str:
    line = asked.line
    proposal = Proposal(
        proposal_id=desk.ids.new("PR"),
        case_id=consent.case_id,
        line_id=line.line_id,
        action=asked.action,
        order_number=line.order_number,
        line=line.line,
        quantity=line.quantity,
        serials=line.serials,
        reason=line.reason,
        resolution=line.resolution,
        claim_id=claim.id,
        consent_id=consent.id,
    )
    cases.add_proposal(uow, proposal, requested_by=speaker.requested_by, program=desk.program(uow))
    return proposal.proposal_id


def open_case_for(uow: UnitOfWork, desk: Desk, speaker: Speaker, thread_id: str) -> str:
    """Open a case of the speaker's account for a conversation; its id."""
    opened = cases.open_case(
        uow,
        desk.ids,
        thread_id=thread_id,
        account_id=speaker.account_id,
        actor=speaker.requested_by,
    )
    return opened.id
