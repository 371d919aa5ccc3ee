"""Service notes: a technician's words become a case with claims on the desk.

There is nobody to ask, so what the words do not say is left to a person.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from backhaul.domain.clock import today
from backhaul.domain.codes import Reason
from backhaul.domain.money import Money
from backhaul.intake.accounts import Accounts, Named
from backhaul.intake.entering import (
    Outcome,
    Ready,
    State,
    cleaned,
    duplicate,
    enter,
    in_already,
    words_digest,
)
from backhaul.intake.items import NotedItem, item_of, value_of
from backhaul.intake.problems import BadRow
from backhaul.intake.urgency import urgent_words
from backhaul.store import notes
from backhaul.store.conversation import Speaker
from backhaul.store.unit_of_work import UnitOfWork
from tools.desk import Desk

if TYPE_CHECKING:
    from agent.noted import Noted
    from agent.reader import Reader

LONGEST_NOTE = 10_000
LONGEST_FIELD = 200
"""Characters of everything but the note itself"""
_A_DAY = timedelta(days=1)
_NOBODY = "Service note"


@dataclass(frozen=True, slots=True)
class Note:
    """A note as it came: the words, what its record says beside them, and who wrote it when."""

    text: str
    account: str = ""
    contact: str = ""
    order: str = ""
    serial: str = ""
    external_id: str = ""
    author: str = ""
    noted_on: date | None = None

    @property
    def body(self) -> str:
        """The words, with the order and the serial of the record where they do not name them: what is read is
        what the desk sees.
        """
        more = [
            f"{title}: {value}"
            for title, value in (("Order", self.order), ("Serial", self.serial))
            if value and value.casefold() not in self.text.casefold()
        ]
        return "\n".join([self.text, *more])


@dataclass(slots=True)
class NotesIntake:
    """Takes notes in, one by one. `actor` is who sends them: `cli:<user>` or `key:<name>`."""

    desk: Desk
    reader: "Reader"
    actor: str
    accounts: Accounts

    def take(self, note: Note) -> Outcome:
        """Take one note in.

        Raises:
            ConnectorUnavailable: The ERP or the database does not answer; what was taken in before stays in.
        """
        found = self.read(note)
        if isinstance(found, Outcome):
            return found
        with self.desk.store.begin() as uow:
            notes.one_at_a_time(uow)
            return self.enter(uow, found)

    def read(self, note: Note) -> Ready | Outcome:
        """Read a note without entering it; the outcome when it cannot be or need not be."""
        note = _tidy(note)
        try:
            account_id = self._account(note)
        except BadRow as bad:
            return bad_outcome(bad)
        noted_on = note.noted_on or today(self.desk.clock)
        with self.desk.store.read() as uow:
            known = _of_number(uow, note, account_id) or _of_words(uow, note, account_id, noted_on)
        return known or self._read(note, account_id, noted_on)

    def enter(self, uow: UnitOfWork, ready: Ready) -> Outcome:
        """Enter what was read, unless it has come in meanwhile; under the lock of `notes.one_at_a_time`."""
        known = notes.of_number(uow, notes.NOTE, ready.external_id) if ready.external_id else ()
        if known:
            return _again(known[0].account_id, ready.speaker.account_id, ready.external_id) or duplicate(
                known[0], f"number {ready.external_id} was taken in before"
            )
        return in_already(uow, ready) or enter(uow, self.desk, ready)

    def _account(self, note: Note) -> str:
        _checked(note, last_day=today(self.desk.clock) + _A_DAY)
        return self.accounts.of(Named(note.account, note.contact, note.order, note.serial), note.text)

    def _read(self, note: Note, account_id: str, noted_on: date) -> Ready:
        speaker = Speaker(account_id, note.author or _NOBODY, self.actor)
        from agent.noted import read_note  # noqa: PLC0415 - loads what the first page must not wait for

        noted = read_note(self.desk, self.reader, speaker, note.body)
        items = tuple(item_of(thing) for thing in noted.things)
        worth = [value_of(self.desk.erp, item) for item in items]
        recalled = any(item.reason == Reason.RECALL.value for item in items)
        spans = urgent_words(note.body)
        return Ready(
            kind=notes.NOTE,
            speaker=speaker,
            body=note.body,
            author="technician",
            noted_on=noted_on,
            external_id=note.external_id,
            why=_why(noted, items, _lead(note.body, spans, recalled=recalled)),
            items=items,
            value=sum(worth, Money(0)),
            is_urgent=bool(spans) or recalled,
            urgent_words=spans,
            in_scope=noted.claim.in_scope,
        )


def bad_outcome(bad: BadRow) -> Outcome:
    """What is told of a row that cannot be taken in."""
    return Outcome(State.BAD, str(bad), field=bad.field, to_do=bad.to_do)


def _tidy(note: Note) -> Note:
    return Note(
        text=cleaned(note.text),
        account=cleaned(note.account),
        contact=cleaned(note.contact),
        order=cleaned(note.order),
        serial=cleaned(note.serial),
        external_id=cleaned(note.external_id),
        author=cleaned(note.author),
        noted_on=note.noted_on,
    )


def _checked(note: Note, *, last_day: date) -> None:
    if not note.text:
        raise BadRow("the note is empty", field="note", to_do="write what is to come back, or leave it out")
    if len(note.text) > LONGEST_NOTE:
        raise BadRow(
            f"the note has {len(note.text)} characters, and {LONGEST_NOTE} are read",
            field="note",
            to_do="split it, or shorten it to what is to come back",
        )
    for name in ("account", "contact", "order", "serial", "external_id", "author"):
        if len(getattr(note, name)) > LONGEST_FIELD:
            raise BadRow(
                f"{name} has more than {LONGEST_FIELD} characters", field=name, to_do="is it another column?"
            )
    if note.noted_on and note.noted_on > last_day:
        raise BadRow(f"{note.noted_on} is still to come", field="noted_on", to_do="mend the date")


def _of_number(uow: UnitOfWork, note: Note, account_id: str) -> Outcome | None:
    known = notes.of_number(uow, notes.NOTE, note.external_id) if note.external_id else ()
    if not known:
        return None
    if strange := _again(known[0].account_id, account_id, note.external_id):
        return strange
    same = words_digest(note.body) == known[0].words_digest
    differs = "" if same else ", with other words: add what is new to that case"
    return duplicate(known[0], f"number {note.external_id} was taken in before{differs}")


def _again(before: str, now: str, external_id: str) -> Outcome | None:
    """One number for two accounts is no duplicate: one of them is wrong."""
    if before == now:
        return None
    return bad_outcome(
        BadRow(
            f"number {external_id} is in already, for {before}",
            field="external_id",
            to_do="give the note the number it has where it comes from",
        )
    )


def _of_words(uow: UnitOfWork, note: Note, account_id: str, noted_on: date) -> Outcome | None:
    same = notes.of_words(uow, account_id, words_digest(note.body), noted_on)
    return duplicate(same, "the same words were taken in before") if same else None


def _lead(body: str, spans: Sequence[tuple[int, int]], *, recalled: bool) -> str:
    if spans:
        return f"Urgent ({body[slice(*spans[0])]}): service note"
    return "Urgent (recall): service note" if recalled else "Service note"


def _why(noted: "Noted", items: Sequence[NotedItem], lead: str) -> str:
    """What the desk reads first: is it urgent, how much is in it, how much of it is clear."""
    if not noted.claim.in_scope or not items:
        return f"{lead} in which nothing was found to come back"
    count = f"{len(items)} things" if len(items) > 1 else "1 thing"
    unclear = sum(not item.is_clear for item in items)
    if not unclear:
        return f"{lead}, {count}, all clear: the customer has not been asked yet"
    left = "not all of it is clear" if len(items) == 1 else f"{unclear} of them not clear"
    return f"{lead}, {count}, {left}"
