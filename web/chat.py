"""The customer's chat: plain forms that work alone, and a stream of news that lets the page fill itself."""

from collections.abc import AsyncIterable, Mapping, Sequence
from concurrent.futures import wait
from contextlib import suppress
from typing import Annotated, Any

import anyio
from fastapi import APIRouter, Depends, File, Form, Header, Request, UploadFile
from fastapi.responses import JSONResponse, RedirectResponse, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile as PlainUpload

from backhaul.domain.canonical import digest
from backhaul.domain.errors import BadInput
from backhaul.store import conversation as talk
from backhaul.store.tables import ThreadEventRow
from web import photos
from web.chat_view import own_label, own_photo, own_thread, own_threads, thread_page
from web.errors import wants_json
from web.label_prints import known_print, label_file
from web.news import Newsroom
from web.pages import fragment, render
from web.pulse import is_delayed
from web.sign_in import ThrottleHere
from web.slips import Slip, read_slip
from web.throttle import CHAT
from web.who import Customer, CustomerHere, DoorsHere, customer_form
from web.world import Doors

router = APIRouter(prefix="/chat")
LONGEST_MESSAGE = 40_000
"""Characters; a customer's e-mail pasted whole is shorter."""
UPLOAD_BYTES = photos.MOST_PHOTOS * photos.MOST_BYTES + 1_000_000
_PLAIN_WAIT_SECONDS = 8
_LOOK_AGAIN_SECONDS = 20
_PERSON = "I would like to talk to a person, please."


def newsroom_of(request: Request) -> Newsroom:
    """The news of this application."""
    newsroom: Newsroom = request.app.state.newsroom
    return newsroom


NewsHere = Annotated[Newsroom, Depends(newsroom_of)]


def own(thread_id: str, doors: DoorsHere, who: CustomerHere) -> None:
    """The conversation is this customer's; NotFound otherwise."""
    with doors.desk.store.read() as uow:
        own_thread(uow, thread_id, who)


Words = Annotated[str, Form(max_length=LONGEST_MESSAGE)]
Once = Annotated[str, Form(max_length=80)]
LineHint = Annotated[int | None, Form(ge=1, le=99)]


@router.get("")
def conversations(request: Request, doors: DoorsHere, who: CustomerHere, story: str = "") -> Response:
    """The customer's conversations, and an empty page for a new one."""
    with doors.desk.store.read() as uow:
        listed = own_threads(uow, who)
    draft = next((item.first_message for item in doors.stories if item.key == story), "")
    context = {
        **_frame(doors, who),
        "threads": listed,
        "page": None,
        "draft": draft if doors.settings.demo else "",
    }
    return render(request, "chat.html", context)


def _frame(doors: Doors, who: Customer) -> dict[str, Any]:
    return {
        "who": who,
        "token": who.token,
        "once": doors.desk.ids.new("ON", 16),
        "delayed": is_delayed(doors),
        "current": "",
    }


@router.post("", dependencies=[Depends(customer_form)])
def begin(
    doors: DoorsHere,
    who: CustomerHere,
    news: NewsHere,
    throttle: ThrottleHere,
    text: Words = "",
    photos_sent: Annotated[list[UploadFile] | None, File(alias="photos")] = None,
    once: Once = "",
) -> Response:
    """Start a conversation with its first message; the page that follows fills itself in."""
    throttle.check(CHAT, "chat", who.subject)
    if not _says_something(text, photos_sent):
        return RedirectResponse("/chat", status_code=303)
    with doors.desk.store.begin() as uow:
        thread_id = talk.open_thread(
            uow, doors.desk.ids, who.speaker, channel=who.channel, once=once or None
        ).id
    post_message(doors, who, thread_id, text, photos_sent, once, None)
    news.answer_later(thread_id)
    return RedirectResponse(f"/chat/{thread_id}", status_code=303)


def _says_something(text: str, sent: list[UploadFile] | None) -> bool:
    return bool(text.strip()) or any(upload.filename for upload in sent or ())


def post_message(
    doors: Doors,
    who: Customer,
    thread_id: str,
    text: str,
    sent: Sequence[PlainUpload] | None,
    once: str,
    line: int | None,
    *,
    picked: Mapping[str, Any] | None = None,
) -> int:
    """Keep what a customer said, with photos and what was picked; its number in the conversation."""
    kept = photos.accept(doors.desk, thread_id, sent or (), line_hint=line)
    text = text if picked else with_what_photos_name(doors, who, text, kept)
    # A page taken from the browser's history has the key of before: other words on it are another message.
    said = digest([text.strip(), [one.blob for one in kept]])[:16]
    return doors.conversation.post(
        thread_id,
        text.strip(),
        photos=kept,
        dedupe_key=f"web-{once}-{said}" if once else None,
        actor=who.speaker.requested_by,
        picked=picked,
    )


def with_what_photos_name(doors: Doors, who: Customer, text: str, kept: Sequence[talk.Photo]) -> str:
    """The words, and what codes in the photos name of the customer's own orders unless the words say it."""
    if not kept:
        return text
    slips = [read_slip(doors.desk, who.speaker, doors.desk.blobs.get(one.blob)) for one in kept]
    read = [one.words for one in slips if one.words and not _says(text, one)]
    return "\n\n".join(part for part in (text.strip(), *dict.fromkeys(read)) if part)


def _says(text: str, slip: Slip) -> bool:
    told = text.upper()
    return all(one.upper() in told for one in (*slip.orders, *slip.skus, *slip.serials))


def answered_on_its_page(news: Newsroom, thread_id: str) -> Response:
    """Have what was said answered, and show it: a form without scripts waits for some seconds."""
    under_way = news.answer_later(thread_id)
    if under_way is not None:
        wait([under_way], timeout=_PLAIN_WAIT_SECONDS)
    return RedirectResponse(f"/chat/{thread_id}#latest", status_code=303)


@router.get("/{thread_id}")
def conversation(request: Request, thread_id: str, doors: DoorsHere, who: CustomerHere) -> Response:
    """One conversation."""
    with doors.desk.store.read() as uow:
        page = thread_page(uow, own_thread(uow, thread_id, who))
        listed = own_threads(uow, who)
    context = {**_frame(doors, who), "threads": listed, "page": page, "current": thread_id, "draft": ""}
    return render(request, "chat.html", context)


@router.post("/{thread_id}/messages", dependencies=[Depends(customer_form), Depends(own)])
def say(
    request: Request,
    thread_id: str,
    doors: DoorsHere,
    who: CustomerHere,
    news: NewsHere,
    throttle: ThrottleHere,
    text: Words = "",
    photos_sent: Annotated[list[UploadFile] | None, File(alias="photos")] = None,
    line: LineHint = None,
    once: Once = "",
) -> Response:
    """Keep a message and have it answered. A script gets 202 and hears the rest as news; a form waits."""
    throttle.check(CHAT, "chat", who.subject)
    if not _says_something(text, photos_sent):
        raise BadInput("Write a few words, or add a photo.", field="text")
    seq = post_message(doors, who, thread_id, text, photos_sent, once, line)
    if wants_json(request):
        news.answer_later(thread_id)
        return JSONResponse({"seq": seq}, status_code=202)
    return answered_on_its_page(news, thread_id)


@router.post("/{thread_id}/person", dependencies=[Depends(customer_form), Depends(own)])
def ask_for_person(
    thread_id: str, doors: DoorsHere, who: CustomerHere, news: NewsHere, throttle: ThrottleHere
) -> Response:
    """The button that brings a person in."""
    throttle.check(CHAT, "chat", who.subject)
    post_message(doors, who, thread_id, _PERSON, None, "", None)
    return answered_on_its_page(news, thread_id)


@router.get("/{thread_id}/live")
def live(thread_id: str, doors: DoorsHere, who: CustomerHere, after: int = 0) -> Response:
    """What is new since a message, as parts of the page."""
    with doors.desk.store.read() as uow:
        page = thread_page(uow, own_thread(uow, thread_id, who), after_seq=max(0, after))
    context = {**_frame(doors, who), "page": page, "current": thread_id}
    return JSONResponse(
        {
            "messages": fragment("chat_messages.html", context),
            "status": fragment("chat_status.html", context),
            "working": page.working or page.pending,
            "pending": page.pending,
            "delayed": context["delayed"],
            "last_seq": page.last_seq,
            "once": context["once"],
        }
    )


@router.get("/{thread_id}/events", response_class=EventSourceResponse, dependencies=[Depends(own)])
async def events(
    thread_id: str,
    doors: DoorsHere,
    news: NewsHere,
    last_event_id: Annotated[int, Header()] = 0,
    after: int = 0,
) -> AsyncIterable[ServerSentEvent]:
    """News of one conversation; `Last-Event-ID` is the id of the last thread event seen."""
    seen = max(last_event_id, after, 0)

    def unseen() -> tuple[ThreadEventRow, ...]:
        with doors.desk.store.read() as uow:
            return tuple(talk.events_after(uow, thread_id, seen))

    async with news.page(thread_id) as bell:
        yield ServerSentEvent(comment="listening", retry=1_500)
        while not news.stopping:
            bell.clear()
            for row in await run_in_threadpool(unseen):
                seen = row.id
                yield ServerSentEvent(data={"kind": row.kind}, event="news", id=str(row.id))
            with suppress(TimeoutError):
                with anyio.fail_after(_LOOK_AGAIN_SECONDS):
                    await bell.wait()


@router.get("/{thread_id}/photos/{attachment_id}")
def photo(thread_id: str, attachment_id: str, doors: DoorsHere, who: CustomerHere) -> Response:
    """A photo the customer sent."""
    with doors.desk.store.read() as uow:
        own_thread(uow, thread_id, who)
        row = own_photo(uow, thread_id, attachment_id)
    return Response(doors.desk.blobs.get(row.blob), media_type=row.media_type)


@router.get("/{thread_id}/labels/{label_id}/{kind}")
def label_print(thread_id: str, label_id: str, kind: str, doors: DoorsHere, who: CustomerHere) -> Response:
    """A return label in one of its prints."""
    known_print(kind)
    with doors.desk.store.read() as uow:
        own_thread(uow, thread_id, who)
        row = own_label(uow, label_id, who)
    return label_file(doors, row, kind)
