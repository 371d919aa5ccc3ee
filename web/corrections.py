"""The second look: somebody else agrees or not with what words are said to really say."""

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from backhaul.store import corrections, unread
from web.pages import render
from web.who import DeskMember, DoorsHere, staff_form

router = APIRouter(prefix="/corrections")


@router.get("")
def list_(request: Request, doors: DoorsHere, who: DeskMember, done: str = "") -> Response:
    """What waits for a second look, oldest first. `done` is what was just looked at."""
    with doors.desk.store.read() as uow:
        # What a line of the same words is read as is not shown while another still waits to be read blind.
        to_read = unread.cases(uow)
        rows = [row for row in corrections.in_state(uow, corrections.NOTED) if row.case_id not in to_read]
        looked = next(iter(corrections.named(uow, [done])), None) if done else None
    context = {"who": who, "token": who.token, "rows": rows, "looked": looked}
    return render(request, "corrections.html", context)


@router.post("/{correction_id}/confirm", dependencies=[Depends(staff_form)])
def confirm(correction_id: str, doors: DoorsHere, who: DeskMember) -> Response:
    """Agree: the words teach from the next training on."""
    with doors.desk.store.begin() as uow:
        corrections.confirm(uow, correction_id, by=who.user_id)
    return RedirectResponse(f"/corrections?done={correction_id}", status_code=303)


@router.post("/{correction_id}/dismiss", dependencies=[Depends(staff_form)])
def dismiss(correction_id: str, doors: DoorsHere, who: DeskMember) -> Response:
    """Disagree: the words are erased."""
    with doors.desk.store.begin() as uow:
        corrections.dismiss(uow, correction_id, by=who.user_id)
    return RedirectResponse(f"/corrections?done={correction_id}", status_code=303)
