"""What stands still: every stuck return, command and piece of work, with what may safely be done about it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from backhaul.domain.stuck import StuckDeed, StuckStage
from backhaul.store import stuck
from web.pages import render
from web.who import DoorsHere, StuckMember, StuckReader, staff_form

router = APIRouter(prefix="/stuck")
_ONCE = r"^SD-[A-Z0-9-]{1,40}$"
_LONGEST_WHY = 400

DEEDS = {
    StuckDeed.RETRY: ("Retry", "Sends the same command under the same key: nothing is done twice."),
    StuckDeed.RESUME: ("Resume", "Goes on from the step that failed; finished steps are not repeated."),
    StuckDeed.REISSUE: ("Re-issue", "Sends it under a new key. Only when you know that it was not done."),
    StuckDeed.HAND_OVER: ("Hand to a person", "Opens a review on the desk."),
}
"""What each deed is called, and what it does"""


@router.get("")
def list_(request: Request, doors: DoorsHere, who: StuckReader, stage: str = "", done: str = "") -> Response:
    """What stands still, the longest first; one stage, or all."""
    with doors.desk.store.read() as uow:
        found = stuck.stuck(uow)
        recent = stuck.recent_deeds(uow)
        now = uow.clock.now()
    counts: dict[StuckStage, int] = {}
    for one in found:
        counts[one.stage] = counts.get(one.stage, 0) + 1
    shown = [one for one in found if not stage or one.stage.value == stage]
    context = {
        "who": who,
        "token": who.token,
        "items": [(one, doors.desk.ids.new("SD", 12)) for one in shown],
        "counts": counts,
        "total": len(found),
        "shown": stage,
        "now": now,
        "deeds": DEEDS,
        "recent": recent,
        "done": bool(done),
    }
    return render(request, "stuck.html", context)


@router.post("", dependencies=[Depends(staff_form)])
def ask(
    doors: DoorsHere,
    who: StuckMember,
    once: Annotated[str, Form(pattern=_ONCE)],
    stage: Annotated[StuckStage, Form()],
    subject: Annotated[str, Form(max_length=200)],
    deed: Annotated[StuckDeed, Form()],
    why: Annotated[str, Form(max_length=_LONGEST_WHY)] = "",
) -> Response:
    """Ask the worker to do something about it. The same form again asks nothing new."""
    with doors.desk.store.begin() as uow:
        stuck.ask(uow, stuck.Asked(once, stage, subject, deed, why, who.user_id))
        doors.desk.starter.start(uow, workflow="stuck-deed", workflow_id=f"stuck-{once}", args=[once])
    return RedirectResponse("/stuck?done=1", status_code=303)
