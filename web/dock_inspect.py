"""A receipt: where it stands, and its inspection against the checklist of its product class."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from backhaul.domain.codes import Reason
from backhaul.domain.errors import BadInput, InvalidTransition
from backhaul.domain.receiving import Finding, Grade
from backhaul.store import dock
from backhaul.store.dock import Inspected
from web import dock_photos
from web.dock_checklists import ANSWERS, against_as_new
from web.dock_form import DockHand, Posted, note_of, our_id, pieces, text
from web.dock_inspect_view import FINDINGS, GRADES, REASONS, ReceiptPage, receipt_page
from web.dock_match import awaits_a_match
from web.pages import render
from web.who import DockMember, DoorsHere, Member, staff_form
from web.world import Doors

router = APIRouter(prefix="/dock")
_SEALS: Mapping[str, bool | None] = {"yes": True, "no": False, "none": None}


@dataclass(frozen=True, slots=True)
class Typed:
    """An inspection as it stands in the form."""

    inspection_id: str
    quantity: str
    serials: tuple[str, ...]
    answers: Mapping[str, str]
    seal: str
    grade: str
    finding: str
    found_reason: str
    note: str


@router.get("/receipt/{receipt_id}")
def receipt(request: Request, receipt_id: str, doors: DoorsHere, who: DockMember, asked: int = 0) -> Response:
    """One receipt; what is in quarantine can be inspected here.

    `asked` is the version at which a match was asked for: the page waits until the worker has answered.
    """
    with doors.desk.store.read() as uow:
        page = receipt_page(uow, doors, receipt_id)
    fresh = Typed(doors.desk.ids.new("IN"), str(page.left), page.serials, {}, "", "", "", "", "")
    context = _context(who, page, fresh) | {
        "matching": asked == page.row.version and awaits_a_match(page.row)
    }
    return render(request, "dock_receipt.html", context)


@router.post("/receipt/{receipt_id}/inspect", dependencies=[Depends(staff_form)])
def inspect(request: Request, receipt_id: str, doors: DoorsHere, who: DockHand, form: Posted) -> Response:
    """Write an inspection down. A second click is the same inspection."""
    with doors.desk.store.read() as uow:
        page = receipt_page(uow, doors, receipt_id)
    typed = _typed(page, form)
    photos: tuple[str, ...] = ()
    try:
        photos = dock_photos.taken(doors.desk, form)
        inspection_id = _write(doors, page, typed, who, photos)
    except BadInput as wrong:
        context = _context(who, page, typed) | {"problem": str(wrong), "field": wrong.field, "kept": photos}
        return render(request, "dock_receipt.html", context, status=422)
    return RedirectResponse(f"/dock/inspection/{inspection_id}", status_code=303)


@router.get("/inspection/{inspection_id}/photos/{position}")
def photo(inspection_id: str, position: int, doors: DoorsHere, who: DockMember) -> Response:
    """A photo taken at the inspection."""
    del who  # the dependency let them in
    with doors.desk.store.read() as uow:
        row = dock.inspection(uow, inspection_id)
    return dock_photos.shown(doors.desk, row.photos, position)


def _write(doors: Doors, page: ReceiptPage, typed: Typed, who: Member, photos: tuple[str, ...]) -> str:
    if any(one.row.id == typed.inspection_id for one in page.looked):
        return typed.inspection_id
    if not page.to_inspect:
        raise InvalidTransition(
            f"Receipt {page.row.id}", state=page.row.state.replace("_", " "), event="an inspection"
        )
    found = _inspected(page, typed, who, photos)
    with doors.desk.store.begin() as uow:
        return dock.inspect(uow, found).id


def _typed(page: ReceiptPage, form: FormData) -> Typed:
    return Typed(
        inspection_id=our_id(form, "inspection"),
        quantity=text(form, "quantity"),
        serials=tuple(one for one in page.serials if one in form.getlist("serials")),
        answers={one.key: text(form, f"check:{one.key}") for one in page.questions},
        seal=text(form, "seal"),
        grade=text(form, "grade"),
        finding=text(form, "finding"),
        found_reason=text(form, "found_reason"),
        note=note_of(form),
    )


def _inspected(page: ReceiptPage, typed: Typed, who: Member, photos: tuple[str, ...]) -> Inspected:
    quantity = pieces(typed.quantity, field="quantity")
    if not 1 <= quantity <= page.left:
        raise BadInput(f"How many? {page.left} are waiting for inspection.", field="quantity")
    if page.serials and len(typed.serials) != min(quantity, len(page.serials)):
        raise BadInput(f"Tick the serials of the {quantity} you inspect.", field="serials")
    grade = _grade(page, typed)
    finding, reason = _finding(page, typed)
    return Inspected(
        inspection_id=typed.inspection_id,
        receipt_id=page.row.id,
        quantity=quantity,
        grade=grade,
        finding=finding,
        inspected_by=who.user_id,
        serials=typed.serials,
        checklist=dict(typed.answers),
        seal_intact=_SEALS[typed.seal],
        found_reason=reason,
        photos=photos,
        note=typed.note,
    )


def _grade(page: ReceiptPage, typed: Typed) -> Grade:
    for question in page.questions:
        if typed.answers[question.key] not in ANSWERS:
            raise BadInput(f"Answer: {question.ask}", field=f"check:{question.key}")
    if typed.seal not in _SEALS:
        raise BadInput("Is the seal unbroken? Answer that too.", field="seal")
    if typed.grade not in set(Grade):
        raise BadInput("Choose a grade.", field="grade")
    if typed.grade != Grade.A.value:
        return Grade(typed.grade)
    if typed.seal == "no":
        raise BadInput("Grade A is as new, and the seal is broken. Choose another grade.", field="grade")
    if against := against_as_new(page.questions, typed.answers):
        said = ANSWERS[typed.answers[against.key]].lower()
        raise BadInput(
            f"Grade A is as new, but “{against.ask}” is answered {said}. Change one of them.", field="grade"
        )
    return Grade.A


def _finding(page: ReceiptPage, typed: Typed) -> tuple[Finding, str | None]:
    if page.said is None:
        return Finding.NONE, None
    if typed.finding not in {one.value for one in FINDINGS}:
        raise BadInput("Is the customer right? Answer that too.", field="finding")
    if typed.finding != Finding.DIFFERS.value:
        return Finding(typed.finding), None
    if typed.found_reason not in set(Reason):
        raise BadInput("The customer is not right: what is it in truth?", field="found_reason")
    if typed.found_reason == page.said.reason:
        raise BadInput(
            "That is what the customer says. Answer “Yes”, or choose another.", field="found_reason"
        )
    return Finding.DIFFERS, typed.found_reason


def _context(who: Member, page: ReceiptPage, typed: Typed) -> dict[str, Any]:
    return {
        "who": who,
        "token": who.token,
        "page": page,
        "typed": typed,
        "grades": GRADES,
        "findings": FINDINGS,
        "reasons": REASONS,
        "answers": ANSWERS,
        "problem": "",
        "field": "",
        "kept": (),
        "matching": False,
        "may_act": who.on_dock,
    }
