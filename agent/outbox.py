"""The rows behind a conversation: what is unanswered, what is unread, and saying something exactly once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from agent import news
from agent.episodes import Episode, Standing
from agent.lease import Lease
from agent.state import DraftLine, MessageIn, ReplyOut
from agent.turns import Turn, turn_of
from backhaul.domain.codes import Resolution
from backhaul.domain.errors import NotFound
from backhaul.store import cases, conversation, reviews, rmas
from backhaul.store.conversation import Speaker
from backhaul.store.tables import MessageRow, ThreadEventRow, ThreadRow
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

    def has_work(self, thread_id: str) -> bool:
        """Whether a message is unanswered or news is unread."""
        return self.next_message(thread_id) is not None or bool(self.unread(thread_id))

    def unread(self, thread_id: str) -> Sequence[ThreadEventRow]:
        """News from the worker that was not told yet, oldest first."""
        with self._desk.store.read() as uow:
            row = conversation.thread(uow, thread_id)
            return conversation.events_after(uow, thread_id, row.consumed_event, news.KINDS)

    def next_message(self, thread_id: str) -> MessageRow | None:
        """The oldest unanswered message of the customer."""
        with self._desk.store.read() as uow:
            row = conversation.thread(uow, thread_id)
            said = conversation.messages(uow, thread_id, after_seq=row.handled_seq)
        return next((message for message in said if message.author == "customer"), None)

    def handled(self, thread_id: str) -> int:
        """Number of the last answered message."""
        with self._desk.store.read() as uow:
            return conversation.thread(uow, thread_id).handled_seq

    def episode(self, thread_id: str, *, actor: str = "", name: str = "") -> Episode:
        """The request under way, or the one called `name`, with its speaker."""
        with self._desk.store.read() as uow:
            row = conversation.thread(uow, thread_id)
        return Episode(name or f"{row.id}:{row.episode}", row.id, _speaker(row, actor))

    def standing(self, thread_id: str) -> Standing:
        """Whether something of the thread is undecided, and whether a reviewer waits for an answer."""
        with self._desk.store.read() as uow:
            waiting = reviews.open_reviews_of_thread(uow, thread_id)
            held = [
                row
                for case in cases.cases_of_thread(uow, thread_id)
                for row in cases.proposals(uow, case_id=case.id)
            ]
        undecided = any(row.proposal_id for row in waiting) or any(row.state == "pending" for row in held)
        asks = any(reviews.awaits_answer(row) for row in waiting)
        return Standing(may_propose=not undecided, review_asks=asks)

    def message_in(self, message: MessageRow) -> MessageIn:
        """The message as the graph takes it."""
        with self._desk.store.read() as uow:
            files = conversation.attachments(uow, message.thread_id)
        return {
            "id": message.id,
            "seq": message.seq,
            "text": message.body,
            "photos": sum(row.message_id == message.id for row in files),
            "actor": str(message.meta.get("actor", "")),
        }

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
        """What a permit still owes the customer: label, replacement, or nothing."""
        labelled = {one.payload["rma_id"] for one in following if one.kind == "label_ready"}
        replaced = {one.payload["line_id"] for one in following if one.kind in news.REPLACEMENT}
        with self._desk.store.read() as uow:
            booked = [rmas.rma_of_proposal(uow, proposal_id) for proposal_id in permitted]
            held = [cases.proposal(uow, proposal_id) for proposal_id in permitted]
        if any(row is None or row.id not in labelled for row in booked):
            return "label"
        wanted = {row.line_id for row in held if row.resolution == Resolution.REPLACEMENT.value}
        return "" if wanted <= replaced else "replacement"

    def working(self, lease: Lease, *, on: bool) -> None:
        """Tell the listeners that an answer is being written."""
        with self._desk.store.begin() as uow:
            lease.check(uow)
            conversation.append_event(uow, lease.thread_id, "working", {"on": on})

    def say(self, lease: Lease, message: MessageRow, answered: Answered) -> Turn:
        """Answer a message, once, and note everything the answer covers in the same transaction."""
        with self._desk.store.begin() as uow:
            lease.check(uow)
            self._add(uow, lease.thread_id, f"reply-{message.seq}", answered)
            row = conversation.thread(uow, lease.thread_id, lock=True)
            row.handled_seq = max(row.handled_seq, message.seq)
            conversation.append_event(uow, lease.thread_id, "working", {"on": False})
            return turn_of(
                uow, lease.thread_id, message.seq, answered.said, answered.case_id, answered.consent_id
            )

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


def _speaker(row: ThreadRow, actor: str) -> Speaker:
    return Speaker(row.account_id, row.contact_name, actor or row.opened_by, row.order_scope)
