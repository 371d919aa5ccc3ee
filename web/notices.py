"""Letters about news of a conversation, for whoever does not have its page open.

Number and label, reminders and refused parcels are written about by the worker; what a person has to answer,
what was decided, and what was made good is written about here. Each event at most once, by its key.
"""

from collections.abc import Sequence

import structlog

from backhaul.connectors.ports import Letter
from backhaul.domain.errors import ConnectorRejected
from backhaul.domain.trade import Contact
from backhaul.store import conversation as talk
from backhaul.store import notices
from backhaul.store.staff import CALL
from backhaul.store.tables import ThreadEventRow, ThreadRow
from web.world import Doors

log = structlog.get_logger(__name__)

SUBJECTS = {
    "review_asked": "We have a question about your return",
    "review_decided": "Your return was decided",
    "review_closed": "An answer to your question",
    "replacement_ordered": "Your replacement is on order",
    "replacement_refused": "About your replacement",
    "exchange_ordered": "Your replacement is on order",
    "repair_ordered": "Your repair is on order",
    "credit_posted": "Your credit is posted",
    "credit_refused": "About your credit",
    "goods_held": "About the goods we received",
    "goods_received": "We have received your goods",
    "rma_cancelled": "Your return is cancelled",
    "rma_cancel_refused": "Your return is still open",
    "rma_expired": "Your return has ended",
}
"""Kinds of news that a letter is written about, with its subject"""
KINDS = tuple(SUBJECTS)


def write_letters(doors: Doors, thread_id: str) -> int:
    """Write about what is new in a conversation; how many letters went out.

    Raises:
        ConnectorUnavailable: The mail server does not answer; the same letters are tried again later.
    """
    with doors.desk.store.read() as uow:
        home = talk.thread(uow, thread_id)
        fresh = talk.events_after(uow, thread_id, home.noticed_event, KINDS)
    if not fresh or home.channel not in notices.CHANNELS:
        return 0
    reader = _reader_of(doors.desk.erp.contacts(home.account_id), home)
    sent = 0
    for event in fresh:
        letter = _letter(doors, home, event, reader) if reader else None
        sent += _is_sent(doors, letter, event) if letter else 0
        with doors.desk.store.begin() as uow:
            notices.written(uow, thread_id, event.id)
    return sent


def _is_sent(doors: Doors, letter: Letter, event: ThreadEventRow) -> bool:
    try:
        doors.notifier.send(letter, key=f"notice-{event.id}")
    except ConnectorRejected:
        log.warning("letter refused", news=event.id, kind=event.kind)
        return False
    return True


def _reader_of(contacts: Sequence[Contact], home: ThreadRow) -> Contact | None:
    """Who asked, or was on the telephone; for a guest with a packing slip the account's first contact."""
    asked = [one for one in contacts if home.opened_by == f"contact:{one.contact_id}"]
    called = [one for one in contacts if home.opened_by.startswith(CALL) and one.name == home.contact_name]
    return next(iter((*asked, *called, *contacts)), None)


def _letter(doors: Doors, home: ThreadRow, event: ThreadEventRow, reader: Contact) -> Letter | None:
    words = _words(event, sees_amounts=home.order_scope is None)
    if not words:
        return None
    number = str(event.payload.get("number") or "")
    subject = f"{SUBJECTS[event.kind]}{f' ({number})' if number else ''}"
    settings = doors.settings
    address = settings.public_url or f"http://{settings.host}:{settings.port}"
    where = f"{address}/chat/{home.id}"
    return Letter(
        reader.email,
        subject,
        f"Hello {reader.name},\n\n{words}\n\nEverything about it, and a place to answer: {where}\n",
    )


def _words(event: ThreadEventRow, *, sees_amounts: bool) -> str:
    """What the conversation says about the event; empty when it says nothing."""
    from agent import news  # noqa: PLC0415 - it comes with LangChain, which no first page needs
    from agent.verdicts import review_decided, without_amounts  # noqa: PLC0415

    if event.kind == "review_decided":
        words = review_decided(event.payload)["text"]
        return words if sees_amounts else without_amounts(words)
    told = news.tell(event, sees_amounts=sees_amounts)
    return told.said["text"] if told else ""
