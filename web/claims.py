"""Claims on suppliers, for staff: what is worth doing first, and completing or sending one again."""

from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, Request, UploadFile
from fastapi.responses import RedirectResponse, Response

from backhaul.domain.errors import BadInput, NotFound
from backhaul.store import claims
from backhaul.store.claims import Added
from web import claim_photos
from web.claims_view import FILTERS, claim_page, ranked, suppliers
from web.pages import render
from web.supplier import as_pdf
from web.who import ClaimMember, ClaimReader, DoorsHere, staff_form

router = APIRouter(prefix="/claims")
_LONGEST_NOTE = 2_000
_ONCE = r"^[A-Z0-9-]{1,40}$"

Once = Annotated[str, Form(pattern=_ONCE)]
Note = Annotated[str, Form(max_length=_LONGEST_NOTE)]
Number = Annotated[str, Form(max_length=40)]
Pictures = Annotated[list[UploadFile] | None, File(alias="photos")]


@router.get("")
def list_(request: Request, doors: DoorsHere, who: ClaimReader, show: str = "open") -> Response:
    """Claims, the most worth per day left first; and how each supplier pays."""
    shown = show if show in FILTERS else "open"
    with doors.desk.store.read() as uow:
        counts = claims.counts(uow)
        context = {
            "who": who,
            "token": who.token,
            "filters": [
                (key, title, sum(counts.get(state, 0) for state in states))
                for key, (title, states) in FILTERS.items()
            ],
            "shown": shown,
            "items": ranked(uow, doors, shown),
            "suppliers": suppliers(uow, doors),
        }
    return render(request, "claims.html", context)


@router.get("/{claim_id}")
def claim(request: Request, claim_id: str, doors: DoorsHere, who: ClaimReader, done: str = "") -> Response:
    """One claim: what it lacks, its clock, its packet, what was said, and what can be done."""
    with doors.desk.store.read() as uow:
        page = claim_page(uow, doors, claim_id)
    context = {
        "who": who,
        "token": who.token,
        "page": page,
        "done": done if done in {"added", "sent"} else "",
        "once": doors.desk.ids.new("CE", 12),
    }
    return render(request, "claim.html", context)


@router.get("/{claim_id}/packet.pdf")
def packet(claim_id: str, doors: DoorsHere, who: ClaimReader) -> Response:
    """The packet as the supplier has it."""
    del who
    with doors.desk.store.read() as uow:
        row = claims.claim(uow, claim_id)
    return as_pdf(doors.desk.blobs.get(row.packet_blob or ""), row.id)


@router.get("/{claim_id}/pictures/{blob}")
def picture(claim_id: str, blob: str, doors: DoorsHere, who: ClaimReader) -> Response:
    """A picture that came with an answer, or was added; no other file of the house."""
    del who
    with doors.desk.store.read() as uow:
        page = claim_page(uow, doors, claim_id)
    if blob not in page.pictures:
        raise NotFound("picture of this claim", blob)
    return Response(doors.desk.blobs.get(blob), media_type="image/jpeg")


@router.post("/{claim_id}/evidence", dependencies=[Depends(staff_form)])
def add_evidence(
    claim_id: str,
    doors: DoorsHere,
    who: ClaimMember,
    once: Once,
    purchase_order: Number = "",
    note: Note = "",
    pictures: Pictures = None,
) -> Response:
    """Add to the packet; the worker compiles it anew, and files the claim when it is complete now."""
    with doors.desk.store.read() as uow:
        page = claim_page(uow, doors, claim_id)
    if not page.can_be_added_to:
        raise BadInput("This claim is closed; nothing can be added to it.", field="claim")
    number = purchase_order.strip().upper()
    if number and doors.desk.erp.purchase_order(number) is None:
        raise BadInput(f"There is no purchase order {number}.", field="purchase_order")
    kept = claim_photos.keep(doors.desk, pictures or ())
    if not (kept or number or note.strip()):
        raise BadInput("Add a picture, a purchase order or a note.", field="note")
    with doors.desk.store.begin() as uow:
        claims.add_evidence(uow, Added(once, claim_id, who.user_id, number, note.strip(), kept))
        doors.desk.starter.start(
            uow,
            workflow="claim-evidence",
            workflow_id=f"claim-evidence-{once}",
            args=[claim_id, who.user_id],
        )
    return RedirectResponse(f"/claims/{claim_id}?done=added", status_code=303)


@router.post("/{claim_id}/send", dependencies=[Depends(staff_form)])
def send_again(claim_id: str, doors: DoorsHere, who: ClaimMember, once: Once) -> Response:
    """Send the newest packet with a new link; the link before it ends."""
    with doors.desk.store.begin() as uow:
        page = claim_page(uow, doors, claim_id)
        if not page.can_be_sent_again:
            raise BadInput(
                "This claim is not with the supplier; there is nothing to send again.", field="claim"
            )
        doors.desk.starter.start(
            uow, workflow="claim-again", workflow_id=f"claim-again-{once}", args=[claim_id, who.user_id, once]
        )
    return RedirectResponse(f"/claims/{claim_id}?done=sent", status_code=303)
