"""Picking from one's own orders instead of typing: cards with their lines, and what was picked, said."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import UploadFile

from backhaul.domain.errors import BadInput
from backhaul.store import conversation as talk
from web import photos
from web.chat import LONGEST_MESSAGE, NewsHere, answered_on_its_page, post_message
from web.chat_view import own_thread
from web.dock_form import Posted, text
from web.news import Newsroom
from web.order_cards import Picked, in_words, order_cards, picks_of, record_of
from web.pages import render
from web.sign_in import ThrottleHere
from web.slips import read_slip
from web.throttle import CHAT
from web.who import Customer, CustomerHere, DoorsHere, customer_form
from web.world import Doors

router = APIRouter(prefix="/orders")
_LONGEST = 80

Named = Annotated[str, Query(max_length=_LONGEST)]


@router.get("")
def own_orders_page(
    request: Request,
    doors: DoorsHere,
    who: CustomerHere,
    q: Named = "",
    page: Annotated[int, Query(ge=1, le=1_000)] = 1,
    thread: Named = "",
    slip: Named = "",
) -> Response:
    """The customer's orders as cards, to pick lines from; for a conversation when one is named."""
    if thread:
        with doors.desk.store.read() as uow:
            own_thread(uow, thread, who)
    context = {
        "who": who,
        "token": who.token,
        "once": doors.desk.ids.new("ON", 16),
        "cards": order_cards(doors, who, named=q, page=page),
        "ticked": request.query_params.getlist("pick"),
        "serials": request.query_params.getlist("serial"),
        "q": q.strip(),
        "page": page,
        "thread": thread,
        "told": _TOLD.get(slip),
    }
    return render(request, "orders.html", context)


@dataclass(frozen=True, slots=True)
class Told:
    """What came of a photo."""

    found: bool
    words: str


_TOLD = {
    "found": Told(found=True, words="This is what the photo names. Check it, and say how many go back."),
    "order": Told(found=True, words="The photo names this order. Tick what goes back."),
    "none": Told(
        found=False,
        words="No code in the photo is in your papers. Find the order by its number, or try a closer photo.",
    ),
    "unread": Told(
        found=False,
        words="There is no code in the photo that could be read. Hold the camera closer and straight, in "
        "good light, or type the number.",
    ),
}


@router.post("/slip", dependencies=[Depends(customer_form)])
def slip(doors: DoorsHere, who: CustomerHere, throttle: ThrottleHere, form: Posted) -> Response:
    """Read the codes in a photo of a packing slip, carton label or type plate, and show what they name."""
    throttle.check(CHAT, "chat", who.subject)
    photo = form.get("photo")
    if not isinstance(photo, UploadFile) or not photo.filename:
        raise BadInput("Add a photo of the packing slip, the carton label or the type plate.", field="photo")
    found = read_slip(doors.desk, who.speaker, photos.clean(photo))
    state = "none" if found.codes else "unread"
    if found.orders:
        state = "found" if found.lines else "order"
    asked = [
        ("slip", state),
        *([("thread", text(form, "thread"))] if text(form, "thread") else ()),
        *([("q", found.orders[0])] if found.orders else ()),
        *(("pick", one) for one in found.lines),
        *(("serial", one) for one in found.serials),
    ]
    return RedirectResponse(f"/orders?{urlencode(asked)}", status_code=303)


@router.post("/pick", dependencies=[Depends(customer_form)])
def pick(
    doors: DoorsHere, who: CustomerHere, news: NewsHere, throttle: ThrottleHere, form: Posted
) -> Response:
    """Say in the conversation what was picked. The agent reads it back and waits for a yes."""
    throttle.check(CHAT, "chat", who.subject)
    return said_in_chat(doors, who, news, form, picks_of(doors, who, form))


def said_in_chat(doors: Doors, who: Customer, news: Newsroom, form: Posted, picks: list[Picked]) -> Response:
    """Post picked lines with what else is on the form, in its conversation or a new one; then show that."""
    own_words, once = text(form, "text")[: LONGEST_MESSAGE // 2], text(form, "once")[:_LONGEST]
    sent = [one for one in form.getlist("photos") if isinstance(one, UploadFile)]
    thread_id = _thread(doors, who, text(form, "thread"), once)
    said, picked = in_words(picks, own_words), record_of(picks, own_words)
    post_message(doors, who, thread_id, said, sent, once, None, picked=picked)
    return answered_on_its_page(news, thread_id)


def _thread(doors: Doors, who: Customer, thread_id: str, once: str) -> str:
    if thread_id:
        with doors.desk.store.read() as uow:
            return own_thread(uow, thread_id, who).id
    with doors.desk.store.begin() as uow:
        return talk.open_thread(uow, doors.desk.ids, who.speaker, channel=who.channel, once=once or None).id
