"""Trying a change to a request, with the verdict beside it as one types."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from agent.wording import REASON_WORDS, RESOLUTION_WORDS, pieces
from backhaul.domain.codes import Reason, Resolution
from backhaul.domain.errors import InvalidTransition, NotFound
from backhaul.store import cases, reviews
from backhaul.store.tables import ReviewRow
from backhaul.store.unit_of_work import UnitOfWork
from tools.edited import Edit, Weighed, as_it_is, weigh
from tools.verdicts import decision_record
from web.desk_case import places_of
from web.desk_view import table_units_of
from web.pages import fragment, render
from web.policies_trace import Trace, trace_of
from web.pulse import pulse
from web.who import DeskMember, DoorsHere
from web.world import Doors

router = APIRouter(prefix="/desk")
_MOST_PIECES = 100_000
_WISHES = (Resolution.CREDIT, Resolution.REPLACEMENT, Resolution.REPAIR)


@dataclass(frozen=True, slots=True)
class EditForm:
    """The fields of an edit, as they stand."""

    now: Edit
    """What is under review"""
    edit: Edit
    reasons: tuple[Reason, ...]
    wishes: tuple[Resolution, ...]


@dataclass(frozen=True, slots=True)
class Tried:
    """What the policy says to an edit, in words."""

    weighed: Weighed
    trace: Trace
    question: str
    """What the customer would be asked; empty where nothing differs from what they agreed to"""


def edit_form(uow: UnitOfWork, review_id: str, *, typed: Edit | None = None) -> EditForm | None:
    """The form for a request under review; None for everything else."""
    now = as_it_is(uow, reviews.review(uow, review_id))
    if now is None:
        return None
    wishes = _WISHES if now.resolution in _WISHES else (now.resolution, *_WISHES)
    return EditForm(now, typed or now, tuple(Reason), wishes)


@router.get("/{review_id}/edit")
def edit_page(
    request: Request,
    review_id: str,
    doors: DoorsHere,
    who: DeskMember,
    quantity: Annotated[int, Query(ge=0, le=_MOST_PIECES)] = 0,
    reason: Reason | None = None,
    resolution: Resolution | None = None,
) -> Response:
    """The form and the verdict as a page of its own, for who has no script."""
    with doors.desk.store.read() as uow:
        row, form = _form(uow, review_id)
        now = form.now
        edit = Edit(quantity or now.quantity, reason or now.reason, resolution or now.resolution)
        beat = pulse(doors)
        context: dict[str, Any] = {
            "who": who,
            "token": who.token,
            "silent": beat.silent,
            "policy_trouble": beat.trouble,
            "review": row,
            "form": edit_form(uow, review_id, typed=edit),
            "beside": places_of(uow, row),
        }
    return render(request, "desk_edit.html", {**context, "tried": try_edit(doors, review_id, edit)})


@router.get("/{review_id}/edit/verdict")
def verdict(
    review_id: str,
    doors: DoorsHere,
    who: DeskMember,
    quantity: Annotated[int, Query(ge=1, le=_MOST_PIECES)],
    reason: Reason,
    resolution: Resolution,
) -> Response:
    """The verdict alone, asked for as somebody types."""
    with doors.desk.store.read() as uow:
        row, _ = _form(uow, review_id)
    tried = try_edit(doors, review_id, Edit(quantity, reason, resolution))
    context = {"tried": tried, "review": row, "token": who.token}
    return HTMLResponse(fragment("desk_edit_verdict.html", context))


def _form(uow: UnitOfWork, review_id: str) -> tuple[ReviewRow, EditForm]:
    row = reviews.review(uow, review_id)
    if reviews.waits_to_be_read(uow, row):
        raise InvalidTransition(f"review {review_id}", state="to be read blind first", event="an edit")
    form = edit_form(uow, review_id)
    if form is None:
        raise NotFound("request under review", review_id)
    return row, form


def try_edit(doors: Doors, review_id: str, edit: Edit) -> Tried:
    """Ask the policy about an edit, and word the question that it would take."""
    weighed = weigh(doors.desk, review_id, edit)
    trace = trace_of(decision_record(weighed.decision), table_units_of(doors))
    with doors.desk.store.read() as uow:
        row = reviews.review(uow, review_id)
        now = as_it_is(uow, row)
        line = cases.return_line(uow, cases.proposal(uow, row.proposal_id or "").line_id)
    return Tried(weighed, trace, "" if edit == now else _question(edit, line.description, line.order_number))


def _question(edit: Edit, goods: str, order: str) -> str:
    return (
        f"We could take back {pieces(edit.quantity, goods)} from order {order}: "
        f"{REASON_WORDS[edit.reason]}. Wanted: {RESOLUTION_WORDS[edit.resolution]}. "
        "Do you agree to that?"
    )
