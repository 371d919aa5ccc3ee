"""The guided form: order, then lines, then why. It ends where the chat does, at the read-back and its yes."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from agent.wording import COMMON_REASONS, REASON_WORDS, RESOLUTION_WORDS
from backhaul.domain.codes import Reason, Resolution
from backhaul.domain.errors import BadInput
from web.chat import NewsHere
from web.dock_form import Posted
from web.order_cards import Picked, card_of, order_cards, picks_of
from web.orders import said_in_chat
from web.pages import render
from web.sign_in import ThrottleHere
from web.throttle import CHAT
from web.who import CustomerHere, DoorsHere, customer_form

router = APIRouter(prefix="/guided")
_LONGEST = 80
REASONS: Sequence[tuple[str, str]] = tuple(
    (one.value, REASON_WORDS[one].capitalize()) for one in dict.fromkeys((*COMMON_REASONS, *Reason))
)
WISHES: Sequence[tuple[str, str]] = tuple(
    (one.value, RESOLUTION_WORDS[one].capitalize())
    for one in (Resolution.CREDIT, Resolution.REPLACEMENT, Resolution.REPAIR, Resolution.KEEP_WITH_ALLOWANCE)
)


@router.get("")
def form(
    request: Request,
    doors: DoorsHere,
    who: CustomerHere,
    order: Annotated[str, Query(max_length=_LONGEST)] = "",
    q: Annotated[str, Query(max_length=_LONGEST)] = "",
    page: Annotated[int, Query(ge=1, le=1_000)] = 1,
) -> Response:
    """The step that comes next: which order, which of its lines, or why they go back."""
    order = order or who.order_scope or ""
    context = {
        "who": who,
        "token": who.token,
        "once": doors.desk.ids.new("ON", 16),
        "order": order,
        "q": q.strip(),
        "page": page,
        "problem": "",
        "cards": None,
        "card": None,
        "picks": (),
        "reasons": REASONS,
        "wishes": WISHES,
    }
    if not order:
        context["cards"] = order_cards(doors, who, named=q, page=page)
    else:
        context["card"] = card_of(doors, who, order.upper())
        try:
            context["picks"] = picks_of(doors, who, request.query_params) if _chose(request) else ()
        except BadInput as wrong:
            context["problem"] = str(wrong)
    status = 422 if context["problem"] else 200
    return render(request, "guided.html", context, status=status)


def _chose(request: Request) -> bool:
    return "chosen" in request.query_params


@router.post("", dependencies=[Depends(customer_form)])
def hand_in(
    doors: DoorsHere, who: CustomerHere, news: NewsHere, throttle: ThrottleHere, form: Posted
) -> Response:
    """Say in a conversation what the form says; the agent reads it back there and waits for a yes."""
    throttle.check(CHAT, "chat", who.subject)
    picks = picks_of(doors, who, form)
    if lacking := [one for one in picks if one.reason is None]:
        raise BadInput(f"Say why it goes back: {_named(lacking)}.", field=f"reason-{lacking[0].line.key}")
    return said_in_chat(doors, who, news, form, picks)


def _named(picks: Sequence[Picked]) -> str:
    return ", ".join(one.line.found.description for one in picks)
