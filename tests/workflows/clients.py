"""What other processes do to a running worker: approve a review together, and resume it under other names."""

from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from typing import Any

from backhaul.bootstrap.doors import WebSide, build_web_side
from backhaul.cli.deciding import decide, desk_doors, take_up
from backhaul.domain.errors import BackhaulError
from backhaul.settings import Settings

APPROVER = "arne.approver@halden.example"
TOGETHER_WITHIN_SECONDS = 60


def approve(
    settings: Settings, review_id: str, number: int, together: Barrier, answers: "Queue[str]"
) -> None:
    """A process of its own: read the page, wait for the others, approve."""
    side = build_web_side(settings)
    answers.put(approve_at(side, review_id, number, together))
    side.close()


def approve_at(side: WebSide, review_id: str, number: int, together: Any) -> str:
    """Post the approval of the page that was read before; `approved`, or the code of the refusal.

    Whatever the answer, the review is then resumed under a name of one's own.
    """
    doors = desk_doors(side)
    page = take_up(doors, review_id, act="approve", email=APPROVER, password=None)
    together.wait(TOGETHER_WITHIN_SECONDS)
    try:
        decide(doors, page, act="approve", note="")
        answer = "approved"
    except BackhaulError as refused:
        answer = refused.code
    with side.store.begin() as uow:
        again = f"again-{review_id}-{number}"
        side.starter.start(uow, workflow="resume-review", workflow_id=again, args=[review_id])
    return answer
