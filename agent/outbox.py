"""The rows behind a conversation: what is unanswered, what is unread, and saying something exactly once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from agent import news
from agent.episodes import Episode
from agent.lease import Lease
from agent.state import DraftLine, ReplyOut
from agent.turns import Turn, turn_of
from agent.work import Work, episode_of, look
from backhaul.domain.codes import Action, Resolution
from backhaul.domain.errors import NotFound
from backhaul.domain.news import KINDS
from backhaul.store import cases, conversation, rmas
from backhaul.store.tables import ThreadEventRow
from backhaul.store.unit_of_work import UnitOfWork
from tools.desk import Desk


@dataclass(frozen=True, slots=True)
class Answered:
    """What a turn came to. `read_up_to` is the last event told in it; `ended` starts the next request."""

    said: ReplyOut
    case_id: str | None = None
    consent_id: str | None = None
    read_up_to: int = 0
    ended: bool = False


class Outbox:
    """Reads and writes the rows of conversations for `Conversation`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def take(self, lease: Lease) -> Work | None:
        """Take the turn lock and see what is to be done; `None` when nothing is, or somebody else works."""
        with self._desk.store.begin() as uow:
            work = look(uow, lease.thread_id)
            return work if work is not None and lease.take(uow) else None

    def go_on(self, lease: Lease) -> Work | None:
        """What is left to do; the lock is given back in the same look when nothing is."""
        with self._desk.store.begin() as uow:
            lease.check(uow)
            return _what_is_left(uow, lease)

    def unread(self, thread_id: str) -> Sequence[ThreadEventRow]:
        """News from the worker that was not told yet, oldest first."""
        with self._desk.store.read() as uow:
            row = conversation.thread(uow, thread_id)
            return conversation.events_after(uow, thread_id, row.consumed_event, KINDS)

    def handled(self, thread_id: str) -> int:
        """Number of the last answered message."""
        with self._desk.store.read() as uow:
            return conversation.thread(uow, thread_id).handled_seq

    def episode(self, thread_id: str, *, actor: str = "", name: str = "") -> Episode:
        """The request under way, or the one called `name`, with its speaker."""
        with self._desk.store.read() as uow:
            return episode_of(conversation.thread(uow, thread_id), actor=actor, name=name)

    def next_episode(self, episode: Episode) -> Episode:
        """The request that starts when this one has ended."""
        head, _, number = episode.name.rpartition(":")
        return replace(episode, name=f"{head}:{int(number) + 1}")

    def following(self, thread_id: str, decided: ThreadEventRow) -> list[ThreadEventRow]:
        """Unread news of the same case right after a verdict, up to the first that needs a message of its
        own.
        """
        later = [one for one in self.unread(thread_id) if one.id > decided.id]
        case = decided.payload.get("case_id")
        return list(
            takewhile(lambda one: one.kind in news.TOGETHER and one.payload.get("case_id") == case, later)
        )

    def missing(self, permitted: Sequence[str], following: Sequence[ThreadEventRow]) -> str:
        """What a permit still owes the customer: label, credit, replacement, or nothing."""
        labelled = {one.payload["rma_id"] for one in following if one.kind == "label_ready"}
        replaced = {one.payload["line_id"] for one in following if one.kind in news.REPLACEMENT}
        with self._desk.store.read() as uow:
            held = [cases.proposal(uow, proposal_id) for proposal_id in permitted]
            back = [row for row in held if row.action == Action.CREATE_RMA.value]
            booked = [rmas.rma_of_proposal(uow, row.id) for row in back]
        if any(row is None or row.id not in labelled for row in booked):
            return "label"
        credited = {one.payload["line_id"] for one in following if one.kind == "credit_posted"}
        if any(row.line_id not in credited for row in held if row not in back):
            return "credit"
        wanted = {row.line_id for row in held if row.resolution == Resolution.REPLACEMENT.value}
        return "" if wanted <= replaced else "replacement"

    def say(self, lease: Lease, seq: int, answered: Answered) -> tuple[Turn, Work | None]:
        """Answer a message, once, note everything the answer covers, and see what is left, all in one."""
        with self._desk.store.begin() as uow:
            lease.check(uow)
            self._add(uow, lease.thread_id, f"reply-{seq}", answered)
            row = conversation.thread(uow, lease.thread_id, lock=True)
            row.handled_seq = max(row.handled_seq, seq)
            turn = turn_of(uow, lease.thread_id, seq, answered.said, answered.case_id, answered.consent_id)
            return turn, _what_is_left(uow, lease)

    def tell(self, lease: Lease, key: str, answered: Answered) -> None:
        """Tell news, once."""
        with self._desk.store.begin() as uow:
            lease.check(uow)
            self._add(uow, lease.thread_id, key, answered)

    def skip(self, lease: Lease, event: ThreadEventRow) -> None:
        """Note news as read that needs no words."""
        with self._desk.store.begin() as uow:
            lease.check(uow)
            conversation.thread(uow, lease.thread_id, lock=True).consumed_event = event.id

    def has_label(self, rma_id: str) -> bool:
        """Whether the label of an RMA exists, so that its number need not be announced alone."""
        with self._desk.store.read() as uow:
            return rmas.live_label(uow, rma_id) is not None

    def lines_of(self, event: ThreadEventRow) -> dict[str, DraftLine]:
        """The lines an event speaks of, from the rows: for a bookmark that was lost."""
        found = {}
        with self._desk.store.read() as uow:
            for one in event.payload["proposals"]:
                try:
                    row = cases.return_line(uow, one["line_id"])
                except NotFound:
                    continue
                found[row.id] = DraftLine(
                    line_id=row.id,
                    order_number=row.order_number,
                    line=row.order_line,
                    sku=row.sku,
                    description=row.description,
                    quantity=row.quantity,
                    reason=row.reason,
                    resolution=row.resolution,
                )
        return found

    def _add(self, uow: UnitOfWork, thread_id: str, key: str, answered: Answered) -> None:
        said = answered.said
        conversation.add_message(
            uow,
            self._desk.ids,
            thread_id,
            author="agent",
            body=said["text"],
            meta={**said["meta"], "case_id": answered.case_id},
            dedupe_key=key,
        )
        row = conversation.thread(uow, thread_id, lock=True)
        row.consumed_event = max(row.consumed_event, answered.read_up_to)
        row.episode += 1 if answered.ended else 0


def _what_is_left(uow: UnitOfWork, lease: Lease) -> Work | None:
    """What comes in from now on is answered by whoever brings it: looking and letting go are one."""
    work = look(uow, lease.thread_id)
    if work is None:
        lease.give_back(uow)
    return work
