"""Ending a return whose goods, or whose rest, will not come: asked for on the case page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from fastapi.responses import RedirectResponse, Response

from backhaul.domain.codes import Action
from backhaul.domain.errors import BadInput, NotFound
from backhaul.store import awaited, ledger, reviews, rmas, staff
from backhaul.store.effect_tables import RmaRow
from backhaul.store.tables import ReviewRow
from backhaul.store.unit_of_work import UnitOfWork
from web.who import DeskMember, DoorsHere, staff_form

router = APIRouter(prefix="/desk")


@dataclass(frozen=True, slots=True)
class Ending:
    """An open return that still awaits goods."""

    rma: RmaRow
    missing: tuple[tuple[int, str], ...]
    """What did not come: pieces and article"""
    made_good: int
    """Pieces credited or replaced ahead of the goods"""
    a_part_came: bool
    kept_open: str | None
    """Why it cannot be ended as it stands"""
    waits: ReviewRow | None
    """The review on which somebody decides about its end now: asked for by the desk, or by the customer"""
    asked_by: str
    """The name of who of the desk asked last"""
    work: str
    """The name of the asking: a second click is the same one, and after a refusal it is a new one"""


def endings(uow: UnitOfWork, case_id: str) -> Sequence[Ending]:
    """Open returns of a case that have a number and still await goods."""
    return [
        _ending(uow, rma)
        for rma in rmas.rmas_of_case(uow, case_id)
        if rma.erp_number and not rmas.has_ended(rma)
        if awaited.missing(uow, rma)
    ]


def _ending(uow: UnitOfWork, rma: RmaRow) -> Ending:
    lines = rmas.rma_lines(uow, rma.id)
    asked = [
        one
        for line in lines
        if (one := reviews.review_of_proposal(uow, line.proposal_id, Action.CANCEL_RMA)) is not None
    ]
    person = staff.staff_by_id(uow, rma.end_asked_by) if rma.end_asked_by else None
    return Ending(
        rma,
        tuple((rest, line.sku) for line, rest in awaited.missing(uow, rma)),
        sum(awaited.made_good_ahead(uow, line) for line in lines),
        any(ledger.on_rma_line(uow, line.id)[ledger.RECEIVED] for line in lines),
        awaited.keeps_open(uow, rma),
        next((one for one in asked if one.state in reviews.OPEN_STATES), None),
        person.name if person else "",
        f"end-{rma.id}-{rma.version}-{sum(one.version for one in asked)}",
    )


@router.post("/{review_id}/end-return", dependencies=[Depends(staff_form)])
def end_return(
    review_id: str,
    doors: DoorsHere,
    who: DeskMember,
    rma_id: Annotated[str, Form(max_length=40)],
    why: Annotated[str, Form(max_length=400)] = "",
) -> Response:
    """Ask for the end of a return without its goods; the policy says whether somebody else has to approve.

    NotFound when it is no return of the case's that awaits goods.
    """
    said = " ".join(why.split())
    if not said:
        raise BadInput("Say why its goods do not come; the customer reads it.", field="why")
    with doors.desk.store.begin() as uow:
        case_id = reviews.review(uow, review_id).case_id
        found = next((one for one in endings(uow, case_id) if one.rma.id == rma_id), None)
        if found is None:
            raise NotFound("return that awaits goods", rma_id)
        if found.kept_open:
            raise BadInput(f"It cannot be ended yet: {found.kept_open}.", field="why")
        if found.waits is None:
            args = [rma_id, who.user_id, said]
            doors.desk.starter.start(uow, workflow="end-return", workflow_id=found.work, args=args)
    return RedirectResponse(f"/desk/{review_id}?asked={found.work}#ending", status_code=303)
