"""What becomes of inspected goods: the proposal with its arithmetic, the choice, what followed from it."""

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from backhaul.domain.errors import BadInput, StalePage
from backhaul.domain.receiving import DISPOSITION_PREFIX, Disposition
from backhaul.store import dock
from backhaul.store.dock import SettledOn
from backhaul.store.dock_follow import Followed, what_followed
from backhaul.store.dock_tables import DispositionRow
from backhaul.store.unit_of_work import UnitOfWork
from tools.dock_policy import OnTheBench
from tools.dock_proposal import Offer, offer
from web.dock_checklists import ANSWERS
from web.dock_form import DockHand, Posted, our_id, pieces, text
from web.dock_inspect_view import FINDINGS, GRADES, Looked, ReceiptPage, receipt_page
from web.pages import render
from web.who import DockMember, DoorsHere, Member, staff_form
from web.world import Doors

router = APIRouter(prefix="/dock")
_LONGEST_REASON = 1_000


@dataclass(frozen=True, slots=True)
class Settled:
    """A disposition with what followed from it."""

    row: DispositionRow
    followed: Followed

    @property
    def waits(self) -> bool:
        """Whether the worker is still at it, with the goods or with what the customer gets for them."""
        return self.row.state == "chosen" or self.customer_waits or self.claim_waits

    @property
    def claim_waits(self) -> bool:
        """The goods go back to their maker, and the claim for them is not compiled yet."""
        goes_back = self.row.chosen == Disposition.RETURN_TO_VENDOR.value and self.row.state == "posted"
        return goes_back and self.followed.claim is None and not self.row.why

    @property
    def customer_waits(self) -> bool:
        """The goods are moved, and what the customer gets is not there yet."""
        return self.row.state == "posted" and self.row.settled_at is None and not self.row.why


@dataclass(frozen=True, slots=True)
class InspectionPage:
    """Everything on the page of an inspection."""

    receipt: ReceiptPage
    looked: Looked
    settled: tuple[Settled, ...]
    offer: Offer | None
    """None when all pieces have their disposition"""
    serials: tuple[str, ...]
    """Of the pieces without one"""

    @property
    def waits(self) -> bool:
        """Whether the page fills in by itself."""
        return any(one.waits for one in self.settled)


@dataclass(frozen=True, slots=True)
class Typed:
    """A choice as it stands in the form."""

    disposition_id: str
    chosen: str
    quantity: str
    serials: tuple[str, ...]
    reason: str


@router.get("/inspection/{inspection_id}")
def inspection(request: Request, inspection_id: str, doors: DoorsHere, who: DockMember) -> Response:
    """One inspection: choose what becomes of the goods, or see what became of them."""
    with doors.desk.store.read() as uow:
        page = _page(uow, doors, inspection_id)
    proposed = page.offer.proposed.value if page.offer else ""
    pieces_of = page.offer.quantity if page.offer else 0
    fresh_id = doors.desk.ids.new(DISPOSITION_PREFIX)
    fresh = Typed(fresh_id, proposed, str(pieces_of), page.serials[:pieces_of], "")
    return render(request, "dock_inspection.html", _context(who, page, fresh))


@router.post("/inspection/{inspection_id}", dependencies=[Depends(staff_form)])
def settle(request: Request, inspection_id: str, doors: DoorsHere, who: DockHand, form: Posted) -> Response:
    """Settle on a disposition, and let the worker judge and carry it out. A second click is the same one."""
    typed = _typed(form)
    try:
        with doors.desk.store.read() as uow:
            page = _page(uow, doors, inspection_id)
        if all(one.row.id != typed.disposition_id for one in page.settled):
            _settle(doors, page, typed, text(form, "shown"), who)
    except (BadInput, StalePage) as wrong:
        return _again(request, doors, who, inspection_id, typed, wrong)
    return RedirectResponse(f"/dock/inspection/{inspection_id}", status_code=303)


def _settle(doors: Doors, page: InspectionPage, typed: Typed, shown: str, who: Member) -> None:
    if page.offer is None or page.offer.shown != shown:
        raise StalePage("The proposal")
    what = _settled_on(page, page.offer, typed, who)
    with doors.desk.store.begin() as uow:
        # A second click that came in between is the same disposition; any other one leaves fewer pieces.
        row = dock.settle_on(uow, what)
        doors.desk.starter.start(uow, workflow="dispose", workflow_id=f"dispose-{row.id}", args=[row.id])


def _settled_on(page: InspectionPage, found: Offer, typed: Typed, who: Member) -> SettledOn:
    if typed.chosen not in {one.disposition.value for one in found.options}:
        raise BadInput("Choose what becomes of the goods.", field="chosen")
    quantity = pieces(typed.quantity, field="quantity")
    if not 1 <= quantity <= found.left:
        raise BadInput(f"How many? {found.left} have no place yet.", field="quantity")
    serials = tuple(one for one in page.serials if one in typed.serials)
    if page.serials and len(serials) != min(quantity, len(page.serials)):
        raise BadInput(f"Tick the serials of the {quantity} you mean.", field="serials")
    chosen = Disposition(typed.chosen)
    if chosen is not found.proposed and not typed.reason:
        raise BadInput("You choose another way than the one proposed. Say why.", field="override_reason")
    return SettledOn(
        disposition_id=typed.disposition_id,
        inspection_id=page.looked.row.id,
        chosen=chosen,
        proposed=found.proposed,
        arithmetic=found.arithmetic,
        chosen_by=who.user_id,
        override_reason=typed.reason if chosen is not found.proposed else "",
        quantity=quantity,
        serials=serials,
    )


def _again(
    request: Request,
    doors: Doors,
    who: Member,
    inspection_id: str,
    typed: Typed,
    wrong: BadInput | StalePage,
) -> Response:
    """The page once more, with what was typed and what is wrong with it."""
    with doors.desk.store.read() as uow:
        page = _page(uow, doors, inspection_id)
    stale = isinstance(wrong, StalePage)
    context = _context(who, page, typed) | {
        "problem": "The figures have changed since you opened this page. Look again, then confirm."
        if stale
        else str(wrong),
        "field": "" if isinstance(wrong, StalePage) else wrong.field,
    }
    return render(request, "dock_inspection.html", context, status=409 if stale else 422)


def _typed(form: FormData) -> Typed:
    return Typed(
        disposition_id=our_id(form, "disposition"),
        chosen=text(form, "chosen"),
        quantity=text(form, "quantity"),
        serials=tuple(str(one) for one in form.getlist("serials")),
        reason=text(form, "override_reason")[:_LONGEST_REASON],
    )


def _page(uow: UnitOfWork, doors: Doors, inspection_id: str) -> InspectionPage:
    row, desk = dock.inspection(uow, inspection_id), doors.desk
    goods = receipt_page(uow, doors, row.receipt_id)
    looked = next(one for one in goods.looked if one.row.id == inspection_id)
    gone = {serial for one in looked.standing for serial in one.serials}
    serials = tuple(serial for serial in row.serials if serial not in gone)
    return InspectionPage(
        receipt=goods,
        looked=looked,
        settled=tuple(Settled(one, what_followed(uow, one.id)) for one in looked.settled),
        offer=offer(uow, desk, _bench(goods, looked, serials), left=looked.left) if looked.left else None,
        serials=serials,
    )


def _bench(goods: ReceiptPage, looked: Looked, serials: tuple[str, ...]) -> OnTheBench | None:
    if goods.rma_line is None or not goods.row.sku:
        return None
    return OnTheBench(goods.row, looked.row, goods.rma_line, looked.left, serials)


def _context(who: Member, page: InspectionPage, typed: Typed) -> dict[str, Any]:
    return {
        "who": who,
        "token": who.token,
        "page": page,
        "typed": typed,
        "grades": GRADES,
        "findings": FINDINGS,
        "answers": ANSWERS,
        "problem": "",
        "field": "",
        "may_act": who.on_dock,
    }
