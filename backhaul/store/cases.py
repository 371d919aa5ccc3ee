"""Cases and their lines, claims, consents, proposals and verdicts."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from backhaul.domain.audit import Tag
from backhaul.domain.canonical import digest, plain
from backhaul.domain.clock import Ids
from backhaul.domain.codes import Action, Condition, Reason, Resolution
from backhaul.domain.errors import NotFound
from backhaul.domain.returns import Proposal, ReturnLine
from backhaul.store.effect_tables import RmaLineRow
from backhaul.store.tables import CaseRow, ClaimRow, ConsentRow, ProposalRow, ReturnLineRow, VerdictRow
from backhaul.store.unit_of_work import UnitOfWork, existing

_STATES_OF_THREAD = (
    sa.select(ProposalRow.state)
    .join(CaseRow, CaseRow.id == ProposalRow.case_id)
    .where(CaseRow.thread_id == sa.bindparam("thread_id"))
)


def open_case(uow: UnitOfWork, ids: Ids, *, thread_id: str, account_id: str, actor: str) -> CaseRow:
    """Start a case for the request held in a thread."""
    row = CaseRow(
        id=ids.new("RC"), thread_id=thread_id, account_id=account_id, opened_at=uow.clock.now(), version=1
    )
    uow.session.add(row)
    uow.session.flush()
    uow.record(Tag.CASE_OPENED, actor=actor, subject=row.id, case_id=row.id, facts={"thread": thread_id})
    return row


def case(uow: UnitOfWork, case_id: str, *, lock: bool = False) -> CaseRow:
    """The case, row-locked when asked; NotFound otherwise."""
    return existing(uow, CaseRow, case_id, "case", lock=lock)


def cases_of_thread(uow: UnitOfWork, thread_id: str) -> Sequence[CaseRow]:
    """Cases of a conversation, oldest first."""
    query = sa.select(CaseRow).where(CaseRow.thread_id == thread_id).order_by(CaseRow.opened_at, CaseRow.id)
    return uow.session.scalars(query).all()


def cases_of_account(uow: UnitOfWork, account_id: str, *, limit: int = 50) -> Sequence[CaseRow]:
    """Cases of an account, newest first."""
    query = sa.select(CaseRow).where(CaseRow.account_id == account_id).order_by(CaseRow.opened_at.desc())
    return uow.session.scalars(query.limit(limit)).all()


def add_line(uow: UnitOfWork, line: ReturnLine, *, position: int) -> ReturnLineRow:
    """Store one line of a case; `line.line_id` names it."""
    row = ReturnLineRow(
        id=line.line_id,
        case_id=line.case_id,
        position=position,
        order_number=line.order_number,
        order_line=line.line,
        sku=line.sku,
        description=line.description,
        quantity=line.quantity,
        reason=line.reason.value,
        condition=line.condition.value,
        resolution=line.resolution.value,
        serials=list(line.serials),
        received_sku=line.received_sku,
        received_words=line.received_words,
        created_at=uow.clock.now(),
    )
    uow.session.add(row)
    uow.session.flush()
    return row


def lines(uow: UnitOfWork, case_id: str) -> Sequence[ReturnLineRow]:
    """Lines of a case in their order."""
    query = sa.select(ReturnLineRow).where(ReturnLineRow.case_id == case_id).order_by(ReturnLineRow.position)
    return uow.session.scalars(query).all()


def add_claim(
    uow: UnitOfWork,
    ids: Ids,
    *,
    line: ReturnLineRow,
    words: str,
    payload: Mapping[str, Any],
    reader: str,
    confidence_permille: int,
) -> ClaimRow:
    """Store what was read from the customer's words for one line, with the words."""
    row = ClaimRow(
        id=ids.new("CL"),
        case_id=line.case_id,
        line_id=line.id,
        words=words,
        payload=plain(dict(payload)),
        reader=reader,
        confidence_permille=confidence_permille,
        created_at=uow.clock.now(),
    )
    uow.session.add(row)
    uow.session.flush()
    return row


def add_consent(
    uow: UnitOfWork,
    ids: Ids,
    *,
    case_id: str,
    consent_digest: str,
    shown: str,
    message_id: str,
    given_by: str,
    graph_thread: str,
) -> ConsentRow:
    """Store the customer's yes to what was read back, bound to `consent_digest` (see `consent_digest_of`)."""
    row = ConsentRow(
        id=ids.new("CO"),
        case_id=case_id,
        digest=consent_digest,
        shown=shown,
        message_id=message_id,
        given_by=given_by,
        given_at=uow.clock.now(),
        graph_thread=graph_thread,
    )
    uow.session.add(row)
    uow.session.flush()
    uow.record(
        Tag.CONSENT_GIVEN, actor=given_by, subject=row.id, case_id=case_id, facts={"digest": consent_digest}
    )
    return row


def consent_digest_of(covered: Sequence[ReturnLine], kept: Collection[str] = ()) -> str:
    """Digest of what a customer agrees to: each line with quantity, reason and resolution, in any order.

    `kept` are the ids of the lines whose goods stay with the customer.
    """
    return digest(
        [
            [
                line.line_id,
                line.order_number,
                line.line,
                line.quantity,
                line.serials,
                line.reason,
                line.resolution,
                *(["kept"] if line.line_id in kept else []),
            ]
            for line in sorted(covered, key=lambda line: line.line_id)
        ]
    )


def add_proposal(
    uow: UnitOfWork, proposal: Proposal, *, requested_by: str, program: str | None = None
) -> ProposalRow:
    """Store a proposal as pending, with its audit event. `program` is what the agent runs, see Release."""
    row = ProposalRow(
        id=proposal.proposal_id,
        case_id=proposal.case_id,
        line_id=proposal.line_id,
        action=proposal.action.value,
        order_number=proposal.order_number,
        order_line=proposal.line,
        quantity=proposal.quantity,
        serials=list(proposal.serials),
        reason=proposal.reason.value,
        resolution=proposal.resolution.value,
        claim_id=proposal.claim_id,
        consent_id=proposal.consent_id,
        digest=digest(proposal),
        requested_by=requested_by,
        state="pending",
        program=program,
        created_at=uow.clock.now(),
    )
    uow.session.add(row)
    uow.session.flush()
    told = {"digest": row.digest}
    uow.record(Tag.PROPOSAL_MADE, actor=requested_by, subject=row.id, case_id=row.case_id, facts=told)
    return row


def proposal_of(row: ProposalRow) -> Proposal:
    """The domain record of a stored proposal."""
    return Proposal(
        proposal_id=row.id,
        case_id=row.case_id,
        line_id=row.line_id,
        action=Action(row.action),
        order_number=row.order_number,
        line=row.order_line,
        quantity=row.quantity,
        serials=tuple(row.serials),
        reason=Reason(row.reason),
        resolution=Resolution(row.resolution),
        claim_id=row.claim_id,
        consent_id=row.consent_id,
    )


def proposal(uow: UnitOfWork, proposal_id: str, *, lock: bool = False) -> ProposalRow:
    """The proposal, row-locked when asked; NotFound otherwise."""
    return existing(uow, ProposalRow, proposal_id, "proposal", lock=lock)


def proposals(
    uow: UnitOfWork, *, case_id: str | None = None, consent_id: str | None = None
) -> Sequence[ProposalRow]:
    """Proposals of a case or of one consent, in the order they were made."""
    query = sa.select(ProposalRow)
    if case_id is not None:
        query = query.where(ProposalRow.case_id == case_id)
    if consent_id is not None:
        query = query.where(ProposalRow.consent_id == consent_id)
    return uow.session.scalars(query.order_by(ProposalRow.created_at, ProposalRow.id)).all()


def proposal_states_of_thread(uow: UnitOfWork, thread_id: str) -> Sequence[str]:
    """States of everything proposed in a conversation."""
    return uow.session.scalars(_STATES_OF_THREAD, {"thread_id": thread_id}).all()


def claim(uow: UnitOfWork, claim_id: str) -> ClaimRow | None:
    """The claim, or `None`."""
    return uow.session.get(ClaimRow, claim_id)


def consent(uow: UnitOfWork, consent_id: str) -> ConsentRow | None:
    """The consent, or `None`."""
    return uow.session.get(ConsentRow, consent_id)


def return_line(uow: UnitOfWork, line_id: str) -> ReturnLineRow:
    """The return line; NotFound otherwise."""
    return existing(uow, ReturnLineRow, line_id, "return line")


def verdicts(uow: UnitOfWork, proposal_id: str) -> Sequence[VerdictRow]:
    """All verdicts on a proposal and its effects, oldest first."""
    query = sa.select(VerdictRow).where(VerdictRow.proposal_id == proposal_id)
    return uow.session.scalars(query.order_by(VerdictRow.decided_at, VerdictRow.id)).all()


def newest_verdict(
    uow: UnitOfWork, proposal_id: str, action: Action = Action.CREATE_RMA, subject: str = ""
) -> VerdictRow | None:
    """The latest verdict on that action, about that subject when one is named; `None` while undecided."""
    about = [
        row
        for row in verdicts(uow, proposal_id)
        if row.action == action.value and subject in {"", row.command["subject"]}
    ]
    return about[-1] if about else None


def return_line_of(row: ReturnLineRow) -> ReturnLine:
    """The domain record of a stored return line."""
    return ReturnLine(
        line_id=row.id,
        case_id=row.case_id,
        order_number=row.order_number,
        line=row.order_line,
        sku=row.sku,
        description=row.description,
        quantity=row.quantity,
        reason=Reason(row.reason),
        condition=Condition(row.condition),
        resolution=Resolution(row.resolution),
        serials=tuple(row.serials),
        received_sku=row.received_sku,
        received_words=row.received_words,
    )


def lock_consent(uow: UnitOfWork, consent_id: str) -> ConsentRow:
    """The consent, row-locked; NotFound otherwise."""
    row = uow.session.scalars(
        sa.select(ConsentRow)
        .where(ConsentRow.id == consent_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        raise NotFound("consent", consent_id)
    return row


def rma_line_of_proposal(uow: UnitOfWork, proposal_id: str) -> RmaLineRow | None:
    """The RMA line that a proposal led to, or `None`."""
    return uow.session.scalars(sa.select(RmaLineRow).where(RmaLineRow.proposal_id == proposal_id)).first()
