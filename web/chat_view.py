"""What a customer's page shows of a conversation: words, cards, labels and photos."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backhaul.domain.errors import NotFound
from backhaul.store import cases, own_returns, rmas
from backhaul.store import conversation as talk
from backhaul.store.effect_tables import LabelRow
from backhaul.store.own_returns import CALLS
from backhaul.store.tables import AttachmentRow, MessageRow, ThreadRow
from backhaul.store.unit_of_work import UnitOfWork
from web.chat_status import LineStatus, case_status
from web.who import Customer

_TITLE_LENGTH = 56
_MOST_THREADS = 30


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
    if not holds(row, who):
        raise NotFound("conversation", thread_id)
    return row


def holds(row: ThreadRow, who: Customer) -> bool:
    """Whether this customer holds the conversation, with just the sight they have now.

    What a colleague wrote down for somebody on the telephone is that person's as well.
    """
    speaker = who.speaker
    mine = (row.account_id, row.opened_by, row.order_scope)
    called = row.channel == CALLS and who.order_scope is None and row.contact_name == who.name
    return mine == (speaker.account_id, speaker.requested_by, speaker.order_scope) or (
        called and row.account_id == who.account_id
    )


def own_threads(uow: UnitOfWork, who: Customer) -> list[ThreadItem]:
    """This customer's conversations, newest first."""
    own = talk.threads_of(uow, who.account_id, opened_by=who.speaker.requested_by)
    calls = own_returns.calls_of(uow, who.account_id, who.name) if who.order_scope is None else ()
    rows = {row.id: row for row in (*own, *calls) if row.order_scope == who.order_scope}
    newest = sorted(rows.values(), key=lambda row: row.created_at, reverse=True)
    return [ThreadItem(row.id, _title(uow, row.id), row.created_at) for row in newest[:_MOST_THREADS]]


def _title(uow: UnitOfWork, thread_id: str) -> str:
    said = next((row.body for row in talk.messages(uow, thread_id) if row.author == "customer"), "")
    line = " ".join(said.split())
    return line if len(line) <= _TITLE_LENGTH else f"{line[: _TITLE_LENGTH - 1].rstrip()}…"


def thread_page(uow: UnitOfWork, row: ThreadRow, *, after_seq: int = 0) -> ThreadPage:
    """The conversation after a message, and the status of all its requests."""
    said = talk.messages(uow, row.id)
    sees_amounts = row.order_scope is None
    lines = tuple(
        status
        for case in cases.cases_of_thread(uow, row.id)
        for status in case_status(uow, case.id, sees_amounts=sees_amounts)
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
