"""Entering: what was read becomes a conversation that nobody holds, a case, its claims and a review, all in
one transaction. Nothing here asks, decides or tells a customer anything.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from backhaul.domain.audit import Tag
from backhaul.domain.canonical import digest
from backhaul.domain.money import Money
from backhaul.intake.items import NotedItem
from backhaul.store import cases, conversation, notes, review_deadlines, review_order, tasks
from backhaul.store.conversation import Speaker
from backhaul.store.note_tables import NotedItemRow, ServiceNoteRow
from backhaul.store.unit_of_work import UnitOfWork
from tools.desk import Desk
from tools.review_worth import Worth
from tools.reviewed import worth_of_note

URGENT_HOURS = 4
"""By when a person looks at what is urgent"""
_NOT_A_WORD = re.compile(r"[\W_]+")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class State(StrEnum):
    """What became of a row."""

    CREATED = "created"
    DUPLICATE = "duplicate"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one note. `why` is in words; `field` and `to_do` are given for a bad one."""

    state: State
    why: str = ""
    case_id: str = ""
    review_id: str = ""
    account_id: str = ""
    items: int = 0
    clear: int = 0
    urgent: bool = False
    field: str = ""
    to_do: str = ""


@dataclass(frozen=True, slots=True)
class Ready:
    """A note that was read, ready to be entered."""

    kind: str
    speaker: Speaker
    body: str
    author: str
    """Of the message: technician, or system for what was put in words by us"""
    noted_on: date
    external_id: str
    why: str
    items: tuple[NotedItem, ...]
    value: Money
    is_urgent: bool = False
    urgent_words: tuple[tuple[int, int], ...] = ()
    """Where the words say so; a recall may be urgent without one"""
    in_scope: bool = True

    @property
    def words_digest(self) -> str:
        """See `words_digest`."""
        return words_digest(self.body)


def cleaned(text: str) -> str:
    """What somebody typed, as it can be kept on every database: no control characters, plain line ends."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", lines).strip()


def words_digest(body: str) -> str:
    """The same for words that differ in case, spaces or punctuation only."""
    return digest(_NOT_A_WORD.sub(" ", body.casefold()).strip())


def enter(uow: UnitOfWork, desk: Desk, ready: Ready) -> Outcome:
    """Open the case and put it on the desk. Ask before whether it is in already, under the same lock."""
    actor = ready.speaker.requested_by
    thread = conversation.open_thread(uow, desk.ids, ready.speaker, channel=ready.kind)
    meta = {
        "noted_on": ready.noted_on.isoformat(),
        "external_id": ready.external_id,
        "urgent": [list(span) for span in ready.urgent_words],
    }
    conversation.add_message(uow, desk.ids, thread.id, author=ready.author, body=ready.body, meta=meta)
    case = cases.open_case(
        uow, desk.ids, thread_id=thread.id, account_id=ready.speaker.account_id, actor=actor
    )
    weighed = worth_of_note(uow, ready.value)
    worth = replace(weighed, head_start_seconds=_head_start(ready, weighed))
    review = tasks.open_for_person(
        uow,
        desk.ids,
        case_id=case.id,
        thread_id=thread.id,
        why=ready.why,
        due_at=_due(uow, ready),
        actor=actor,
        head_start_seconds=worth.head_start_seconds,
        worth=worth.record(),
        value=ready.value,
    )
    _keep(uow, desk, ready, case.id, review.id)
    return Outcome(
        State.CREATED,
        why=ready.why,
        case_id=case.id,
        review_id=review.id,
        account_id=case.account_id,
        items=len(ready.items),
        clear=sum(item.is_clear for item in ready.items),
        urgent=ready.is_urgent,
    )


def _due(uow: UnitOfWork, ready: Ready) -> datetime:
    """What is urgent does not wait until the desk opens."""
    return uow.clock.now() + timedelta(hours=URGENT_HOURS) if ready.is_urgent else review_deadlines.due(uow)


def _head_start(ready: Ready, worth: Worth) -> int:
    """Danger and standstill first, then what a look at it is worth; what asks for nothing comes last."""
    if ready.is_urgent:
        return review_order.URGENT_HEAD_START_SECONDS
    return worth.head_start_seconds if ready.items and ready.in_scope else 0


def _keep(uow: UnitOfWork, desk: Desk, ready: Ready, case_id: str, review_id: str) -> None:
    note = ServiceNoteRow(
        id=desk.ids.new("SN"),
        kind=ready.kind,
        account_id=ready.speaker.account_id,
        external_id=ready.external_id or None,
        words_digest=ready.words_digest,
        noted_on=ready.noted_on,
        case_id=case_id,
        review_id=review_id,
        taken_in_by=ready.speaker.requested_by,
        taken_in_at=uow.clock.now(),
    )
    uow.session.add(note)
    uow.session.flush()
    _keep_items(uow, desk, note.id, ready.items)
    uow.record(
        Tag.NOTE_TAKEN_IN,
        actor=note.taken_in_by,
        subject=note.id,
        case_id=case_id,
        facts={"kind": note.kind, "items": len(ready.items), "urgent": ready.is_urgent},
    )


def _keep_items(uow: UnitOfWork, desk: Desk, note_id: str, items: Sequence[NotedItem]) -> None:
    for position, item in enumerate(items, start=1):
        uow.session.add(
            NotedItemRow(
                id=desk.ids.new("NI"),
                note_id=note_id,
                position=position,
                order_number=item.order_number or None,
                order_line=item.line or None,
                quantity=item.quantity or None,
                serials=list(item.all_serials),
                item=item.plain(),
                reader=item.reader,
                confidence_permille=item.reason_permille,
            )
        )
    uow.session.flush()


def in_already(uow: UnitOfWork, ready: Ready) -> Outcome | None:
    """The outcome when the same words of the account are in already, or when every thing of it has a serial
    that is under an open return; else `None`.
    """
    if ready.kind != notes.NOTE:
        return None
    account_id = ready.speaker.account_id
    same = notes.of_words(uow, account_id, ready.words_digest, ready.noted_on)
    if same is not None:
        return duplicate(same, "the same words were taken in before")
    if ready.is_urgent:
        # Danger is looked at, whatever return the unit is on already.
        return None
    serials = {serial for item in ready.items for serial in item.all_serials}
    orders = {item.order_number for item in ready.items if item.order_number}
    if not serials:
        return None
    open_cases = notes.cases_of_serials(uow, account_id, serials, orders)
    if any(not item.all_serials or not set(item.all_serials) <= open_cases.keys() for item in ready.items):
        return None
    told = ", ".join(sorted(serials))
    case_id = open_cases[min(serials)]
    return Outcome(
        State.DUPLICATE, f"serial {told} is under an open return", case_id=case_id, account_id=account_id
    )


def duplicate(row: ServiceNoteRow, why: str) -> Outcome:
    """What is in already, with the case it belongs to."""
    return Outcome(
        State.DUPLICATE, why, case_id=row.case_id, review_id=row.review_id, account_id=row.account_id
    )
