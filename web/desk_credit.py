"""A credit before its goods are back: asked for on the case page, approved by somebody else."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from fastapi.responses import RedirectResponse, Response

from backhaul.domain.codes import Action, Resolution
from backhaul.domain.errors import NotFound
from backhaul.store import cases, reviews, rmas
from backhaul.store.effect_tables import RmaLineRow, RmaRow
from backhaul.store.money_kept import credits_of_proposal
from backhaul.store.tables import ReturnLineRow, ReviewRow
from backhaul.store.unit_of_work import UnitOfWork
from tools.progress import progress_of
from web.who import DeskMember, DoorsHere, staff_form

router = APIRouter(prefix="/desk")


@dataclass(frozen=True, slots=True)
class EarlyCredit:
    """A line whose credit could be posted before its goods are back."""

    rma: RmaRow
    line: ReturnLineRow
    asked: ReviewRow | None
    """The review of it, once somebody has asked"""

    @property
    def is_waiting(self) -> bool:
        """Another person decides about it now."""
        return self.asked is not None and self.asked.state in reviews.OPEN_STATES

    @property
    def work(self) -> str:
        """The name of the asking: a second click is the same one, and after a refusal it is a new one."""
        times = self.asked.version if self.asked else 0
        return f"credit-early-{self.rma.id}-{self.line.id}-{times}"


def early_credits(uow: UnitOfWork, case_id: str) -> Sequence[EarlyCredit]:
    """Lines of open RMAs of a case that wait for their goods and are to be credited."""
    return [
        found
        for rma in rmas.rmas_of_case(uow, case_id)
        if rma.erp_number and not rmas.has_ended(rma)
        for held in rmas.rma_lines(uow, rma.id)
        if (found := _early_credit(uow, rma, held)) is not None
    ]


def _early_credit(uow: UnitOfWork, rma: RmaRow, held: RmaLineRow) -> EarlyCredit | None:
    line = cases.return_line(uow, held.line_id)
    wants_credit = line.resolution == Resolution.CREDIT.value
    if not wants_credit or progress_of(uow, rma, [held]).came or credits_of_proposal(uow, held.proposal_id):
        return None
    asked = reviews.review_of_proposal(uow, held.proposal_id, Action.CREDIT_MEMO, rma.id)
    return EarlyCredit(rma, line, asked)


@router.post("/{review_id}/credit-early", dependencies=[Depends(staff_form)])
def credit_early(
    review_id: str, doors: DoorsHere, who: DeskMember, line_id: Annotated[str, Form(max_length=40)]
) -> Response:
    """Ask for the credit of a line before receipt; the policy says who has to approve it.

    NotFound when the line is none of the case's that can be credited now.
    """
    with doors.desk.store.begin() as uow:
        case_id = reviews.review(uow, review_id).case_id
        found = next((one for one in early_credits(uow, case_id) if one.line.id == line_id), None)
        if found is None:
            raise NotFound("line to credit", line_id)
        if not found.is_waiting:
            args = [found.rma.id, line_id, who.user_id]
            doors.desk.starter.start(uow, workflow="credit-early", workflow_id=found.work, args=args)
    return RedirectResponse(f"/desk/{review_id}?asked={found.work}#early", status_code=303)
