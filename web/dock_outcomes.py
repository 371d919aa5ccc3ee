"""What the dock found of somebody's decisions, on the desk of whoever decided."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Depends
from fastapi.responses import RedirectResponse, Response

from backhaul.domain.receiving import Finding
from backhaul.store import cases, dock, dock_lists
from backhaul.store.dock_tables import OutcomeRow
from backhaul.store.unit_of_work import UnitOfWork
from web.who import DeskMember, DoorsHere, Member, staff_form

router = APIRouter(prefix="/desk/outcomes")
_MOST = 10


@dataclass(frozen=True, slots=True)
class OutcomeShown:
    """One finding, with what was decided about. `receipt_id` is where the goods can be looked at."""

    row: OutcomeRow
    quantity: int
    description: str
    receipt_id: str

    @property
    def bears_out(self) -> bool:
        return self.row.finding == Finding.CONFIRMED.value


def outcomes_of(uow: UnitOfWork, who: Member) -> Sequence[OutcomeShown]:
    """What this person has not looked at yet, newest first."""
    return [_shown(uow, row) for row in dock.outcomes_for(uow, who.user_id)[:_MOST]]


def _shown(uow: UnitOfWork, row: OutcomeRow) -> OutcomeShown:
    line = cases.return_line(uow, cases.proposal(uow, row.proposal_id).line_id)
    seen = dock.inspection(uow, row.inspection_id)
    return OutcomeShown(row, seen.quantity, line.description, seen.receipt_id)


@router.post("/{outcome_id}/seen", dependencies=[Depends(staff_form)])
def seen(outcome_id: str, doors: DoorsHere, who: DeskMember) -> Response:
    """It need not be shown again. A second click changes nothing."""
    with doors.desk.store.begin() as uow:
        dock_lists.see_outcome(uow, outcome_id, user_id=who.user_id, at=uow.clock.now())
    return RedirectResponse("/desk", status_code=303)
