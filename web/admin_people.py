"""People and their rights: who works here, what they may do, where they are signed in. For administrators."""

import secrets
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from backhaul.domain.codes import Role
from backhaul.domain.errors import BadInput, NotFound
from backhaul.store import staff, staff_changes
from backhaul.store.house_tables import StaffRow
from backhaul.store.unit_of_work import UnitOfWork
from web.pages import render
from web.sign_in import hash_password
from web.who import AdminMember, DoorsHere, Member, machine_now, session_here, staff_form
from web.world import Doors

router = APIRouter(prefix="/admin")
_PASSWORD_BYTES = 12
_LONGEST = 200
DONE = {
    "added": "Added.",
    "roles": "The roles are changed. Whoever was signed in has to sign in again.",
    "deactivated": "Their access has ended, and so has every session.",
    "reactivated": "They can sign in again.",
    "ended": "Signed out.",
}
MAY = {
    Role.REVIEWER: "decides cases on the desk",
    Role.APPROVER: "decides, and gives the second yes",
    Role.INSPECTOR: "receives and inspects at the dock",
    Role.FINANCE: "sees the money, works on claims",
    Role.POLICY_OWNER: "changes the rules",
    Role.AUDITOR: "reads, changes nothing",
    Role.ADMIN: "looks after people and rights",
}
"""What each role is for, in a few words"""

Short = Annotated[str, Form(max_length=_LONGEST)]
Roles = Annotated[list[Role] | None, Form()]


def _frame(who: Member, done: str = "") -> dict[str, Any]:
    return {"who": who, "token": who.token, "may": MAY, "done": DONE.get(done, ""), "password": ""}


@router.get("/people")
def people(request: Request, doors: DoorsHere, who: AdminMember) -> Response:
    """Everybody who works here or did, and the form to add somebody."""
    return _list(request, doors, who)


def _list(request: Request, doors: Doors, who: Member, *, status: int = 200, **typed: Any) -> Response:
    with doors.desk.store.read() as uow:
        rows = sorted(staff.all_staff(uow), key=lambda row: not row.active)
        signed_in = {row.subject for row in staff_changes.sessions(uow, now=machine_now(), kind="staff")}
    context = {
        **_frame(who),
        "people": rows,
        "signed_in": signed_in,
        "email": "",
        "name": "",
        "roles": (),
        "problem": "",
        **typed,
    }
    return render(request, "admin_people.html", context, status=status)


@router.post("/people", dependencies=[Depends(staff_form)])
def add(
    request: Request,
    doors: DoorsHere,
    who: AdminMember,
    email: Short,
    name: Short,
    roles: Roles = None,
) -> Response:
    """Add somebody, with a password that is shown this once."""
    password = secrets.token_urlsafe(_PASSWORD_BYTES)
    try:
        _check(name, email)
        hashed = hash_password(password)
        with doors.desk.store.begin() as uow:
            row = staff.add_staff(
                uow,
                doors.desk.ids,
                email=email,
                name=" ".join(name.split()),
                roles=roles or (),
                password_hash=hashed,
                actor=f"staff:{who.user_id}",
            )
    except BadInput as wrong:
        typed = {"email": email, "name": name, "roles": tuple(roles or ()), "problem": str(wrong)}
        return _list(request, doors, who, status=422, **typed)
    return _person(request, doors, who, row.id, done="added", password=password)


def _check(name: str, email: str) -> None:
    if "@" not in email or any(letter.isspace() for letter in email.strip()) or not name.strip():
        raise BadInput("Give a name and an e-mail address.", field="email")


@router.get("/people/{staff_id}")
def person(request: Request, staff_id: str, doors: DoorsHere, who: AdminMember, done: str = "") -> Response:
    """One person: roles, access, password, and where they are signed in."""
    return _person(request, doors, who, staff_id, done=done)


def _person(
    request: Request, doors: Doors, who: Member, staff_id: str, *, done: str = "", password: str = ""
) -> Response:
    with doors.desk.store.read() as uow:
        row = _known(uow, staff_id)
        live = staff_changes.sessions(uow, now=machine_now(), kind="staff", subject=staff_id)
    context = {
        **_frame(who, done),
        "person": row,
        "sessions": live,
        "here": session_here(request, "staff"),
        "password": password,
    }
    return render(request, "admin_person.html", context)


def _known(uow: UnitOfWork, staff_id: str) -> StaffRow:
    row = staff.staff_by_id(uow, staff_id)
    if row is None:
        raise NotFound("member of staff", staff_id)
    return row


@router.post("/people/{staff_id}/roles", dependencies=[Depends(staff_form)])
def change_roles(staff_id: str, doors: DoorsHere, who: AdminMember, roles: Roles = None) -> Response:
    """Give exactly these roles."""
    with doors.desk.store.begin() as uow:
        staff_changes.change_roles(uow, staff_id, roles or (), actor=f"staff:{who.user_id}")
    return RedirectResponse(f"/admin/people/{staff_id}?done=roles", status_code=303)


@router.post("/people/{staff_id}/deactivate", dependencies=[Depends(staff_form)])
def deactivate(staff_id: str, doors: DoorsHere, who: AdminMember) -> Response:
    """End somebody's access."""
    with doors.desk.store.begin() as uow:
        staff_changes.deactivate(uow, staff_id, actor=f"staff:{who.user_id}")
    return RedirectResponse(f"/admin/people/{staff_id}?done=deactivated", status_code=303)


@router.post("/people/{staff_id}/reactivate", dependencies=[Depends(staff_form)])
def reactivate(staff_id: str, doors: DoorsHere, who: AdminMember) -> Response:
    """Let somebody in again."""
    with doors.desk.store.begin() as uow:
        staff_changes.reactivate(uow, staff_id, actor=f"staff:{who.user_id}")
    return RedirectResponse(f"/admin/people/{staff_id}?done=reactivated", status_code=303)


@router.post("/people/{staff_id}/password", dependencies=[Depends(staff_form)])
def new_password(request: Request, staff_id: str, doors: DoorsHere, who: AdminMember) -> Response:
    """Make a new password, which is shown this once."""
    with doors.desk.store.read() as uow:
        _known(uow, staff_id)
    password = secrets.token_urlsafe(_PASSWORD_BYTES)
    hashed = hash_password(password)
    with doors.desk.store.begin() as uow:
        staff_changes.set_password(uow, staff_id, hashed, actor=f"staff:{who.user_id}")
    return _person(request, doors, who, staff_id, password=password)


@router.get("/sessions")
def sessions(request: Request, doors: DoorsHere, who: AdminMember, done: str = "") -> Response:
    """Everybody who is signed in, customers too."""
    with doors.desk.store.read() as uow:
        live = staff_changes.sessions(uow, now=machine_now())
    context = {**_frame(who, done), "sessions": live, "here": session_here(request, "staff")}
    return render(request, "admin_sessions.html", context)


@router.post("/sessions/end", dependencies=[Depends(staff_form)])
def end_session(doors: DoorsHere, who: AdminMember, session: Short) -> Response:
    """Sign one browser out."""
    with doors.desk.store.begin() as uow:
        staff_changes.end_session(uow, session, actor=f"staff:{who.user_id}")
    return RedirectResponse("/admin/sessions?done=ended", status_code=303)
