"""Asking on a customer's behalf for what a note names.

A colleague has spoken with the customer, says with whom and how, and from there on it is a request like any
other: the guard decides it, and where a person has to approve, it is somebody else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from agent.wording import REASON_WORDS, RESOLUTION_WORDS, pieces
from backhaul.domain.audit import Tag
from backhaul.domain.codes import Condition, Reason, Resolution
from backhaul.domain.errors import BadInput, NotFound
from backhaul.domain.orders import Order
from backhaul.domain.returns import ReturnLine
from backhaul.intake.items import ASKED_HERE, NotedItem, item_from
from backhaul.store import cases, conversation, notes, review_leases, reviews
from backhaul.store.conversation import Speaker
from backhaul.store.note_tables import NotedItemRow, ServiceNoteRow
from backhaul.store.unit_of_work import UnitOfWork
from tools import proposals
from tools.desk import Desk
from tools.proposals import Agreed, LineRequest, Submitted
from tools.reads import own_order

REQUESTED = "requested for the customer"
"""Mark of a note's review from which something was asked for; it stays open until a person closes it"""
ITEM = "noted_item"
"""Where the claim of a requested line names the thing of the note it came from"""
_BY_STAFF = "staff"
_CERTAIN_PERMILLE = 1_000
_LIVE = frozenset({"pending", "permitted", "review", "asked"})
"""States of a proposal in which its thing is not asked for a second time"""


class How(StrEnum):
    """How the customer agreed."""

    PHONE = "phone"
    EMAIL = "email"
    IN_PERSON = "in_person"


@dataclass(frozen=True, slots=True)
class Chosen:
    """One thing of a note as it is to be asked for."""

    item_id: str
    order_number: str
    line: int
    quantity: int
    reason: Reason
    resolution: Resolution
    serials: tuple[str, ...] = ()
    received: str = ""
    """For a wrong item: SKU or words of what arrived"""


@dataclass(frozen=True, slots=True)
class Agreement:
    """The customer's yes as a colleague reports it. `staff_id` is who reports."""

    how: How
    with_whom: str
    staff_id: str


def standing_of(uow: UnitOfWork, case_id: str) -> Mapping[str, str]:
    """State of the newest proposal for each thing of a note that was asked for, by the id of the thing."""
    found: dict[str, str] = {}
    for row in cases.proposals(uow, case_id=case_id):
        claim = cases.claim(uow, row.claim_id)
        if claim is not None and ITEM in claim.payload:
            found[str(claim.payload[ITEM])] = row.state
    return found


def may_be_asked_for(state: str) -> bool:
    """Whether a thing in that standing can be asked for: never before, or in vain."""
    return state not in _LIVE


def request(
    desk: Desk, review_id: str, *, version: int, chosen: Sequence[Chosen], by: Agreement
) -> Submitted:
    """Ask for things of a note, in one consent.

    Raises:
        BadInput: Nothing is chosen, a thing was asked for already, or something does not fit the order.
        NotFound: There is no such note or thing, or the order is not the account's.
        StalePage: The review changed since it was shown.
    """
    note, known = _note(desk, review_id)
    speaker = Speaker(note.account_id, by.with_whom, f"staff:{by.staff_id} for {note.account_id}")
    if not chosen:
        raise BadInput("Choose at least one thing to ask for.", field="take")
    words = _words(desk, note)
    asked = [_asked(desk, speaker, known.get(one.item_id), one, words) for one in chosen]
    lines = [one.line for one in asked]
    shown = _shown(lines, by)
    agreed = Agreed(shown, cases.consent_digest_of(lines), "", "", 0)
    proposals.check_request(desk, speaker, asked, agreed)
    with desk.store.begin() as uow:
        row = reviews.at_version(uow, review_id, version, event="a request")
        review_leases.refuse_others(uow, row.id, user_id=by.staff_id)
        standing = standing_of(uow, note.case_id)
        if any(not may_be_asked_for(standing.get(one.item_id, "")) for one in chosen):
            raise BadInput("One of these was asked for already; look at the page again.", field="take")
        message = conversation.add_message(
            uow, desk.ids, row.thread_id, author="reviewer", body=shown, meta={"actor": speaker.requested_by}
        )
        row.marked = REQUESTED
        facts = {"lines": len(lines), "how": by.how.value}
        uow.record(
            Tag.NOTE_REQUESTED,
            actor=f"staff:{by.staff_id}",
            subject=note.id,
            case_id=note.case_id,
            facts=facts,
        )
        told = replace(agreed, message_id=message.id if message else "", graph_thread=f"{row.thread_id}:1")
        return proposals.store_request(uow, desk, speaker, row.thread_id, note.case_id, asked, told)


def _note(desk: Desk, review_id: str) -> tuple[ServiceNoteRow, Mapping[str, NotedItemRow]]:
    with desk.store.read() as uow:
        note = notes.of_case(uow, reviews.review(uow, review_id).case_id)
        if note is None or note.review_id != review_id:
            raise NotFound("service note", review_id)
        return note, {row.id: row for row in notes.items(uow, note.id)}


def _words(desk: Desk, note: ServiceNoteRow) -> str:
    with desk.store.read() as uow:
        said = conversation.messages(uow, cases.case(uow, note.case_id).thread_id)
    return said[0].body


def _asked(desk: Desk, speaker: Speaker, row: NotedItemRow | None, chosen: Chosen, words: str) -> LineRequest:
    if row is None:
        raise NotFound("thing of the note", chosen.item_id)
    item = item_from(row.item)
    line = _line(desk, own_order(desk, speaker, chosen.order_number), item, chosen)
    as_read = item.reason == chosen.reason.value
    return LineRequest(
        line=line,
        words=item.own_words or words,
        payload={**(item.said or {}), ITEM: row.id},
        reader=item.reader if as_read and item.reader else _BY_STAFF,
        confidence_permille=item.reason_permille if as_read else _CERTAIN_PERMILLE,
    )


def _line(desk: Desk, order: Order, item: NotedItem, chosen: Chosen) -> ReturnLine:
    sold = order.line(chosen.line)
    if sold is None:
        raise NotFound("order line", f"{chosen.order_number}/{chosen.line}")
    if not 0 < chosen.quantity <= sold.quantity_shipped:
        told = f"{sold.quantity_shipped} were shipped on {order.number}/{sold.line}"
        raise BadInput(f"{told}: give a number of pieces from 1 to that.", field="quantity")
    if strange := [serial for serial in chosen.serials if serial not in sold.serials]:
        raise BadInput(f"{', '.join(strange)} was not sold on {order.number}/{sold.line}.", field="serials")
    if chosen.resolution.value not in ASKED_HERE:
        raise BadInput(
            "From a note only a credit, a replacement or a repair can be asked for.", field="resolution"
        )
    received = desk.erp.item(chosen.received.upper()) if chosen.received else None
    return ReturnLine(
        line_id=desk.ids.new("RL"),
        case_id="",
        order_number=order.number,
        line=sold.line,
        sku=sold.sku,
        description=sold.description,
        quantity=chosen.quantity,
        reason=chosen.reason,
        condition=Condition(item.condition or Condition.NOT_STATED.value),
        resolution=chosen.resolution,
        serials=chosen.serials,
        received_sku=received.sku if received else None,
        received_words=chosen.received if chosen.received and received is None else None,
    )


_HOW = {How.PHONE: "on the telephone", How.EMAIL: "by e-mail", How.IN_PERSON: "in person"}


def _shown(lines: Sequence[ReturnLine], by: Agreement) -> str:
    told = [
        f"{pieces(line.quantity, line.description)} ({line.sku}) from {line.order_number}/{line.line}"
        + (f", serial {', '.join(line.serials)}" if line.serials else "")
        + f": {REASON_WORDS[line.reason]}. Wanted: {RESOLUTION_WORDS[line.resolution]}."
        for line in lines
    ]
    return "\n".join([f"{by.with_whom} agreed {_HOW[by.how]} to this:", *told])
