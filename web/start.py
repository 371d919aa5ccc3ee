"""The first page: in demo the stories to play and the people to be, otherwise the way in. And the mailbox."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from backhaul.domain.errors import NotFound
from backhaul.store import staff as people
from web.files import called
from web.pages import render
from web.who import (
    Customer,
    DoorsHere,
    Member,
    VisitorHere,
    customer_or_none,
    member_of,
    member_or_none,
    remember,
    sign_in,
    visitor_form,
)
from web.world import Doors, Persona, Story

router = APIRouter()


def demo_only(doors: DoorsHere) -> Doors:
    """Pages that exist only in demo; elsewhere there is nothing at their address."""
    if not doors.settings.demo:
        raise NotFound("page", "demo")
    return doors


DemoDoors = Annotated[Doors, Depends(demo_only)]


@router.head("/")
@router.get("/")
def start(
    request: Request,
    doors: DoorsHere,
    known: VisitorHere,
    as_customer: Annotated[Customer | None, Depends(customer_or_none)],
    as_staff: Annotated[Member | None, Depends(member_or_none)],
) -> Response:
    """The start page of demo or production."""
    context = {
        "token": known.token,
        "as_customer": as_customer,
        "as_staff": as_staff,
        "stories": [(story, _persona(doors, story.persona)) for story in doors.stories],
        "customers": [persona for persona in doors.personas if persona.role == "customer"],
        "staff": [persona for persona in doors.personas if persona.role != "customer"],
        "can_advance": doors.next_day is not None,
        "today": doors.desk.clock.now(),
    }
    page = render(request, "start.html" if doors.settings.demo else "front.html", context)
    return remember(doors, page, known)


@router.post("/demo/stories/{key}", dependencies=[Depends(visitor_form)])
def play(request: Request, key: str, doors: DemoDoors) -> Response:
    """Become the story's customer, with the first message typed in and not yet sent."""
    story = _story(doors, key)
    page = RedirectResponse(f"/chat?story={story.key}", status_code=303)
    _become(request, doors, page, _persona(doors, story.persona))
    return page


@router.post("/demo/personas/{key}", dependencies=[Depends(visitor_form)])
def become(request: Request, key: str, doors: DemoDoors) -> Response:
    """Sign in as somebody of the demo, without a password."""
    persona = _persona(doors, key)
    page = RedirectResponse(_home_of(doors, persona), status_code=303)
    _become(request, doors, page, persona)
    return page


def _home_of(doors: Doors, persona: Persona) -> str:
    if persona.role == "customer":
        return "/chat"
    with doors.desk.store.read() as uow:
        row = people.staff_by_email(uow, persona.email)
    return member_of(row, "").home if row else "/"


@router.post("/demo/advance", dependencies=[Depends(visitor_form)])
def advance(doors: DemoDoors, since: Annotated[date, Form()]) -> Response:
    """One day passes since the one on the page: deadlines come, parcels move. A double click is one day."""
    if doors.next_day is None:
        raise NotFound("page", "advance")
    doors.next_day(since)
    return RedirectResponse("/", status_code=303)


@router.get("/mailbox")
def mailbox(request: Request, doors: DemoDoors) -> Response:
    """Letters that would have gone out by e-mail."""
    with doors.desk.store.read() as uow:
        found = people.letters(uow)
    return render(request, "mailbox.html", {"letters": found})


@router.get("/mailbox/{key}/{position}")
def enclosed(key: str, position: int, doors: DemoDoors) -> Response:
    """A file that came with a letter."""
    with doors.desk.store.read() as uow:
        letter = people.letter(uow, key)
    if letter is None or not 0 <= position < len(letter.attachments):
        raise NotFound("letter", key)
    file = letter.attachments[position]
    return Response(
        doors.desk.blobs.get(file["blob"]),
        media_type=file["media_type"],
        headers=called(str(file["file_name"]), placed="inline"),
    )


def _story(doors: Doors, key: str) -> Story:
    found = next((story for story in doors.stories if story.key == key), None)
    if found is None:
        raise NotFound("story", key)
    return found


def _persona(doors: Doors, key: str) -> Persona:
    found = next((persona for persona in doors.personas if persona.key == key), None)
    if found is None:
        raise NotFound("persona", key)
    return found


def _become(request: Request, doors: Doors, page: Response, persona: Persona) -> None:
    if persona.role == "customer":
        contact = doors.desk.erp.contact_by_email(persona.email)
        if contact is None:
            raise NotFound("contact", persona.email)
        claimant = people.Claimant("customer", contact.contact_id, contact.name, contact.account_id)
    else:
        with doors.desk.store.read() as uow:
            row = people.staff_by_email(uow, persona.email)
        if row is None or not row.active:
            raise NotFound("member of staff", persona.email)
        claimant = people.Claimant("staff", row.id, row.name)
    sign_in(doors, page, claimant, request)
