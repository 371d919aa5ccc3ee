"""What the worker forgets once a day. The audit log and the ledger are never forgotten."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from backhaul.domain.audit import Tag
from backhaul.domain.clock import SystemClock
from backhaul.store import privacy, retention, staff
from backhaul.workflows import durable
from backhaul.workflows.runner import Json
from backhaul.workflows.world import WorkerWorld

DUE = "retention"
_AT_A_TIME = 500
_MOST_ROUNDS = 100
_CATCHES_UP = timedelta(days=31)
"""A worker that stood still for longer than that leaves the bookmarks of those days behind"""


@dataclass(frozen=True, slots=True)
class Kept:
    """How many days each is kept."""

    workflows: int
    """What the engine knows of a workflow after its end, in days of the machine's clock"""
    letters: int
    bookmarks: int
    """The agent's place in a conversation after its last message"""
    words: int
    """Words and photos of a conversation after its last message"""


ForgetBookmarks = Callable[[Sequence[str]], None]
"""Takes the names of conversations with their episode, as the agent keeps its bookmarks under them"""


def retain(world: WorkerWorld, kept: Kept, forget_bookmarks: ForgetBookmarks) -> Json:
    """Forget what is older than it is kept, and write down how much it was."""
    now = world.clock.now()
    with world.store.begin() as uow:
        letters = retention.erase_letters(uow, before=now - timedelta(days=kept.letters))
    with world.store.read() as uow:
        before = now - timedelta(days=kept.bookmarks)
        quiet = retention.quiet_conversations(uow, since=before - _CATCHES_UP, before=before)
    names = [graph_thread(one.id, number) for one in quiet for number in range(1, one.episode + 1)]
    if names:
        forget_bookmarks(names)
    words = forget_words(world, now - timedelta(days=kept.words))
    forgotten = {
        "workflows": _forget_work(kept.workflows),
        "letters": letters,
        "conversations": len(quiet),
        "words": words,
    }
    with world.store.begin() as uow:
        staff.forget_expired(uow, now=SystemClock().now())
        uow.record(Tag.WORK_FORGOTTEN, actor="worker:retention", subject="daily", facts=forgotten)
    return dict(forgotten)


def forget_words(world: WorkerWorld, before: datetime) -> int:
    """Take the words and photos out of conversations that are over; how many those were."""
    with world.store.begin() as uow:
        old = retention.words_to_erase(uow, before=before, at_most=_AT_A_TIME)
        blobs = privacy.erase_words(uow, old, actor="worker:retention", tag=Tag.WORDS_ERASED)
    with world.store.read() as uow:
        privacy.delete_unused(uow, world.blobs, blobs)
    return len(old)


def graph_thread(thread_id: str, episode: int) -> str:
    """The name of an episode's bookmark."""
    return f"{thread_id}:{episode}"


def _forget_work(days: int) -> int:
    """Some at a time, so that nobody waits long for the database."""
    before, forgotten = SystemClock().now() - timedelta(days=days), 0
    for _ in range(_MOST_ROUNDS):
        gone = durable.forget_finished(before=before, at_most=_AT_A_TIME)
        forgotten += gone
        if gone < _AT_A_TIME:
            break
    return forgotten
