"""What the desk shows of a case: one screen with everything a decision needs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from backhaul.domain.errors import PolicyError
from backhaul.domain.money import Money
from backhaul.domain.returns import ReviewState
from backhaul.store import cases, reviews, unread
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
from web.desk_erp import Erp, erp_of
from web.desk_marks import WHY_BACK
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
    by: str = ""
    """The colleague who said it for the customer on the telephone"""


@dataclass(frozen=True, slots=True)
class Earlier:
    """A former return of the account."""

    case: CaseRow
    line: ReturnLineRow
    state: str
    to_read: bool
    """Drawn to be read blind: what the machine read in it is not shown yet"""


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
        """Whether it can be decided: nobody has, not even for as long as it can be taken back."""
        return self.review.state in reviews.OPEN_STATES and self.review.posts_at is None

    @property
    def may_credit_instead(self) -> bool:
        """Whether a credit can be asked for in place of what is under review."""
        return reviews.may_be_credited_instead(self.review)

    @property
    def turns(self) -> tuple[tuple[bool, tuple[Said, ...]], ...]:
        """The conversation in turns; our own answers, which say what the page says anyhow, can be folded."""
        grouped = groupby(self.said, lambda one: one.row.author == "agent" and not self.nobody_reads)
        return tuple((ours, tuple(turn)) for ours, turn in grouped)

    @property
    def why_back(self) -> str:
        """In a sentence, why an approved review came back; empty when it did not."""
        return WHY_BACK.get(self.review.marked or "", "")


def stands(row: ReviewRow) -> str:
    """The state as the desk calls it: where nothing could be approved, nothing was rejected either."""
    if row.posts_at is not None:
        return "decided"
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
        verdict=shown_verdict(verdict, table_units_of(doors)) if verdict else None,
        signals=signals_of(uow, row, line, verdict),
        erp=erp_of(doors, case, line),
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


def table_units_of(doors: Doors) -> Units:
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


def _said(
    uow: UnitOfWork, doors: Doors, row: ReviewRow, proposal: ProposalRow | None, note: NoteShown | None
) -> tuple[Said, ...]:
    claim = cases.claim(uow, proposal.claim_id) if proposal else None
    photos = photos_shown(uow, doors.desk.erp, row.thread_id)
    # Another line of the same words waits to be read blind: our own messages and marks say what was read.
    to_read = bool(unread.reviews_of_thread(uow, row.thread_id) - {row.id})
    return tuple(
        Said(
            message,
            (Piece(message.body, ""),) if to_read else _pieces(message, claim, note),
            tuple(photo for photo in photos if photo.row.message_id == message.id),
            colleague_on_the_phone(uow, message),
        )
        for message in talk.messages(uow, row.thread_id)
        if not to_read or message.author != "agent"
    )


def colleague_on_the_phone(uow: UnitOfWork, message: MessageRow) -> str:
    """Who said it for a customer on the telephone; empty when the customer typed it."""
    actor = str(message.meta.get("actor", ""))
    if message.author != "customer" or not actor.startswith(people.CALL):
        return ""
    person = people.staff_by_id(uow, actor.partition(" for ")[0].removeprefix(people.CALL))
    return person.name if person else actor


def _pieces(message: MessageRow, claim: ClaimRow | None, note: NoteShown | None) -> tuple[Piece, ...]:
    if note is not None and message.author == TECHNICIAN:
        return marked(message, [one.item for one in note.items])
    if claim is not None and message.author == "customer":
        return highlighted(message.body, claim.words, claim.payload)
    return (Piece(message.body, ""),)


def _history(uow: UnitOfWork, case: CaseRow) -> tuple[Earlier, ...]:
    found, to_read = [], unread.lines_of_account(uow, case.account_id)
    for other in cases.cases_of_account(uow, case.account_id):
        if other.id == case.id:
            continue
        states = {row.line_id: row.state for row in cases.proposals(uow, case_id=other.id)}
        found += [
            Earlier(other, line, states[line.id], to_read=line.id in to_read)
            for line in cases.lines(uow, other.id)
            if line.id in states
        ]
        if len(found) >= _HISTORY:
            break
    return tuple(found[:_HISTORY])


def _approvals(uow: UnitOfWork, proposal: ProposalRow | None) -> tuple[tuple[ApprovalRow, str], ...]:
    given = reviews.approvals(uow, proposal.id) if proposal else ()
    names: dict[str, StaffRow | None] = {row.user_id: people.staff_by_id(uow, row.user_id) for row in given}
    return tuple((row, person.name if (person := names[row.user_id]) else row.user_id) for row in given)
