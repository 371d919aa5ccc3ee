"""Where one is signed in oneself, and for staff the own password. Customers and staff have a page each."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from backhaul.domain.errors import BadInput
from backhaul.store import staff, staff_changes
from backhaul.store.staff_changes import SHORTEST_PASSWORD
from web.pages import render
from web.sign_in import ThrottleHere, fits, hash_password
from web.throttle import SIGN_IN_BY_NAME
from web.who import (
    AnyMember,
    Customer,
    CustomerHere,
    DoorsHere,
    Member,
    Side,
    customer_form,
    machine_now,
    session_here,
    staff_form,
)
from web.world import Doors

router = APIRouter()
DONE = {
    "ended": "Signed out there.",
    "password": "The new password holds. Your other browsers have to sign in again.",
}

SessionId = Annotated[str, Form(max_length=64)]
Password = Annotated[str, Form(max_length=1_000)]


def _page(
    request: Request,
    doors: Doors,
    side: Side,
    who: Customer | Member,
    *,
    done: str = "",
    problem: str = "",
    status: int = 200,
) -> Response:
    subject, here = _subject(who), session_here(request, side)
    with doors.desk.store.read() as uow:
        live = staff_changes.sessions(uow, now=machine_now(), kind=side, subject=subject)
    context: dict[str, Any] = {
        "who": who,
        "token": who.token,
        "side": side,
        # A guest of one order shares its number with others, and sees only the own browser.
        "sessions": [row for row in live if row.order_scope is None or row.id == here],
        "here": here,
        "done": DONE.get(done, ""),
        "problem": problem,
        "shortest": SHORTEST_PASSWORD,
    }
    return render(request, f"account_{side}.html", context, status=status)


def _subject(who: Customer | Member) -> str:
    return who.subject if isinstance(who, Customer) else who.user_id


def _end(request: Request, doors: Doors, side: Side, who: Customer | Member, session: str) -> None:
    """End one session, or without a name all but this one; a guest of one order only the own one."""
    subject, here = _subject(who), session_here(request, side)
    actor = f"contact:{subject}" if side == "customer" else f"staff:{subject}"
    guest = isinstance(who, Customer) and who.order_scope is not None
    with doors.desk.store.begin() as uow:
        if session or guest:
            staff_changes.end_session(
                uow, here if guest else session, actor=actor, kind=side, subject=subject
            )
        else:
            staff_changes.end_others(uow, subject, but_for=here, actor=actor)


@router.get("/account")
def own_customer(request: Request, doors: DoorsHere, who: CustomerHere, done: str = "") -> Response:
    """Where this customer is signed in."""
    return _page(request, doors, "customer", who, done=done)


@router.post("/account/sessions/end", dependencies=[Depends(customer_form)])
def end_customer(request: Request, doors: DoorsHere, who: CustomerHere, session: SessionId = "") -> Response:
    """Sign out elsewhere."""
    _end(request, doors, "customer", who, session)
    return RedirectResponse("/account?done=ended", status_code=303)


@router.get("/staff/account")
def own_staff(request: Request, doors: DoorsHere, who: AnyMember, done: str = "") -> Response:
    """Where this member of staff is signed in, what they may do, and their password."""
    return _page(request, doors, "staff", who, done=done)


@router.post("/staff/account/sessions/end", dependencies=[Depends(staff_form)])
def end_staff(request: Request, doors: DoorsHere, who: AnyMember, session: SessionId = "") -> Response:
    """Sign out elsewhere."""
    _end(request, doors, "staff", who, session)
    return RedirectResponse("/staff/account?done=ended", status_code=303)


@router.post("/staff/account/password", dependencies=[Depends(staff_form)])
def change_password(
    request: Request,
    doors: DoorsHere,
    who: AnyMember,
    throttle: ThrottleHere,
    old: Password = "",
    new: Password = "",
) -> Response:
    """Take a new password, for whoever knows the old one; the other browsers are signed out."""
    throttle.check(SIGN_IN_BY_NAME, "password", who.user_id)
    try:
        _changed(request, doors, who, old, new)
    except BadInput as wrong:
        return _page(request, doors, "staff", who, problem=str(wrong), status=422)
    return RedirectResponse("/staff/account?done=password", status_code=303)


def _changed(request: Request, doors: Doors, who: Member, old: str, new: str) -> None:
    with doors.desk.store.read() as uow:
        row = staff.staff_by_id(uow, who.user_id)
    if row is None or not fits(old, row.password_hash):
        raise BadInput("That is not your password of now.", field="old")
    if len(new) < SHORTEST_PASSWORD:
        raise BadInput(f"A password needs at least {SHORTEST_PASSWORD} characters.", field="new")
    hashed, here = hash_password(new), session_here(request, "staff")
    with doors.desk.store.begin() as uow:
        staff_changes.set_password(uow, row.id, hashed, actor=f"staff:{row.id}", but_for=here)
