"""Goods that came without papers: receiving them, and finding the return they belong to."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from backhaul.domain.errors import BadInput, InvalidTransition, NotAllowed
from backhaul.domain.receiving import RECEIPT_PREFIX, ReceiptKind
from backhaul.store import dock, rmas
from backhaul.store.dock import Counted
from web import dock_photos
from web.dock_form import DockHand, Posted, named, note_of, numbers, our_id, pieces, text
from web.dock_inspect_view import receipt_page
from web.dock_match import awaits_a_match, matches
from web.dock_receive import book
from web.pages import render
from web.who import SEND_BACK_ROLES, DockMember, DoorsHere, Member, staff_form, staff_with
from web.world import Doors

router = APIRouter(prefix="/dock")
_FIELDS = ("number", "facility", "article", "quantity", "serials", "sender")
_LONGEST_SENDER = 200
SendsBack = Annotated[Member, Depends(staff_with(SEND_BACK_ROLES))]


@router.get("/unannounced")
def unannounced(request: Request, doors: DoorsHere, who: DockHand, number: str = "") -> Response:
    """An empty form, with the number that nobody knew."""
    typed = dict.fromkeys(_FIELDS, "") | {"number": number.strip()[:60], "quantity": "1"}
    typed["receipt"] = doors.desk.ids.new(RECEIPT_PREFIX)
    return render(request, "dock_unannounced.html", _context(doors, who, typed))


@router.post("/unannounced", dependencies=[Depends(staff_form)])
def receive(request: Request, doors: DoorsHere, who: DockHand, form: Posted) -> Response:
    """Write down what came. A second click is the same receipt."""
    photos: tuple[str, ...] = ()
    typed = {name: text(form, name) for name in (*_FIELDS, "receipt")}
    try:
        photos = dock_photos.taken(doors.desk, form)
        what = _counted(doors, typed | {"note": note_of(form)}, our_id(form, "receipt"), who, photos)
        with doors.desk.store.begin() as uow:
            receipt_id = book(uow, doors, what)
    except BadInput as wrong:
        context = _context(doors, who, typed) | {
            "problem": str(wrong),
            "field": wrong.field,
            "note": note_of(form),
            "kept": photos,
        }
        return render(request, "dock_unannounced.html", context, status=422)
    return RedirectResponse(f"/dock/receipt/{receipt_id}", status_code=303)


@router.get("/unmatched/{receipt_id}")
def unmatched(
    request: Request, receipt_id: str, doors: DoorsHere, who: DockMember, search: str = ""
) -> Response:
    """Returns that goods without papers may belong to, the likeliest first."""
    context = _to_match(doors, who, receipt_id, search=search.strip()[:60])
    return render(request, "dock_unmatched.html", context)


def _to_match(
    doors: Doors, who: Member, receipt_id: str, *, search: str = "", how: str = "", problem: str = ""
) -> dict[str, Any]:
    with doors.desk.store.read() as uow:
        page = receipt_page(uow, doors, receipt_id)
        found = matches(uow, doors, page.row, search)
    return {
        "who": who,
        "token": who.token,
        "may_act": who.on_dock,
        "may_send_back": bool(who.roles & SEND_BACK_ROLES) and who.user_id != page.row.counted_by,
        "page": page,
        "awaits": awaits_a_match(page.row),
        "once": doors.desk.ids.new("ON"),
        "search": search,
        "found": found,
        "how": how,
        "problem": problem,
    }


@router.post("/unmatched/{receipt_id}", dependencies=[Depends(staff_form)])
def match(receipt_id: str, doors: DoorsHere, who: DockHand, form: Posted) -> Response:
    """Say that this is it: the worker takes the goods over to that line of a return."""
    rma_line_id = text(form, "rma_line_id")
    with doors.desk.store.begin() as uow:
        row = dock.receipt(uow, receipt_id)
        if not awaits_a_match(row):
            raise InvalidTransition(f"Receipt {row.id}", state=row.state, event="a match")
        line = rmas.rma_line(uow, rma_line_id)
        # Named by the page: a match that failed can be tried again, and a second click is the first one's.
        doors.desk.starter.start(
            uow,
            workflow="match-receipt",
            workflow_id=f"match-{row.id}-{our_id(form, 'once')}",
            args=[row.id, line.id, who.user_id],
        )
        asked_at = row.version
    return RedirectResponse(f"/dock/receipt/{receipt_id}?asked={asked_at}", status_code=303)


@router.post("/unmatched/{receipt_id}/send-back", dependencies=[Depends(staff_form)])
def send_back(request: Request, receipt_id: str, doors: DoorsHere, who: SendsBack, form: Posted) -> Response:
    """Nobody's return: the goods go back to their sender. The worker asks again who may say so."""
    how = " ".join(text(form, "how").split())[:_LONGEST_SENDER]
    if not how:
        context = _to_match(doors, who, receipt_id, problem="How does it travel? The dock needs to know.")
        return render(request, "dock_unmatched.html", context, status=422)
    with doors.desk.store.begin() as uow:
        row = dock.receipt(uow, receipt_id)
        if who.user_id == row.counted_by:
            raise NotAllowed("Who counted goods does not send them off. Ask a colleague.")
        if not awaits_a_match(row):
            raise InvalidTransition(f"Receipt {row.id}", state=row.state, event="sending back")
        doors.desk.starter.start(
            uow,
            workflow="send-back",
            workflow_id=f"send-back-{row.id}-{our_id(form, 'once')}",
            args=[row.id, who.user_id, how],
        )
        asked_at = row.version
    return RedirectResponse(f"/dock/receipt/{receipt_id}?asked={asked_at}", status_code=303)


def _counted(
    doors: Doors, typed: dict[str, str], receipt_id: str, who: Member, photos: tuple[str, ...]
) -> Counted:
    if typed["facility"] not in {one.facility_id for one in doors.desk.erp.facilities()}:
        raise BadInput("Which dock is this?", field="facility")
    if not typed["article"]:
        raise BadInput("What is it? Scan or type the SKU, or describe it.", field="article")
    quantity, serials = pieces(typed["quantity"], field="quantity"), numbers(typed["serials"])
    if quantity < 1:
        raise BadInput("How many are there?", field="quantity")
    if len(serials) > quantity:
        raise BadInput(f"{len(serials)} serials for {quantity} pieces. Correct one of them.", field="serials")
    article = named(doors.desk.erp, typed["article"])
    return Counted(
        receipt_id=receipt_id,
        kind=ReceiptKind.UNANNOUNCED,
        facility_id=typed["facility"],
        counted_by=who.user_id,
        tracking_number=typed["number"][:60],
        sku=article.sku,
        described=article.described,
        quantity=quantity,
        serials=serials,
        photos=photos,
        note=_with_sender(typed["sender"], typed["note"]),
    )


def _with_sender(sender: str, note: str) -> str:
    """The note with who sent it in front: a receipt has no place of its own for that."""
    return "\n".join(filter(None, [f"Sender: {sender[:_LONGEST_SENDER]}" if sender else "", note]))


def _context(doors: Doors, who: Member, typed: dict[str, str]) -> dict[str, Any]:
    return {
        "who": who,
        "token": who.token,
        "typed": typed,
        "facilities": doors.desk.erp.facilities(),
        "problem": "",
        "field": "",
        "note": "",
        "kept": (),
    }
