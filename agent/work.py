"""What is to be done on a thread: one look, in the transaction that takes or keeps the turn lock."""

from collections.abc import Sequence
from dataclasses import dataclass

from agent.episodes import Episode, Standing
from agent.state import MessageIn
from backhaul.domain.news import KINDS
from backhaul.store import cases, conversation, reviews
from backhaul.store.conversation import Speaker
from backhaul.store.tables import MessageRow, ThreadEventRow, ThreadRow
from backhaul.store.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Task:
    """A message to answer: as the graph takes it, in which request, and what the thread allows just now."""

    message: MessageIn
    episode: Episode
    standing: Standing


@dataclass(frozen=True, slots=True)
class Work:
    """Unread news, which comes first, and the oldest unanswered message."""

    unread: Sequence[ThreadEventRow]
    task: Task | None


def look(uow: UnitOfWork, thread_id: str) -> Work | None:
    """The work of a thread; `None` when nothing is to be done. The thread is locked before it is read."""
    row = conversation.thread(uow, thread_id, lock=True)
    unread = conversation.events_after(uow, thread_id, row.consumed_event, KINDS)
    message = conversation.next_from(uow, thread_id, "customer", after_seq=row.handled_seq)
    if message is None:
        return Work(unread, None) if unread else None
    return Work(unread, _task(uow, row, message))


def episode_of(row: ThreadRow, *, actor: str = "", name: str = "") -> Episode:
    """The request under way, or the one called `name`, with its speaker."""
    speaker = Speaker(row.account_id, row.contact_name, actor or row.opened_by, row.order_scope)
    return Episode(name or f"{row.id}:{row.episode}", row.id, speaker)


def _task(uow: UnitOfWork, row: ThreadRow, message: MessageRow) -> Task:
    actor = str(message.meta.get("actor", ""))
    said: MessageIn = {
        "id": message.id,
        "seq": message.seq,
        "text": message.body,
        "photos": conversation.photo_count(uow, message.id),
        "actor": actor,
    }
    if message.meta.get("picked"):
        said["picked"] = message.meta["picked"]
    return Task(said, episode_of(row, actor=actor), _standing(uow, row.id))


def _standing(uow: UnitOfWork, thread_id: str) -> Standing:
    """Whether something of the thread is undecided, and whether a reviewer waits for an answer."""
    waiting = reviews.open_reviews_of_thread(uow, thread_id)
    held = cases.proposal_states_of_thread(uow, thread_id)
    undecided = any(row.proposal_id for row in waiting) or "pending" in held
    asks = any(reviews.awaits_answer(row) for row in waiting)
    return Standing(may_propose=not undecided, review_asks=asks)
