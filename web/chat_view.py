"""What a customer's page shows of a conversation: words, cards, labels, and where each return stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from backhaul.connectors.ports import FREIGHT
from backhaul.domain.errors import NotFound
from backhaul.domain.receiving import ParcelStatus
from backhaul.domain.returns import ReviewState
from backhaul.store import cases, reviews, rmas
from backhaul.store import conversation as talk
from backhaul.store.effect_tables import LabelRow, RmaRow
from backhaul.store.tables import AttachmentRow, MessageRow, ReturnLineRow, ReviewRow, ThreadRow
from backhaul.store.unit_of_work import UnitOfWork
from web.who import Customer

_TITLE_LENGTH = 56
_MOST_THREADS = 30
STEPS = ("Requested", "Approved", "Label ready", "On its way", "Received")
_STEP_OF_RMA = {
    "authorised": 1,
    "issued": 1,
    "labelled": 2,
    "in_transit": 3,
    "received": 4,
    "closed": 4,
}
_PARCEL_WORDS = {
    "dropped_off": "The carrier has the parcel",
    "exception": "The carrier reports a delay; the parcel is on its way to us",
    "delivered": "The parcel has arrived and is not yet checked in",
}


@dataclass(frozen=True, slots=True)
class ThreadItem:
    """One conversation in the list."""

    thread_id: str
    title: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message with what is shown beside its words."""

    seq: int
    author: str
    paragraphs: tuple[str, ...]
    at: datetime
    photos: tuple[AttachmentRow, ...]
    meta: Mapping[str, Any]
    open: bool
    """Whether it is the last word, so that its buttons still mean something"""


@dataclass(frozen=True, slots=True)
class LineStatus:
    """Where one line of a request stands."""

    line: ReturnLineRow
    state: str
    """pending, permitted, denied, review, withdrawn, or read_back before anything was agreed"""
    rma: RmaRow | None
    label: LabelRow | None
    review: ReviewRow | None
    replacement: str | None
    step: int | None
    """Index into STEPS, or `None` when the line does not come back"""
    next_words: str
    next_date: date | None


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """Everything the conversation column and the status column show."""

    row: ThreadRow
    bubbles: tuple[Bubble, ...]
    lines: tuple[LineStatus, ...]
    working: bool
    pending: bool
    last_seq: int
    last_event: int


def own_thread(uow: UnitOfWork, thread_id: str, who: Customer) -> ThreadRow:
    """The conversation, if this customer holds it; NotFound otherwise, as if it did not exist."""
    row = talk.thread(uow, thread_id)
    speaker = who.speaker
    mine = (row.account_id, row.opened_by, row.order_scope)
    if mine != (speaker.account_id, speaker.requested_by, speaker.order_scope):
        raise NotFound("conversation", thread_id)
    return row


def own_threads(uow: UnitOfWork, who: Customer) -> list[ThreadItem]:
    """This customer's conversations, newest first."""
    rows = talk.threads_of(uow, who.account_id, opened_by=who.speaker.requested_by)
    return [
        ThreadItem(row.id, _title(uow, row.id), row.created_at)
        for row in rows[:_MOST_THREADS]
        if row.order_scope == who.order_scope
    ]


def _title(uow: UnitOfWork, thread_id: str) -> str:
    said = next((row.body for row in talk.messages(uow, thread_id) if row.author == "customer"), "")
    line = " ".join(said.split())
    return line if len(line) <= _TITLE_LENGTH else f"{line[: _TITLE_LENGTH - 1].rstrip()}…"


def thread_page(uow: UnitOfWork, row: ThreadRow, *, after_seq: int = 0) -> ThreadPage:
    """The conversation after a message, and the status of all its requests."""
    said = talk.messages(uow, row.id)
    lines = tuple(
        status for case in cases.cases_of_thread(uow, row.id) for status in case_status(uow, case.id)
    )
    last_customer = max((item.seq for item in said if item.author == "customer"), default=0)
    newest = talk.events_after(uow, row.id, 0)
    return ThreadPage(
        row=row,
        bubbles=tuple(bubble for bubble in _bubbles(uow, row.id, said) if bubble.seq > after_seq),
        lines=lines,
        working=last_customer > row.handled_seq,
        pending=any(status.state == "pending" for status in lines),
        last_seq=said[-1].seq if said else 0,
        last_event=newest[-1].id if newest else 0,
    )


def _bubbles(uow: UnitOfWork, thread_id: str, said: Sequence[MessageRow]) -> list[Bubble]:
    photos = talk.attachments(uow, thread_id)
    last = said[-1].seq if said else 0
    return [
        Bubble(
            seq=row.seq,
            author=row.author,
            paragraphs=tuple(_paragraphs(row)),
            at=row.created_at,
            photos=tuple(photo for photo in photos if photo.message_id == row.id),
            meta=row.meta,
            open=row.seq == last and row.author != "customer",
        )
        for row in said
    ]


def _paragraphs(row: MessageRow) -> list[str]:
    """The words, without those that the cards beside them say again."""
    read_back = [str(line) for line in (row.meta.get("consent") or {}).get("lines", ())]
    on_cards = {str(words).strip() for words in row.meta.get("on_cards") or ()}
    parts = (part.strip() for part in row.body.split("\n\n"))
    kept = (part for part in parts if part and part not in on_cards)
    return [part for part in kept if not any(line in part for line in read_back)]


def case_status(uow: UnitOfWork, case_id: str) -> list[LineStatus]:
    """Every line of a case with what has become of it."""
    proposals = {row.line_id: row for row in cases.proposals(uow, case_id=case_id)}
    found = []
    for line in cases.lines(uow, case_id):
        proposal = proposals.get(line.id)
        if proposal is None:
            continue
        rma = rmas.rma_of_proposal(uow, proposal.id)
        label = rmas.live_label(uow, rma.id) if rma else None
        review = reviews.review_of_request(uow, proposal)
        replacement = _replacement(uow, rma, line.id)
        step = _step_of(rma) if rma else (0 if proposal.state in {"pending", "review"} else None)
        words, by = _next_step(proposal.state, rma, label, review)
        found.append(LineStatus(line, proposal.state, rma, label, review, replacement, step, words, by))
    return found


def _step_of(rma: RmaRow) -> int | None:
    """What the carrier has delivered is here, though the dock has yet to count it."""
    here = rma.state == "in_transit" and rma.parcel == ParcelStatus.DELIVERED.value
    return _STEP_OF_RMA["received"] if here else _STEP_OF_RMA.get(rma.state)


def _replacement(uow: UnitOfWork, rma: RmaRow | None, line_id: str) -> str | None:
    sent = rmas.replacements(uow, rma.id) if rma else ()
    found = next((row for row in sent if row.line_id == line_id), None)
    return (
        f"Order {found.erp_number} ships {found.ships_on:%a} {found.ships_on.day} {found.ships_on:%b}"
        if found
        else None
    )


def _next_step(
    state: str, rma: RmaRow | None, label: LabelRow | None, review: ReviewRow | None
) -> tuple[str, date | None]:
    """What happens next and by when, from what is recorded; nothing the record does not hold is promised."""
    if rma is not None:
        return _next_of_rma(rma, label)
    if state == "review" and review is not None:
        if review.state == ReviewState.WAITING_FOR_CUSTOMER.value:
            return "Answer our question in the chat", None
        return "A colleague decides by", review.due_at.date()
    return {
        "pending": ("Being decided", None),
        "permitted": ("Your RMA is being issued", None),
        "asked": ("We need one more thing; the question is in the chat", None),
        "denied": ("Not accepted; the reason is in the chat", None),
        "withdrawn": ("Taken back by you", None),
    }.get(state, ("", None))


def _next_of_rma(rma: RmaRow, label: LabelRow | None) -> tuple[str, date | None]:
    if rma.parcel == ParcelStatus.REFUSED.value and rma.state == "labelled":
        return "Our dock did not take the parcel in; ask for a new label here", rma.return_by
    if rma.state == "labelled" and label is not None:
        words = "The driver comes on" if label.service == FREIGHT else "Hand the parcel in by"
        return words, label.ship_by
    return {
        "authorised": ("Your RMA is being issued", None),
        "issued": ("Your label is being made; send the goods by", rma.return_by),
        "in_transit": (_PARCEL_WORDS.get(rma.parcel or "", "The parcel is on its way to us"), None),
        "received": ("We have the goods and are checking them", None),
        "closed": ("Settled", None),
        "cancelled": ("Cancelled; nothing needs to be sent", None),
        "expired": ("Expired; write to us if you still want to send it", None),
    }.get(rma.state, ("", None))


def own_label(uow: UnitOfWork, label_id: str, who: Customer) -> LabelRow:
    """A label of the customer's account, whichever conversation it came from; NotFound otherwise.

    Who proved only one order gets the labels of that order's returns.
    """
    label = rmas.label(uow, label_id)
    if label is not None and rmas.rma(uow, label.rma_id).account_id == who.account_id:
        orders = {line.order_number for line in rmas.rma_lines(uow, label.rma_id)}
        if who.order_scope is None or who.order_scope in orders:
            return label
    raise NotFound("label", label_id)


def own_photo(uow: UnitOfWork, thread_id: str, attachment_id: str) -> AttachmentRow:
    """A photo of this conversation; NotFound otherwise."""
    found = next((row for row in talk.attachments(uow, thread_id) if row.id == attachment_id), None)
    if found is None:
        raise NotFound("photo", attachment_id)
    return found
