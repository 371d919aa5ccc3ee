"""The exception desk: the queue, one screen a case, and what a reviewer can do with it."""

from collections.abc import AsyncIterable
from contextlib import suppress
from typing import Annotated, Any

import anyio
from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent

from backhaul.domain.errors import BadInput, InvalidTransition, NotAllowed, NotFound, StalePage
from backhaul.domain.returns import ReviewState
from backhaul.store import conversation as talk
from backhaul.store import corrections, review_queue, reviews
from backhaul.store.tables import ReviewRow
from backhaul.store.unit_of_work import UnitOfWork
from web.chat import NewsHere
from web.desk_blind import blind_page, read_blind
from web.desk_credit import early_credits
from web.desk_ending import endings
from web.desk_goods import at_the_dock
from web.desk_leases import lease_shown
from web.desk_notes_view import nobody_reads
from web.desk_queue import AskedHere
from web.desk_queue_view import queue_context
from web.desk_reading import Really, note_what_words_say, reading_of
from web.desk_rights import command_is_still, why_may_not_approve
from web.desk_view import case_page
from web.dock_outcomes import outcomes_of
from web.news import EVERY_THREAD
from web.numbers import Numbers
from web.pages import render
from web.pulse import pulse
from web.who import DeskMember, DoorsHere, Member, staff_form
from web.world import Doors

router = APIRouter(prefix="/desk")
_LOOK_AGAIN_SECONDS = 20
_LONGEST_NOTE = 2_000

Version = Annotated[int, Form(ge=1)]
Note = Annotated[str, Form(max_length=_LONGEST_NOTE)]


def numbers_of(request: Request) -> Numbers:
    """The counters of this application."""
    numbers: Numbers = request.app.state.numbers
    return numbers


NumbersHere = Annotated[Numbers, Depends(numbers_of)]


def _frame(doors: Doors, who: Member) -> dict[str, Any]:
    found = pulse(doors)
    return {
        "who": who,
        "token": who.token,
        "silent": found.silent,
        "policy_trouble": found.trouble,
    }


@router.get("")
def queue(request: Request, doors: DoorsHere, who: DeskMember, asked: AskedHere, done: str = "") -> Response:
    """What waits for a person, most urgent first."""
    with doors.desk.store.read() as uow:
        context = {
            **_frame(doors, who),
            **queue_context(uow, doors, who, asked),
            **_done(uow, done),
            "outcomes": outcomes_of(uow, who),
            "second_looks": len(corrections.in_state(uow, corrections.NOTED)),
        }
    return render(request, "desk_queue.html", context)


def _done(uow: UnitOfWork, review_id: str) -> dict[str, Any]:
    """The review just dealt with, for the line that confirms it; and whether nobody was told."""
    try:
        row = reviews.review(uow, review_id) if review_id else None
    except NotFound:
        row = None
    return {"done": row, "done_quietly": row is not None and nobody_reads(uow, row.thread_id)}


@router.get("/events", response_class=EventSourceResponse)
async def events(who: DeskMember, news: NewsHere) -> AsyncIterable[ServerSentEvent]:
    """Something happened in some thread: pages of the desk look again."""
    async with news.page(EVERY_THREAD) as bell:
        yield ServerSentEvent(comment=f"listening for {len(who.roles)} roles", retry=2_000)
        while not news.stopping:
            bell.clear()
            with suppress(TimeoutError):
                with anyio.fail_after(_LOOK_AGAIN_SECONDS):
                    await bell.wait()
                yield ServerSentEvent(data={"kind": "changed"}, event="news")


@router.get("/{review_id}")
def case(
    request: Request, review_id: str, doors: DoorsHere, who: DeskMember, done: str = "", asked: str = ""
) -> Response:
    """One case with everything a decision needs. `asked` is the work of the case just asked for here."""
    with doors.desk.store.read() as uow:
        if reviews.waits_to_be_read(uow, row := reviews.review(uow, review_id)):
            context = {**_frame(doors, who), "page": blind_page(uow, doors, row)}
            return render(request, "desk_blind.html", context)
        context = {
            **_frame(doors, who),
            "blind": read_blind(uow, row),
            "page": case_page(uow, doors, review_id, who),
            "early": early_credits(uow, reviews.review(uow, review_id).case_id),
            "endings": endings(uow, reviews.review(uow, review_id).case_id),
            **_done(uow, done),
            "asked": asked,
            "goods": at_the_dock(uow, reviews.review(uow, review_id).case_id),
            "reading": reading_of(uow, reviews.review(uow, review_id)),
            "lease": lease_shown(uow, reviews.review(uow, review_id), who),
        }
    return render(request, "desk_case.html", context)


@router.get("/{review_id}/photos/{attachment_id}")
def photo(review_id: str, attachment_id: str, doors: DoorsHere, who: DeskMember) -> Response:
    """A photo of the case's conversation."""
    with doors.desk.store.read() as uow:
        row = reviews.review(uow, review_id)
        found = next((one for one in talk.attachments(uow, row.thread_id) if one.id == attachment_id), None)
    if found is None or not who.on_desk:
        raise NotFound("photo", attachment_id)
    return Response(doors.desk.blobs.get(found.blob), media_type=found.media_type)


@router.post("/{review_id}/approve", dependencies=[Depends(staff_form)])
def approve(
    review_id: str,
    doors: DoorsHere,
    who: DeskMember,
    numbers: NumbersHere,
    version: Version,
    command_digest: Annotated[str, Form(max_length=64)],
    note: Note = "",
    really: Really = "",
) -> Response:
    """Say yes to exactly the command on the page. The worker decides once more before anything happens."""
    with doors.desk.store.begin() as uow:
        row = reviews.at_version(uow, review_id, version, event="approval")
        verdict = reviews.newest_verdict(uow, row)
        if why_not := why_may_not_approve(uow, who, row):
            raise NotAllowed(why_not)
        if verdict is None or not command_is_still(verdict, command_digest):
            raise StalePage(f"review {review_id}")
        reviews.approve(
            uow, doors.desk.ids, row, user_id=who.user_id, command_digest=command_digest, note=note.strip()
        )
        note_what_words_say(uow, row, really, by=who.user_id)
        _resume(uow, doors, row)
        onward = _next(uow, row.id, who)
    numbers.decisions.labels("approve").inc()
    return RedirectResponse(onward, status_code=303)


@router.post("/{review_id}/reject", dependencies=[Depends(staff_form)])
def reject(
    review_id: str,
    doors: DoorsHere,
    who: DeskMember,
    numbers: NumbersHere,
    version: Version,
    note: Note = "",
    really: Really = "",
) -> Response:
    """Say no, with a note that the customer's answer rests on.

    Where there is nothing to refuse, because a person was asked for, it is closed; the note is then what the
    customer reads, and may be left out.
    """
    with doors.desk.store.begin() as uow:
        row = reviews.at_version(uow, review_id, version, event="rejection")
        if row.proposal_id is not None and not note.strip():
            raise BadInput(
                "Say why in the note: the customer is told, and the record keeps it.", field="note"
            )
        reviews.reject(uow, row, user_id=who.user_id, note=note.strip())
        note_what_words_say(uow, row, really, by=who.user_id)
        if row.proposal_id is not None or not nobody_reads(uow, row.thread_id):
            _resume(uow, doors, row)
        onward = _next(uow, row.id, who)
    numbers.decisions.labels("reject").inc()
    return RedirectResponse(onward, status_code=303)


@router.post("/{review_id}/credit-instead", dependencies=[Depends(staff_form)])
def credit_instead(
    review_id: str, doors: DoorsHere, who: DeskMember, numbers: NumbersHere, version: Version, note: Note = ""
) -> Response:
    """Turn an exchange or a repair down and have a credit asked for in its place."""
    with doors.desk.store.begin() as uow:
        row = reviews.at_version(uow, review_id, version, event="credit instead")
        if not reviews.may_be_credited_instead(row):
            raise BadInput("Only what is to be exchanged or repaired can be credited instead.", field="note")
        if not note.strip():
            raise BadInput("Say in the note why; the customer reads it.", field="note")
        reviews.reject(uow, row, user_id=who.user_id, note=note.strip(), marked=reviews.CREDIT_INSTEAD)
        _resume(uow, doors, row)
        onward = _next(uow, row.id, who)
    numbers.decisions.labels("reject").inc()
    return RedirectResponse(onward, status_code=303)


@router.post("/{review_id}/ask", dependencies=[Depends(staff_form)])
def ask(
    review_id: str, doors: DoorsHere, who: DeskMember, numbers: NumbersHere, version: Version, note: Note = ""
) -> Response:
    """Put a question to the customer; the review waits for the answer."""
    if not note.strip():
        raise BadInput("Write the question the customer should answer.", field="note")
    with doors.desk.store.begin() as uow:
        row = reviews.at_version(uow, review_id, version, event="question")
        if row.state == ReviewState.WAITING_FOR_CUSTOMER.value:
            raise InvalidTransition(
                f"review {review_id}", state="waiting for the customer", event="a question"
            )
        if nobody_reads(uow, row.thread_id):
            raise BadInput("Nobody reads a note's conversation: call or write to the customer.", field="note")
        reviews.ask_customer(uow, row, question=note.strip(), user_id=who.user_id)
        talk.append_event(
            uow,
            row.thread_id,
            "review_asked",
            {"case_id": row.case_id, "review_id": row.id, "question": note.strip()},
        )
        onward = _next(uow, row.id, who)
    numbers.decisions.labels("ask").inc()
    return RedirectResponse(onward, status_code=303)


def _resume(uow: UnitOfWork, doors: Doors, row: ReviewRow) -> None:
    """Let the worker act on the decision: stored and started in one transaction."""
    doors.desk.starter.start(
        uow, workflow="resume-review", workflow_id=f"resume-review-{row.id}-{row.version}", args=[row.id]
    )


def _next(uow: UnitOfWork, done: str, who: Member) -> str:
    """The next case to decide that nobody else works on, or the queue when none is left."""
    following = review_queue.next_for(uow, who.user_id, but=done)
    return f"/desk/{following.id}?done={done}" if following else f"/desk?done={done}"
