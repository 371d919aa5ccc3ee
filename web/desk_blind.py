"""Reading blind: a person says what they read in the words before they see what the machine read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from fastapi.responses import RedirectResponse, Response

from backhaul.domain.autonomy import Read
from backhaul.domain.codes import Outcome, Reason
from backhaul.domain.errors import BadInput
from backhaul.domain.orders import Order
from backhaul.store import autonomy, cases, reviews
from backhaul.store import conversation as talk
from backhaul.store.tables import MessageRow, ReviewRow
from backhaul.store.unit_of_work import UnitOfWork
from web.desk_photos import PhotoShown, photos_shown
from web.who import DeskMember, DoorsHere, staff_form
from web.world import Doors

router = APIRouter(prefix="/desk")
NO_RETURN = "none"
"""What the form sends for words that ask for no return"""
_MOST_LINES = 9_999
_MOST_PIECES = 1_000_000
_SAID = {"allow": Outcome.PERMIT, "refuse": Outcome.DENY}


@dataclass(frozen=True, slots=True)
class Words:
    """What the customer wrote in one message. Our own are left out: they say what was read."""

    row: MessageRow
    photos: tuple[PhotoShown, ...]


@dataclass(frozen=True, slots=True)
class BlindPage:
    """A request without any of the machine's advice."""

    review: ReviewRow
    account_name: str
    words: tuple[Words, ...]
    order: Order | None
    asked_about: str
    """Which article, where the same words ask for several; empty otherwise"""
    reasons: Sequence[Reason]


@dataclass(frozen=True, slots=True)
class Compared:
    """What a person read, beside what the machine did."""

    person: Read
    machine: Read

    @property
    def differs(self) -> bool:
        """Whether it counts as a wrong one."""
        return self.person != self.machine


def blind_page(uow: UnitOfWork, doors: Doors, row: ReviewRow) -> BlindPage:
    """What somebody may see who is to read a request blind."""
    case = cases.case(uow, row.case_id)
    proposal = cases.proposal(uow, row.proposal_id or "")
    line, beside = (
        cases.return_line(uow, proposal.line_id),
        cases.proposals(uow, consent_id=proposal.consent_id),
    )
    account, photos = (
        doors.desk.erp.account(case.account_id),
        photos_shown(uow, doors.desk.erp, row.thread_id),
    )
    return BlindPage(
        review=row,
        account_name=account.name if account else case.account_id,
        words=tuple(
            Words(one, tuple(photo for photo in photos if photo.row.message_id == one.id))
            for one in talk.messages(uow, row.thread_id)
            if one.author == "customer"
        ),
        order=doors.desk.erp.order(proposal.order_number),
        asked_about=line.description if len(beside) > 1 else "",
        reasons=tuple(Reason),
    )


def read_blind(uow: UnitOfWork, row: ReviewRow) -> Compared | None:
    """The blind reading of a review that somebody has answered; None for every other."""
    if row.proposal_id is None or row.action not in reviews.FIRST_ACTS:
        return None
    draw, said = autonomy.draw_of(uow, row.proposal_id), autonomy.label_of(uow, row.proposal_id)
    return Compared(autonomy.read_of(said), autonomy.read_of(draw)) if draw and said else None


@router.post("/{review_id}/blind", dependencies=[Depends(staff_form)])
def blind(
    review_id: str,
    doors: DoorsHere,
    who: DeskMember,
    reason: Annotated[str, Form(max_length=40)],
    outcome: Annotated[str, Form(max_length=10)],
    order_line: Annotated[int, Form(ge=0, le=_MOST_LINES)] = 0,
    quantity: Annotated[int, Form(ge=0, le=_MOST_PIECES)] = 0,
) -> Response:
    """Keep what was read. From now on the page shows everything, and the review is decided as any other."""
    if reason != NO_RETURN and reason not in set(Reason):
        raise BadInput("Choose the reason that the words give.", field="reason")
    if outcome not in _SAID:
        raise BadInput("Say what you would do: let it through, or refuse it.", field="outcome")
    no_return = reason == NO_RETURN
    read = Read(
        order_line=0 if no_return else order_line,
        quantity=0 if no_return else quantity,
        reason="" if no_return else reason,
        outcome=_SAID[outcome],
    )
    with doors.desk.store.begin() as uow:
        autonomy.enter_label(uow, reviews.review(uow, review_id, lock=True), read, by=who.user_id)
    return RedirectResponse(f"/desk/{review_id}", status_code=303)
