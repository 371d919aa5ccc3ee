"""The customer's own returns: a list, a page for each request with its labels, and calling one off."""

import time
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from backhaul.domain.codes import Action
from backhaul.store import reviews, rmas
from backhaul.store.unit_of_work import UnitOfWork
from tools.writes import cancel_rma, create_label
from web.chat_view import own_label
from web.label_prints import known_print, label_file
from web.pages import render
from web.pulse import is_delayed
from web.returns_view import own_case, own_requests, own_rma, request_page
from web.sign_in import ThrottleHere
from web.throttle import CHAT
from web.who import Customer, CustomerHere, DoorsHere, customer_form
from web.world import Doors

router = APIRouter(prefix="/returns")
_LONGEST_NUMBER = 60
_WAIT_SECONDS = 4.0
"""How long a form waits for the worker before the page says that it is being done"""
_LOOK_SECONDS = 0.1

Named = Annotated[str, Query(max_length=_LONGEST_NUMBER)]
RmaId = Annotated[str, Form(max_length=_LONGEST_NUMBER)]


def _frame(doors: Doors, who: Customer) -> dict[str, Any]:
    return {"who": who, "token": who.token, "delayed": is_delayed(doors)}


@router.get("")
def own_returns(
    request: Request,
    doors: DoorsHere,
    who: CustomerHere,
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    q: Named = "",
) -> Response:
    """The customer's requests, newest first."""
    with doors.desk.store.read() as uow:
        found, more = own_requests(uow, who, page=page, named=q)
    context = {**_frame(doors, who), "requests": found, "page": page, "more": more, "q": q.strip()}
    return render(request, "returns.html", context)


@router.get("/{case_id}")
def one_return(
    request: Request, case_id: str, doors: DoorsHere, who: CustomerHere, asked: str = ""
) -> Response:
    """One request: where each line stands, what comes next and by when, labels, and what happened so far."""
    with doors.desk.store.read() as uow:
        shown = request_page(uow, own_case(uow, case_id, who), who)
    told = {"cancel": _CANCELLING, "label": _PRINTING}.get(asked, "")
    return render(request, "return.html", {**_frame(doors, who), "page": shown, "told": told})


_CANCELLING = (
    "Your cancellation is in. This page shows it once it is done, and until then please send nothing."
)
_PRINTING = "A new label is being made. It stands on this page in a moment; please do not use the old one."


@router.get("/{case_id}/labels/{label_id}/{kind}")
def label_print(case_id: str, label_id: str, kind: str, doors: DoorsHere, who: CustomerHere) -> Response:
    """A return label in one of its prints."""
    known_print(kind)
    with doors.desk.store.read() as uow:
        own_case(uow, case_id, who)
        row = own_label(uow, label_id, who)
    return label_file(doors, row, kind)


@router.post("/{case_id}/cancel", dependencies=[Depends(customer_form)])
def call_off(
    case_id: str, doors: DoorsHere, who: CustomerHere, throttle: ThrottleHere, rma: RmaId = ""
) -> Response:
    """Ask for an RMA to be cancelled; the guard is asked, as for one that is called off in the chat."""
    throttle.check(CHAT, "chat", who.subject)
    with doors.desk.store.read() as uow:
        row = own_rma(uow, case_id, rma, who)
    cancel_rma(doors.desk, who.speaker, row.id)
    done = _wait_for(doors, lambda uow: _is_answered(uow, case_id, row.id))
    return RedirectResponse(f"/returns/{case_id}{'' if done else '?asked=cancel'}", status_code=303)


def _is_answered(uow: UnitOfWork, case_id: str, rma_id: str) -> bool:
    waits = any(one.action == Action.CANCEL_RMA.value for one in reviews.reviews_of_case(uow, case_id))
    return waits or rmas.has_ended(rmas.rma(uow, rma_id))


@router.post("/{case_id}/label", dependencies=[Depends(customer_form)])
def print_anew(
    case_id: str, doors: DoorsHere, who: CustomerHere, throttle: ThrottleHere, rma: RmaId = ""
) -> Response:
    """Ask for a fresh label; the one before it is voided."""
    throttle.check(CHAT, "chat", who.subject)
    with doors.desk.store.read() as uow:
        row = own_rma(uow, case_id, rma, who)
        before = len(rmas.labels(uow, row.id))
    create_label(doors.desk, who.speaker, row.id)
    done = _wait_for(doors, lambda uow: len(rmas.labels(uow, row.id)) > before)
    return RedirectResponse(f"/returns/{case_id}{'' if done else '?asked=label'}", status_code=303)


def _wait_for(doors: Doors, happened: Callable[[UnitOfWork], bool]) -> bool:
    """Whether it happens within some seconds: a page without scripts then shows it at once."""
    until = time.monotonic() + _WAIT_SECONDS
    while True:
        with doors.desk.store.read() as uow:
            if happened(uow):
                return True
        if time.monotonic() > until:
            return False
        time.sleep(_LOOK_SECONDS)
