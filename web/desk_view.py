"""What the desk shows of a case: one screen with everything a decision needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backhaul.domain.errors import PolicyError
from backhaul.domain.money import Money
from backhaul.domain.orders import Order, OrderLine, Shipment
from backhaul.domain.returns import ReviewState
from backhaul.domain.trade import Account, Item
from backhaul.store import cases, reviews
from backhaul.store import conversation as talk
from backhaul.store import staff as people
from backhaul.store.house_tables import StaffRow
from backhaul.store.tables import (
    ApprovalRow,
    CaseRow,
    ClaimRow,
    MessageRow,
    ProposalRow,
    ReturnLineRow,
    ReviewRow,
    VerdictRow,
)
from backhaul.store.unit_of_work import UnitOfWork
from web.desk_notes_view import TECHNICIAN, NoteShown, marked, nobody_reads, note_shown
from web.desk_photos import PhotoShown, photos_shown
from web.desk_rights import why_may_not_approve
from web.desk_signals import Signals, signals_of
from web.highlight import Piece, highlighted
from web.policies_trace import NO_UNITS, Trace, Units, table_units, trace_of
from web.who import Member
from web.world import Doors

_HISTORY = 8


def _line_of(uow: UnitOfWork, row: ReviewRow) -> ReturnLineRow | None:
    if row.proposal_id is None:
        return None
    return cases.return_line(uow, cases.proposal(uow, row.proposal_id).line_id)


@dataclass(frozen=True, slots=True)
class VerdictShown:
    """A verdict as a reviewer reads it."""

    row: VerdictRow
    trace: Trace
    confidence_percent: int | None
    command: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """One message of the thread, with the read words marked in it."""

    row: MessageRow
    pieces: tuple[Piece, ...]
    photos: tuple[PhotoShown, ...]


@dataclass(frozen=True, slots=True)
class Earlier:
    """A former return of the account."""

    case: CaseRow
    line: ReturnLineRow
    state: str


@dataclass(frozen=True, slots=True)
class Erp:
    """What the ERP says about the line; parts it cannot tell are `None`."""

    account: Account | None
    order: Order | None
    line: OrderLine | None
    item: Item | None
    shipments: Sequence[Shipment]


_NO_LONGER_COUNTS = "Approvals given before no longer count; what is shown here is how it stands now."
_WHY_BACK: Mapping[str, str] = {
    reviews.POLICY_CHANGED: f"The policy has changed since this was approved. {_NO_LONGER_COUNTS}",
    reviews.FACTS_CHANGED: "What the ERP or our own books say has changed since this was approved, "
    f"the policy has not. {_NO_LONGER_COUNTS}",
    reviews.BOTH_CHANGED: "The policy has changed since this was approved, and so has what the ERP or our "
    f"own books say. {_NO_LONGER_COUNTS}",
    reviews.ANOTHER_NEEDED: "The approval given stands. At this value a second person has to agree.",
}


@dataclass(frozen=True, slots=True)
class CasePage:
    """Everything on the case page."""

    review: ReviewRow
    case: CaseRow
    line: ReturnLineRow | None
    proposal: ProposalRow | None
    verdict: VerdictShown | None
    signals: Signals
    erp: Erp
    said: tuple[Said, ...]
    history: tuple[Earlier, ...]
    approvals: tuple[tuple[ApprovalRow, str], ...]
    """With the names of those who approved"""
    may_approve: bool
    why_not: str
    value: Money
    now: datetime
    note: NoteShown | None
    """What the case was opened for when nobody was there to ask"""
    nobody_reads: bool
    """What is said in its conversation reaches no customer"""

    @property
    def stands(self) -> str:
        return stands(self.review)

    @property
    def is_open(self) -> bool:
        return self.review.state in reviews.OPEN_STATES

    @property
    def may_credit_instead(self) -> bool:
        """Whether a credit can be asked for in place of what is under review."""
        return reviews.may_be_credited_instead(self.review)

    @property
    def why_back(self) -> str:
        """In a sentence, why an approved review came back; empty when it did not."""
        return _WHY_BACK.get(self.review.marked or "", "")


def stands(row: ReviewRow) -> str:
    """The state as the desk calls it: where nothing could be approved, nothing was rejected either."""
    closed = row.state == ReviewState.REJECTED.value and row.proposal_id is None
    return "closed" if closed else row.state


def case_page(uow: UnitOfWork, doors: Doors, review_id: str, who: Member) -> CasePage:
    """One review with its case; NotFound when there is none."""
    row = reviews.review(uow, review_id)
    case = cases.case(uow, row.case_id)
    proposal = cases.proposal(uow, row.proposal_id) if row.proposal_id else None
    line = _line_of(uow, row)
    verdict = reviews.newest_verdict(uow, row)
    why_not = why_may_not_approve(uow, who, row)
    note = note_shown(uow, doors, row)
    return CasePage(
        review=row,
        case=case,
        line=line,
        proposal=proposal,
        verdict=shown_verdict(verdict, _units(doors)) if verdict else None,
        signals=signals_of(uow, row, line, verdict),
        erp=_erp(doors, case, line),
        said=_said(uow, doors, row, proposal, note),
        history=_history(uow, case),
        approvals=_approvals(uow, proposal),
        may_approve=not why_not,
        why_not=why_not,
        value=Money(row.value_minor, row.currency),
        now=uow.clock.now(),
        note=note,
        nobody_reads=nobody_reads(uow, row.thread_id),
    )


def _units(doors: Doors) -> Units:
    """The units of the tables. A decision on record can be read, if less well, while no documents can be."""
    try:
        return table_units(doors.desk.policies().bundle)
    except PolicyError:
        return NO_UNITS


def shown_verdict(row: VerdictRow, units: Units = NO_UNITS) -> VerdictShown:
    """The stored decision in words; `units` are those of the tables it looked things up in."""
    confidence = row.facts.get("confidence_permille")
    return VerdictShown(
        row=row,
        trace=trace_of(row.decision, units, would_change=row.would_change or ""),
        confidence_percent=confidence // 10 if isinstance(confidence, int) else None,
        command=row.command,
    )


def _erp(doors: Doors, case: CaseRow, line: ReturnLineRow | None) -> Erp:
    erp = doors.desk.erp
    account = erp.account(case.account_id)
    if line is None:
        return Erp(account, None, None, None, ())
    order = erp.order(line.order_number)
    return Erp(
        account,
        order,
        order.line(line.order_line) if order else None,
        erp.item(line.sku),
        erp.shipments(line.order_number),
    )


def _said(
    uow: UnitOfWork, doors: Doors, row: ReviewRow, proposal: ProposalRow | None, note: NoteShown | None
) -> tuple[Said, ...]:
    claim = cases.claim(uow, proposal.claim_id) if proposal else None
    photos = photos_shown(uow, doors.desk.erp, row.thread_id)
    return tuple(
        Said(
            message,
            _pieces(message, claim, note),
            tuple(photo for photo in photos if photo.row.message_id == message.id),
        )
        for message in talk.messages(uow, row.thread_id)
    )


def _pieces(message: MessageRow, claim: ClaimRow | None, note: NoteShown | None) -> tuple[Piece, ...]:
    if note is not None and message.author == TECHNICIAN:
        return marked(message, [one.item for one in note.items])
    if claim is not None and message.author == "customer":
        return highlighted(message.body, claim.words, claim.payload)
    return (Piece(message.body, ""),)


def _history(uow: UnitOfWork, case: CaseRow) -> tuple[Earlier, ...]:
    found = []
    for other in cases.cases_of_account(uow, case.account_id):
        if other.id == case.id:
            continue
        states = {row.line_id: row.state for row in cases.proposals(uow, case_id=other.id)}
        found += [
            Earlier(other, line, states[line.id]) for line in cases.lines(uow, other.id) if line.id in states
        ]
        if len(found) >= _HISTORY:
            break
    return tuple(found[:_HISTORY])


def _approvals(uow: UnitOfWork, proposal: ProposalRow | None) -> tuple[tuple[ApprovalRow, str], ...]:
    given = reviews.approvals(uow, proposal.id) if proposal else ()
    names: dict[str, StaffRow | None] = {row.user_id: people.staff_by_id(uow, row.user_id) for row in given}
    return tuple((row, person.name if (person := names[row.user_id]) else row.user_id) for row in given)
