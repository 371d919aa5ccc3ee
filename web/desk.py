"""The exception desk: the queue, one screen a case, and what a reviewer can do with it."""

from collections.abc import AsyncIterable
from contextlib import suppress
from typing import Any

import anyio
from fastapi import APIRouter, Request
from fastapi.responses import Response
from fastapi.sse import EventSourceResponse, ServerSentEvent

from backhaul.domain.errors import NotFound
from backhaul.store import conversation as talk
from backhaul.store import corrections, reviews
from backhaul.store.unit_of_work import UnitOfWork
from web.chat import NewsHere
from web.desk_blind import blind_page, read_blind
from web.desk_case import beside_the_case
from web.desk_credit import early_credits
from web.desk_edit import edit_form
from web.desk_ending import endings
from web.desk_goods import at_the_dock
from web.desk_leases import lease_shown
from web.desk_notes_view import nobody_reads
from web.desk_queue import AskedHere
from web.desk_queue_view import queue_context
from web.desk_reading import reading_of
from web.desk_similar import similar_to
from web.desk_undo import undo_of
from web.desk_view import case_page
from web.dock_outcomes import outcomes_of
from web.news import EVERY_THREAD
from web.pages import render
from web.pulse import pulse
from web.who import DeskMember, DoorsHere, Member
from web.world import Doors

router = APIRouter(prefix="/desk")
_LOOK_AGAIN_SECONDS = 20


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
            **_done(uow, who, done),
            "outcomes": outcomes_of(uow, who),
            "second_looks": len(corrections.in_state(uow, corrections.NOTED)),
        }
    return render(request, "desk_queue.html", context)


def _done(uow: UnitOfWork, who: Member, review_id: str) -> dict[str, Any]:
    """The review just dealt with, for the line that confirms it; whether nobody was told; how to undo it."""
    try:
        row = reviews.review(uow, review_id) if review_id else None
    except NotFound:
        row = None
    quietly = row is not None and nobody_reads(uow, row.thread_id)
    return {"done": row, "done_quietly": quietly, "undo_done": undo_of(uow, who, row) if row else None}


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
    request: Request,
    review_id: str,
    doors: DoorsHere,
    who: DeskMember,
    done: str = "",
    asked: str = "",
    undone: str = "",
    reply: str = "",
) -> Response:
    """One case with everything a decision needs.

    `asked` is the work of the case just asked for here, `undone` says that a decision was just taken back,
    and `reply` is the act and reason whose text is to stand in the note.
    """
    with doors.desk.store.read() as uow:
        frame, row = _frame(doors, who), reviews.review(uow, review_id)
        if reviews.waits_to_be_read(uow, row):
            return render(request, "desk_blind.html", {**frame, "page": blind_page(uow, doors, row)})
        page = case_page(uow, doors, review_id, who)
        context = {
            **frame,
            "blind": read_blind(uow, row),
            "page": page,
            "early": early_credits(uow, row.case_id),
            "endings": endings(uow, row.case_id),
            **_done(uow, who, done),
            "asked": asked,
            "undone": undone,
            "goods": at_the_dock(uow, row.case_id),
            "reading": reading_of(uow, row),
            "similar": similar_to(uow, row),
            "edit": edit_form(uow, review_id),
            **beside_the_case(uow, doors, who, page, reply=reply),
            "lease": lease_shown(uow, row, who),
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
