"""Notes at the desk: what was read of one, marked in its words, and what may be asked for from it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from agent.wording import REASON_WORDS, RESOLUTION_WORDS, per_cent, short
from backhaul.domain.codes import Reason, Resolution
from backhaul.domain.errors import NotFound, PolicyError
from backhaul.domain.money import Money
from backhaul.intake.items import ASKED_HERE, NotedItem, item_from
from backhaul.intake.requesting import How, may_be_asked_for, standing_of
from backhaul.store import conversation as talk
from backhaul.store import notes
from backhaul.store.conversation import Speaker
from backhaul.store.note_tables import NotedItemRow, ServiceNoteRow
from backhaul.store.tables import MessageRow, ReviewRow
from backhaul.store.unit_of_work import UnitOfWork
from tools.eligibility import check_eligibility
from web.highlight import Piece
from web.world import Doors

LACKS = {
    "item": "which article",
    "quantity": "how many",
    "reason": "why",
    "serial": "which serial",
    "received": "what came instead",
    "resolution": "what the customer wants",
}
TECHNICIAN = "technician"
_NAMED = 3
_UNDERMOST = ("reason", "resolution")
"""Whole clauses: what else was read in them is marked within"""


@dataclass(frozen=True, slots=True)
class ItemShown:
    """One thing of a note. `standing` is the state of its proposal, empty while it was not asked for."""

    row: NotedItemRow
    item: NotedItem
    standing: str
    candidates: tuple[tuple[str, str], ...]
    """Order lines that it can mean, with what they are"""
    terms: str
    """What the policy would say to it as it was read; empty while something is missing"""

    @property
    def lacks(self) -> str:
        return ", ".join(LACKS.get(name, name) for name in self.item.lacks)

    @property
    def may_be_asked_for(self) -> bool:
        return may_be_asked_for(self.standing)


@dataclass(frozen=True, slots=True)
class NoteShown:
    """A note on its case page."""

    row: ServiceNoteRow
    author: str
    items: tuple[ItemShown, ...]
    is_its_own: bool
    """The page is about the note itself, not about something that was asked for from it"""
    reasons: tuple[tuple[str, str], ...] = tuple((one.value, REASON_WORDS[one]) for one in Reason)
    wishes: tuple[tuple[str, str], ...] = tuple(
        (one.value, RESOLUTION_WORDS[one]) for one in Resolution if one.value in ASKED_HERE
    )
    ways: tuple[tuple[str, str], ...] = field(
        default=((How.PHONE, "on the telephone"), (How.EMAIL, "by e-mail"), (How.IN_PERSON, "in person"))
    )

    @property
    def was_asked_for(self) -> bool:
        return any(one.standing for one in self.items)

    @property
    def is_open_rma(self) -> bool:
        return self.row.kind == notes.OPEN_RMA

    @property
    def may_be_asked_for(self) -> bool:
        return any(one.may_be_asked_for for one in self.items)


def what_of(uow: UnitOfWork, review: ReviewRow) -> str:
    """What a note is about, for the queue; empty when the review is not a note's own."""
    row = notes.of_case(uow, review.case_id) if review.proposal_id is None else None
    if row is None or row.review_id != review.id:
        return ""
    found = [item_from(one.item) for one in notes.items(uow, row.id)]
    told = [
        f"{one.quantity or '?'} \N{MULTIPLICATION SIGN} {short(one.description) or one.words or 'something'}"
        for one in found
    ]
    more = f" and {len(told) - _NAMED} more" if len(told) > _NAMED else ""
    return ", ".join(told[:_NAMED]) + more or "Service note"


def nobody_reads(uow: UnitOfWork, thread_id: str) -> bool:
    """Whether the conversation is a note: nothing said in it reaches a customer."""
    return talk.thread(uow, thread_id).channel in notes.CHANNELS


def note_shown(uow: UnitOfWork, doors: Doors, review: ReviewRow) -> NoteShown | None:
    """The note that the review's case was opened for, or `None` when it was opened in a conversation."""
    row = notes.of_case(uow, review.case_id)
    if row is None:
        return None
    standing = standing_of(uow, row.case_id)
    author = talk.thread(uow, review.thread_id).contact_name
    speaker = Speaker(row.account_id, author, row.taken_in_by)
    shown = [_item_shown(doors, speaker, one, standing.get(one.id, "")) for one in notes.items(uow, row.id)]
    return NoteShown(row, author, tuple(shown), is_its_own=row.review_id == review.id)


def _item_shown(doors: Doors, speaker: Speaker, row: NotedItemRow, standing: str) -> ItemShown:
    item = item_from(row.item)
    named = item.candidates or ((f"{item.order_number}/{item.line}",) if item.order_number else ())
    candidates = tuple((name, _what_is(doors, name)) for name in named)
    return ItemShown(row, item, standing, candidates, _terms(doors, speaker, item))


def _what_is(doors: Doors, name: str) -> str:
    number, _, line = name.partition("/")
    sold = doors.desk.erp.order_line(number, int(line))
    return f"{sold.quantity_shipped} x {sold.description}" if sold else ""


def _terms(doors: Doors, speaker: Speaker, item: NotedItem) -> str:
    """What the customer has to hear before they agree: the fees, and what the policy would say today."""
    if not item.is_clear:
        return ""
    reason, wish = Reason(item.reason), Resolution(item.resolution)
    try:
        found = check_eligibility(
            doors.desk, speaker, item.order_number, item.line, item.quantity, reason, wish
        )
    except (PolicyError, NotFound):
        return ""
    fee = f"restocking fee {per_cent(found.restocking_basis_points)}" if found.restocking_basis_points else ""
    freight = f"return freight {Money(found.return_freight_minor)}" if found.return_freight_minor else ""
    kept = ", ".join(part for part in (fee, freight) if part)
    said = " ".join(found.messages)
    told = {"deny": f"The policy would refuse it. {said}", "escalate": "A person will decide. "}
    first = told.get(found.outcome, "")
    return " ".join(part for part in (first.strip(), f"Tell them: {kept}." if kept else "") if part)


def marked(message: MessageRow, items: Sequence[NotedItem]) -> tuple[Piece, ...]:
    """The note in pieces, with what was read from each; several things are told apart by their numbers."""
    labels = [""] * len(message.body)
    for start, end, name in _spans(message, items):
        labels[start:end] = [name] * (min(end, len(labels)) - start)
    edges = [at for at, char in enumerate(message.body) if char.isspace() and _is_edge(labels, at)]
    for at in edges:
        labels[at] = ""
    runs = groupby(range(len(labels)), key=labels.__getitem__)
    return tuple(_piece(message.body, name, list(places)) for name, places in runs)


def _is_edge(labels: Sequence[str], at: int) -> bool:
    return labels[max(at - 1, 0)] != labels[at] or labels[min(at + 1, len(labels) - 1)] != labels[at]


def _piece(body: str, name: str, places: Sequence[int]) -> Piece:
    words = body[places[0] : places[-1] + 1]
    return Piece(words, name if any(char.isalnum() for char in words) else "")


def _spans(message: MessageRow, items: Sequence[NotedItem]) -> Iterator[tuple[int, int, str]]:
    """Whole clauses first, then what stands within them, then what is urgent."""
    read = [
        (int(start), int(end), number, str(name))
        for number, item in enumerate(items, start=1)
        for name, places in ((item.said or {}).get("spans") or {}).items()
        for start, end in places
    ]
    shared = Counter((start, end, name) for start, end, _, name in read)
    for start, end, number, name in sorted(read, key=lambda one: one[3] not in _UNDERMOST):
        told = name.replace("_", " ").replace("item words", "item").replace("order ref", "order")
        is_own = len(items) > 1 and shared[start, end, name] == 1
        yield start, end, f"{number} {told}" if is_own else told
    yield from ((start, end, "urgent") for start, end in message.meta.get("urgent", []))
