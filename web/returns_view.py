"""What a customer's pages show of their returns: a list, and one page for each request."""

from dataclasses import dataclass
from datetime import date, datetime

from backhaul.connectors.ports import FREIGHT
from backhaul.domain.codes import Action
from backhaul.domain.errors import NotFound
from backhaul.domain.lifecycle import can_be_cancelled
from backhaul.domain.receiving import ParcelStatus
from backhaul.domain.returns import RmaState
from backhaul.store import cases, own_returns, reviews, rmas
from backhaul.store import conversation as talk
from backhaul.store.effect_tables import LabelRow, RmaRow
from backhaul.store.tables import CaseRow, ProposalRow
from backhaul.store.unit_of_work import UnitOfWork
from web.chat_status import LineStatus, case_status
from web.chat_view import holds
from web.returns_timeline import Happened, timeline
from web.who import Customer

PAGE = 20
_PRINTABLE = frozenset({RmaState.ISSUED.value, RmaState.LABELLED.value})


@dataclass(frozen=True, slots=True)
class Request:
    """One request in the list."""

    case: CaseRow
    numbers: tuple[str, ...]
    """RMA numbers; empty while none was given"""
    lines: tuple[LineStatus, ...]


@dataclass(frozen=True, slots=True)
class Parcel:
    """One RMA on its page."""

    rma: RmaRow
    label: LabelRow | None
    """The label to use, while the parcel is still to be handed in"""
    is_pickup: bool
    can_cancel: bool
    can_reprint: bool
    cancel_waits: date | None
    """By when a person decides whether it can be cancelled; None when nobody asked, or it is decided"""


@dataclass(frozen=True, slots=True)
class RequestPage:
    """Everything on the page of a request."""

    case: CaseRow
    lines: tuple[LineStatus, ...]
    refusals: tuple[str, ...]
    """Why lines were not accepted, each once"""
    parcels: tuple[Parcel, ...]
    happened: tuple[Happened, ...]
    opened_at: datetime
    conversation: str
    """The conversation it was asked for in, when this customer holds it; empty otherwise"""

    @property
    def numbers(self) -> tuple[str, ...]:
        return tuple(one.rma.erp_number for one in self.parcels if one.rma.erp_number)


def own_requests(uow: UnitOfWork, who: Customer, *, page: int, named: str) -> tuple[list[Request], bool]:
    """One page of the customer's requests, newest first, and whether there are more."""
    rows = own_returns.requested(
        uow,
        who.account_id,
        order=who.order_scope,
        named=named,
        after=(page - 1) * PAGE,
        limit=PAGE + 1,
    )
    return [_request(uow, row, who) for row in rows[:PAGE]], len(rows) > PAGE


def _request(uow: UnitOfWork, case: CaseRow, who: Customer) -> Request:
    lines = _lines(uow, case, who)
    numbers = [line.rma.erp_number for line in lines if line.rma and line.rma.erp_number]
    return Request(case, tuple(dict.fromkeys(numbers)), lines)


def _lines(uow: UnitOfWork, case: CaseRow, who: Customer) -> tuple[LineStatus, ...]:
    found = case_status(uow, case.id, sees_amounts=who.order_scope is None)
    return tuple(one for one in found if who.order_scope in {None, one.line.order_number})


def own_case(uow: UnitOfWork, case_id: str, who: Customer) -> CaseRow:
    """A request of the customer's account; NotFound for any other, as if it did not exist.

    Who proved only one order sees what was asked for of that order.
    """
    case = cases.case(uow, case_id)
    asked = {row.order_number for row in cases.proposals(uow, case_id=case_id)}
    if case.account_id != who.account_id or not asked or who.order_scope not in {None, *asked}:
        raise NotFound("return", case_id)
    return case


def own_rma(uow: UnitOfWork, case_id: str, rma_id: str, who: Customer) -> RmaRow:
    """An RMA of that request, wholly the customer's to act on; NotFound otherwise."""
    own_case(uow, case_id, who)
    found = next((row for row in rmas.rmas_of_case(uow, case_id) if row.id == rma_id), None)
    if found is None or not _is_wholly_theirs(uow, found, who):
        raise NotFound("RMA", rma_id)
    return found


def _is_wholly_theirs(uow: UnitOfWork, rma: RmaRow, who: Customer) -> bool:
    orders = {line.order_number for line in rmas.rma_lines(uow, rma.id)}
    return who.order_scope is None or orders <= {who.order_scope}


def request_page(uow: UnitOfWork, case: CaseRow, who: Customer) -> RequestPage:
    """Everything on the page of a request."""
    lines = _lines(uow, case, who)
    shown = {one.line.id for one in lines}
    asked = [row for row in cases.proposals(uow, case_id=case.id) if row.line_id in shown]
    own = {one.rma.id: one.rma for one in lines if one.rma}
    sees_amounts = who.order_scope is None
    home = talk.thread(uow, case.thread_id)
    return RequestPage(
        case=case,
        lines=lines,
        refusals=_refusals(uow, asked, sees_amounts=sees_amounts),
        parcels=tuple(_parcel(uow, rma, who) for rma in own.values()),
        happened=timeline(uow, case.thread_id, asked, sees_amounts=sees_amounts),
        opened_at=case.opened_at,
        conversation=home.id if holds(home, who) else "",
    )


def _refusals(uow: UnitOfWork, asked: list[ProposalRow], *, sees_amounts: bool) -> tuple[str, ...]:
    denied = [row for row in asked if row.state == "denied"]
    if not denied:
        return ()
    from agent.verdicts import without_amounts  # noqa: PLC0415 - it comes with LangChain, which no first page needs

    told = [row.message for one in denied for row in cases.verdicts(uow, one.id)[-1:]]
    words = [one if sees_amounts else without_amounts(one) for one in told]
    return tuple(dict.fromkeys(one for one in words if one))


def _parcel(uow: UnitOfWork, rma: RmaRow, who: Customer) -> Parcel:
    label = rmas.live_label(uow, rma.id)
    to_hand_in = rma.state in _PRINTABLE
    theirs = _is_wholly_theirs(uow, rma, who)
    is_pickup = label is not None and label.service == FREIGHT
    came_back = rma.parcel == ParcelStatus.REFUSED.value
    waits = _cancel_waits(uow, rma)
    open_to_them = theirs and rma.erp_number is not None and can_be_cancelled(RmaState(rma.state))
    return Parcel(
        rma=rma,
        label=label if to_hand_in and not came_back else None,
        is_pickup=is_pickup,
        can_cancel=open_to_them and waits is None,
        can_reprint=theirs and to_hand_in and not is_pickup and label is not None,
        cancel_waits=waits,
    )


def _cancel_waits(uow: UnitOfWork, rma: RmaRow) -> date | None:
    held = {line.proposal_id for line in rmas.rma_lines(uow, rma.id)}
    for row in reviews.reviews_of_case(uow, rma.case_id):
        asks = row.proposal_id in held and row.action == Action.CANCEL_RMA.value
        if asks and row.state in reviews.OPEN_STATES:
            return row.due_at.date()
    return None
