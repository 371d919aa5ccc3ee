"""Receiving an announced return: what is expected, what came, and the receipt of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from backhaul.domain.errors import BadInput, NotFound, StalePage
from backhaul.domain.receiving import RECEIPT_PREFIX
from backhaul.store import dock
from backhaul.store.dock import Counted
from backhaul.store.dock_tables import ReceiptRow
from backhaul.store.unit_of_work import UnitOfWork
from web import dock_photos
from web.dock_counting import Parcel, counted
from web.dock_form import DockHand, LineTyped, Posted, fresh_line, line_typed, note_of, text
from web.dock_receive_view import Announced, announced
from web.pages import render
from web.who import DockMember, DoorsHere, Member, staff_form
from web.world import Doors

router = APIRouter(prefix="/dock")


@router.get("/rma/{rma_id}")
def receiving(request: Request, rma_id: str, doors: DoorsHere, who: DockMember) -> Response:
    """One announced return, ready to be counted."""
    with doors.desk.store.read() as uow:
        page = announced(uow, doors, rma_id)
    typed = {line.row.id: fresh_line(doors.desk.ids, left=line.left) for line in page.lines}
    return render(request, "dock_rma.html", _context(doors, who, page, typed))


@router.post("/rma/{rma_id}", dependencies=[Depends(staff_form)])
def receive(request: Request, rma_id: str, doors: DoorsHere, who: DockHand, form: Posted) -> Response:
    """Write down what was counted, and let the worker book it. A second click is the same receipt."""
    photos: tuple[str, ...] = ()
    try:
        photos = dock_photos.taken(doors.desk, form)
        with doors.desk.store.read() as uow:
            page = announced(uow, doors, rma_id)
        receipts = _write(doors, page, form, Parcel(who.user_id, photos, note_of(form)))
    except (BadInput, StalePage) as wrong:
        return _again(request, doors, who, rma_id, form, photos, wrong)
    return RedirectResponse(f"/dock/receipt/{receipts[0]}", status_code=303)


@router.get("/receipt/{receipt_id}/photos/{position}")
def photo(receipt_id: str, position: int, doors: DoorsHere, who: DockMember) -> Response:
    """A photo taken when the parcel was opened."""
    with doors.desk.store.read() as uow:
        row = dock.receipt(uow, receipt_id)
    if not who.roles:
        raise NotFound("photo", str(position))
    return dock_photos.shown(doors.desk, row.photos, position)


def _write(doors: Doors, page: Announced, form: FormData, parcel: Parcel) -> list[str]:
    if before := _same_click(form, page.receipts):
        return before
    if text(form, "seen") != str(len(page.receipts)):
        raise StalePage("This return")
    asked_for = counted(doors.desk.erp, page, form, parcel)
    with doors.desk.store.begin() as uow:
        dock.one_at_a_time(uow, page.rma.id)
        now = dock.receipts_of(uow, page.rma.id)
        if before := _same_click(form, now):
            return before
        if len(now) != len(page.receipts):
            raise StalePage("This return")
        return [book(uow, doors, one) for one in asked_for]


def _same_click(form: FormData, receipts: Sequence[ReceiptRow]) -> list[str]:
    """Receipts that were made from this very page before."""
    named = {text(form, name) for name in form if name == "parcel" or name.startswith("receipt:")}
    return [row.id for row in receipts if row.id in named]


def book(uow: UnitOfWork, doors: Doors, what: Counted) -> str:
    """Store a count and start its booking in one transaction; the id of the receipt."""
    row = dock.count(uow, what)
    doors.desk.starter.start(uow, workflow="receive", workflow_id=f"receive-{row.id}", args=[row.id])
    return row.id


def _again(
    request: Request,
    doors: Doors,
    who: Member,
    rma_id: str,
    form: FormData,
    photos: tuple[str, ...],
    wrong: BadInput | StalePage,
) -> Response:
    """The page once more, with what was typed and what is wrong with it."""
    with doors.desk.store.read() as uow:
        page = announced(uow, doors, rma_id)
    typed = {line.row.id: _typed_or_fresh(doors, form, line.row.id, line.left) for line in page.lines}
    context = _context(doors, who, page, typed)
    stale = isinstance(wrong, StalePage)
    context |= {
        "problem": _counted_meanwhile(page) if stale else str(wrong),
        "field": "" if isinstance(wrong, StalePage) else wrong.field,
        "note": note_of(form),
        "kept": photos,
    }
    return render(request, "dock_rma.html", context, status=409 if stale else 422)


def _counted_meanwhile(page: Announced) -> str:
    newest = f" ({page.receipts[-1].id})" if page.receipts else ""
    told = f"Somebody has counted goods of this return meanwhile{newest}."
    return f"{told} Look at what is left, then count again."


def _typed_or_fresh(doors: Doors, form: FormData, line_id: str, left: int) -> LineTyped:
    try:
        return line_typed(form, line_id)
    except BadInput:
        return fresh_line(doors.desk.ids, left=left)


def _context(doors: Doors, who: Member, page: Announced, typed: Mapping[str, LineTyped]) -> dict[str, Any]:
    return {
        "who": who,
        "token": who.token,
        "page": page,
        "typed": typed,
        "parcel": doors.desk.ids.new(RECEIPT_PREFIX),
        "seen": len(page.receipts),
        "problem": "",
        "field": "",
        "note": "",
        "kept": (),
        "may_act": who.on_dock,
    }
