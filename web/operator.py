"""The command line's door: an operator speaks for a customer, under a key, and it is recorded as such."""

import base64
import binascii
import hmac
from time import monotonic, sleep
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from backhaul.bootstrap.operator import speak_for, speaks_as
from backhaul.domain.errors import BadInput, NotAllowed, NotFound
from backhaul.store import conversation as talk
from backhaul.store.conversation import Photo
from web import photos
from web.chat import LONGEST_MESSAGE, NewsHere
from web.news import Newsroom
from web.sign_in import ThrottleHere
from web.throttle import OPERATOR, place_of
from web.who import DoorsHere
from web.world import Doors

router = APIRouter(prefix="/cli")
BODY_BYTES = 90_000_000
"""Six photos of 10 MB in base64."""
_MOST_MESSAGES = 50
_SOMEBODY_ELSE_SECONDS = 30
_LOOK_SECONDS = 0.1


class SentPhoto(BaseModel):
    """A file for one of the messages. `line` is the n-th line of the request that it shows."""

    model_config = ConfigDict(extra="forbid")
    file_name: str = Field(max_length=200)
    content_base64: str
    line: int | None = Field(default=None, ge=1, le=99)
    message: int = Field(default=0, ge=0)
    """Position of the message it comes with, counting from 0"""


class Spoken(BaseModel):
    """What an operator says for an account."""

    model_config = ConfigDict(extra="forbid")
    account: str = Field(max_length=60)
    user: str = Field(max_length=60, pattern=r"^[\w.@-]+$")
    thread: str | None = Field(default=None, max_length=60)
    messages: list[Annotated[str, Field(max_length=LONGEST_MESSAGE)]] = Field(
        min_length=1, max_length=_MOST_MESSAGES
    )
    photos: list[SentPhoto] = Field(default_factory=list, max_length=photos.MOST_PHOTOS)


def operator(
    request: Request, doors: DoorsHere, throttle: ThrottleHere, authorization: Annotated[str, Header()] = ""
) -> None:
    """Only with the operator's key; without one configured the door is closed."""
    throttle.check(OPERATOR, "operator", place_of(request))
    key = doors.operator_key.get_secret_value()
    given = authorization.removeprefix("Bearer ").strip()
    if not key or not hmac.compare_digest(key.encode(), given.encode()):
        raise NotAllowed("This door needs the operator key: Authorization: Bearer <key>.")


@router.get("/home")
def home(
    request: Request, doors: DoorsHere, throttle: ThrottleHere, nonce: Annotated[str, Query(max_length=100)]
) -> Response:
    """Shows the command line that this server serves its home, before it sends its key anywhere."""
    throttle.check(OPERATOR, "home", place_of(request))
    if doors.prove_home is None:
        raise NotFound("page", "home")
    return JSONResponse({"proof": doors.prove_home(nonce)})


@router.post("/chat", dependencies=[Depends(operator)])
def chat(spoken: Spoken, doors: DoorsHere, news: NewsHere) -> Response:
    """Say one message after the other and give back every turn of the agent."""
    requested_by = speaks_as(spoken.user, spoken.account)
    thread_id = speak_for(doors.desk, account_id=spoken.account, user=spoken.user, thread_id=spoken.thread)
    turns: list[object] = []
    for position, text in enumerate(spoken.messages):
        sent = [_photo(doors, thread_id, photo) for photo in spoken.photos if photo.message == position]
        seq = doors.conversation.post(thread_id, text, photos=sent, actor=requested_by)
        turns += _answered(doors, news, thread_id, seq)
    return JSONResponse({"thread": thread_id, "turns": jsonable_encoder(turns)})


@router.post("/threads/{thread_id}/turns", dependencies=[Depends(operator)])
def late_turns(thread_id: str, news: NewsHere) -> Response:
    """What has become of a thread since: turns on news of the worker, such as a label that came late."""
    return JSONResponse({"thread": thread_id, "turns": jsonable_encoder(news.answer(thread_id))})


def _photo(doors: Doors, thread_id: str, sent: SentPhoto) -> Photo:
    try:
        content = base64.b64decode(sent.content_base64, validate=True)
    except binascii.Error as error:
        raise BadInput(f"{sent.file_name} is not base64.", field="photos") from error
    return photos.keep(doors.desk, thread_id, sent.file_name, content, line_hint=sent.line)


def _answered(doors: Doors, news: Newsroom, thread_id: str, seq: int) -> list[object]:
    """Turns up to and with the answer to that message, also when another process holds the turn just now."""
    turns = news.answer(thread_id)
    until = monotonic() + _SOMEBODY_ELSE_SECONDS
    while monotonic() < until:
        with doors.desk.store.read() as uow:
            if talk.thread(uow, thread_id).handled_seq >= seq:
                return turns
        sleep(_LOOK_SECONDS)
        turns += news.answer(thread_id)
    return turns
