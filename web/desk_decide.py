"""What a reviewer does with a case: approve, reject, ask, hand on, take back, note down."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from fastapi.responses import RedirectResponse, Response

from backhaul.domain.codes import Reason
from backhaul.domain.errors import BadInput, InvalidTransition, NotAllowed, StalePage
from backhaul.domain.returns import ReviewState
from backhaul.domain.review_reasons import ReviewAct, checked
from backhaul.store import case_notes, desk_decisions, reviews
from backhaul.store import conversation as talk
from backhaul.store.desk_decisions import Decided
from backhaul.store.tables import ReviewRow
from backhaul.store.unit_of_work import UnitOfWork
from web.desk_next import next_page
from web.desk_notes_view import nobody_reads
from web.desk_numbers import NumbersHere
from web.desk_reading import Really
from web.desk_rights import command_is_still, why_may_not_approve
from web.who import DeskMember, DoorsHere, Member, staff_form
from web.world import Doors

router = APIRouter(prefix="/desk")
LONGEST_NOTE = 2_000

Version = Annotated[int, Form(ge=1)]
Code = Annotated[str, Form(max_length=40)]
Note = Annotated[str, Form(max_length=LONGEST_NOTE)]


@dataclass(frozen=True, slots=True)
class Typed:
    """What the form of a decision holds beside the version it was made on."""

    reason: str
    note: str
    really: str

    @classmethod
    def of(cls, reason: Code = "", note: Note = "", really: Really = "") -> "Typed":
        """Without the space around a note."""
        return cls(reason, note.strip(), really)


TypedHere = Annotated[Typed, Depends(Typed.of)]


@router.post("/{review_id}/approve", dependencies=[Depends(staff_form)])
def approve(
    review_id: str,
    doors: DoorsHere,
    who: DeskMember,
    numbers: NumbersHere,
    version: Version,
    typed: TypedHere,
    command_digest: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """Say yes to exactly the command on the page. The worker decides once more before anything happens."""
    with doors.desk.store.begin() as uow:
        row = reviews.at_version(uow, review_id, version, event="approval")
        verdict = reviews.newest_verdict(uow, row)
        if why_not := why_may_not_approve(uow, who, row):
            raise NotAllowed(why_not)
        if verdict is None or not command_is_still(verdict, command_digest):
            raise StalePage(f"review {review_id}")
        _decide(uow, doors, row, who, ReviewAct.APPROVE, typed, command_digest=command_digest)
        onward = next_page(uow, row.id, who.user_id)
    numbers.decisions.labels("approve").inc()
    return RedirectResponse(onward, status_code=303)


@router.post("/{review_id}/reject", dependencies=[Depends(staff_form)])
def reject(
    review_id: str,
    doors: DoorsHere,
    who: DeskMember,
    numbers: NumbersHere,
    version: Version,
    typed: TypedHere,
) -> Response:
    """Say no, with a note that the customer's answer rests on.

    Where there is nothing to refuse, because a person was asked for, it is closed; the note is then what the
    customer reads, and may be left out.
    """
    with doors.desk.store.begin() as uow:
        row = reviews.at_version(uow, review_id, version, event="rejection")
        refuses = row.proposal_id is not None
        if refuses and not typed.note:
            raise BadInput(
                "Say why in the note: the customer is told, and the record keeps it.", field="note"
            )
        told = refuses or not nobody_reads(uow, row.thread_id)
        act = ReviewAct.REJECT if refuses else ReviewAct.CLOSE
        _decide(uow, doors, row, who, act, typed, is_told=told)
        onward = next_page(uow, row.id, who.user_id)
    numbers.decisions.labels("reject").inc()
    return RedirectResponse(onward, status_code=303)


@router.post("/{review_id}/credit-instead", dependencies=[Depends(staff_form)])
def credit_instead(
    review_id: str,
    doors: DoorsHere,
    who: DeskMember,
    numbers: NumbersHere,
    version: Version,
    typed: TypedHere,
) -> Response:
    """Turn an exchange or a repair down and have a credit asked for in its place."""
    with doors.desk.store.begin() as uow:
        row = reviews.at_version(uow, review_id, version, event="credit instead")
        if not reviews.may_be_credited_instead(row):
            raise BadInput("Only what is to be exchanged or repaired can be credited instead.", field="note")
        if not typed.note:
            raise BadInput("Say in the note why; the customer reads it.", field="note")
        _decide(uow, doors, row, who, ReviewAct.CREDIT_INSTEAD, typed)
        onward = next_page(uow, row.id, who.user_id)
    numbers.decisions.labels("reject").inc()
    return RedirectResponse(onward, status_code=303)


@router.post("/{review_id}/ask", dependencies=[Depends(staff_form)])
def ask(
    review_id: str,
    doors: DoorsHere,
    who: DeskMember,
    numbers: NumbersHere,
    version: Version,
    typed: TypedHere,
) -> Response:
    """Put a question to the customer; the review waits for the answer."""
    if not typed.note:
        raise BadInput("Write the question the customer should answer.", field="note")
    with doors.desk.store.begin() as uow:
        row = reviews.at_version(uow, review_id, version, event="question")
        if row.state == ReviewState.WAITING_FOR_CUSTOMER.value:
            raise InvalidTransition(
                f"review {review_id}", state="waiting for the customer", event="a question"
            )
        if nobody_reads(uow, row.thread_id):
            raise BadInput("Nobody reads a note's conversation: call or write to the customer.", field="note")
        reason = checked(ReviewAct.ASK, typed.reason)
        said = Decided(ReviewAct.ASK, who.user_id, reason, typed.note)
        desk_decisions.enter(uow, doors.desk.ids, row, said)
        reviews.ask_customer(uow, row, question=typed.note, user_id=who.user_id, reason=reason)
        talk.append_event(
            uow,
            row.thread_id,
            "review_asked",
            {"case_id": row.case_id, "review_id": row.id, "question": typed.note},
        )
        onward = next_page(uow, row.id, who.user_id)
    numbers.decisions.labels("ask").inc()
    return RedirectResponse(onward, status_code=303)


@router.post("/{review_id}/expert", dependencies=[Depends(staff_form)])
def expert(
    review_id: str,
    doors: DoorsHere,
    who: DeskMember,
    numbers: NumbersHere,
    version: Version,
    typed: TypedHere,
) -> Response:
    """Leave a case to somebody who knows more of it; what is asked of them stands in the internal notes."""
    with doors.desk.store.begin() as uow:
        row = reviews.at_version(uow, review_id, version, event="hand over")
        reason = checked(ReviewAct.EXPERT, typed.reason)
        if reason == "other" and not typed.note:
            raise BadInput("Say in the note what the expert is asked.", field="note")
        desk_decisions.enter(
            uow, doors.desk.ids, row, Decided(ReviewAct.EXPERT, who.user_id, reason, typed.note)
        )
        reviews.hand_to_expert(uow, row, expert=reason, user_id=who.user_id)
        if typed.note:
            case_notes.write(uow, doors.desk.ids, case_id=row.case_id, body=typed.note, by=who.user_id)
        onward = next_page(uow, row.id, who.user_id)
    numbers.decisions.labels("expert").inc()
    return RedirectResponse(onward, status_code=303)


@router.post("/{review_id}/undo", dependencies=[Depends(staff_form)])
def undo(review_id: str, doors: DoorsHere, who: DeskMember, version: Version) -> Response:
    """Take a decision back as long as nothing has come of it."""
    with doors.desk.store.begin() as uow:
        desk_decisions.undo(uow, review_id, version=version, by=who.user_id)
    return RedirectResponse(f"/desk/{review_id}?undone=1", status_code=303)


@router.post("/{review_id}/notes", dependencies=[Depends(staff_form)])
def note_down(review_id: str, doors: DoorsHere, who: DeskMember, note: Note = "") -> Response:
    """Keep a note for colleagues. No customer ever reads it."""
    if not note.strip():
        raise BadInput("Write the note first.", field="note")
    with doors.desk.store.begin() as uow:
        row = reviews.review(uow, review_id)
        if reviews.waits_to_be_read(uow, row):
            raise InvalidTransition(f"review {review_id}", state="to be read blind first", event="a note")
        case_notes.write(uow, doors.desk.ids, case_id=row.case_id, body=note.strip(), by=who.user_id)
    return RedirectResponse(f"/desk/{review_id}#notes", status_code=303)


def _decide(
    uow: UnitOfWork,
    doors: Doors,
    row: ReviewRow,
    who: Member,
    act: ReviewAct,
    typed: Typed,
    *,
    command_digest: str = "",
    is_told: bool = True,
) -> None:
    """Write it down; where it cannot be undone it counts at once, and the worker is told."""
    if typed.really and typed.really not in set(Reason):
        raise BadInput("Choose what the words really say from the list.", field="really")
    reason = checked(act, typed.reason)
    said = Decided(act, who.user_id, reason, typed.note, typed.really, command_digest, is_told)
    seconds = doors.settings.undo_seconds
    _, is_posted = desk_decisions.decide(uow, doors.desk.ids, row, said, undo_seconds=seconds)
    if is_posted and is_told:
        again = desk_decisions.resume_id(row.id, row.version)
        doors.desk.starter.start(uow, workflow="resume-review", workflow_id=again, args=[row.id])
