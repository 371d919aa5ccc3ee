"""The front of the agent: keep what was said, answer it in order, tell the worker's news once.

Messages are stored at once and answered by whoever holds the turn lock. A turn that fails is answered with
a calm sentence and a person. A bookmark that waits for the worker is resumed under the same lock, once for
each event.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import structlog
from langgraph.checkpoint.base import BaseCheckpointSaver

from agent import inbox, news, replies
from agent.episodes import Episode, Episodes, Ran
from agent.lease import Lease, LeaseLost
from agent.outbox import Answered, Outbox
from agent.phraser import AS_WRITTEN, Phraser
from agent.reader import Reader
from agent.state import ReplyOut, TurnState, reply
from agent.turns import Turn
from agent.verdicts import discreet, group_decided, review_decided
from agent.waiting import POLL_SECONDS, what_follows
from agent.work import Task, Work
from backhaul.domain.news import RESUMES
from backhaul.store.conversation import Photo
from backhaul.store.tables import ThreadEventRow
from tools.desk import Desk
from tools.writes import ask_person

log = structlog.get_logger()

_BEING_DECIDED = (
    "Thank you, your request is in and is being decided. That takes a little longer than usual just now; "
    "the answer "
    "appears here by itself, so you do not need to wait or write again."
)


@dataclass(frozen=True, slots=True)
class Waits:
    """How long a turn waits for the worker, in seconds of machine time.

    `label_seconds` is how much longer it waits after a permit, so that number and label stand in one message.
    """

    verdict_seconds: float
    label_seconds: float = 3.0


class Conversation:
    """Holds conversations for the doors, the terminal and the examination."""

    def __init__(
        self,
        desk: Desk,
        reader: Reader,
        saver: BaseCheckpointSaver[str],
        *,
        waits: Waits,
        phraser: Phraser = AS_WRITTEN,
    ) -> None:
        self._desk, self._reader, self._waits, self._phraser = desk, reader, waits, phraser
        self._episodes = Episodes(desk, reader, saver)
        self._outbox = Outbox(desk)

    def warm_up(self) -> None:
        """Load the reader ahead of the first message."""
        self._reader.warm_up()

    def post(
        self,
        thread_id: str,
        text: str,
        *,
        photos: Sequence[Photo] = (),
        author: str = "customer",
        dedupe_key: str | None = None,
        actor: str | None = None,
        picked: Mapping[str, Any] | None = None,
    ) -> int:
        """See agent.inbox.keep."""
        return inbox.keep(
            self._desk,
            thread_id,
            text,
            photos=photos,
            author=author,
            dedupe_key=dedupe_key,
            actor=actor,
            picked=picked,
        )

    def run_pending(self, thread_id: str) -> list[Turn]:
        """Answer every unanswered message in order and tell unread news; nothing while somebody else does."""
        turns: list[Turn] = []
        lease = Lease(self._desk.store, thread_id)
        work = self._outbox.take(lease)
        if work is not None:
            with lease.held(), suppress(LeaseLost):
                self._do(lease, work, turns)
        return turns

    def _do(self, lease: Lease, work: Work | None, turns: list[Turn]) -> None:
        while work is not None:
            if self._tell_unread(lease, work.unread):
                work = self._outbox.go_on(lease)
            elif work.task is not None:
                lease.renew()
                turn, work = self._answer(lease, work.task)
                turns.append(turn)
            else:
                return

    def _answer(self, lease: Lease, task: Task) -> tuple[Turn, Work | None]:
        try:
            answered = self._converse(lease, task)
        except LeaseLost:
            raise
        except Exception as failure:  # noqa: BLE001 - whatever fails, the customer gets a sentence and a person
            log.error(  # noqa: TRY400 - a traceback would carry the customer's words
                "turn failed",
                thread=lease.thread_id,
                message=task.message["id"],
                error=type(failure).__name__,
            )
            answered = self._calm(lease)
        return self._outbox.say(lease, task.message["seq"], answered)

    def _calm(self, lease: Lease) -> Answered:
        speaker = self._outbox.episode(lease.thread_id).speaker
        asked = ask_person(
            self._desk,
            speaker,
            thread_id=lease.thread_id,
            why="The assistant failed on a message of the customer.",
        )
        return Answered(reply(replies.CALM, "review"), case_id=asked.case_id)

    def _converse(self, lease: Lease, task: Task) -> Answered:
        episode = task.episode
        ran = self._episodes.hear(episode, task.message, task.standing)
        if ran.waits_for == "await_verdict":
            return self._wait_for_verdict(lease, episode, ran.values)
        answered = self._settled(episode, ran)
        told = ran.values.get("news", {}).get("event_id", 0)
        lease.renew()
        said = self._phraser.phrased(answered.said, ran.values, to=episode.speaker.name)
        return replace(answered, said=said, read_up_to=told)

    def _wait_for_verdict(self, lease: Lease, episode: Episode, values: TurnState) -> Answered:
        consent = values["waiting"]["consent_id"]
        event = self._watch(lease, lambda one: one.payload.get("consent_id") == consent)
        resumed = self._episodes.resume(episode, event) if event else None
        if event is None or resumed is None:
            said = reply(_BEING_DECIDED, "pending")
            return Answered(said, case_id=values.get("case_id"), consent_id=consent, ended=True)
        together = what_follows(self._outbox, lease.thread_id, event, seconds=self._waits.label_seconds)
        sees_amounts = episode.speaker.order_scope is None
        words, meta = news.joined_news(together, sees_amounts=sees_amounts)
        answered = self._settled(episode, resumed)
        whole: ReplyOut = {
            "text": replies.joined(answered.said["text"], words),
            "outcome": answered.said["outcome"],
            "meta": {**answered.said["meta"], **meta},
        }
        read = together[-1].id if together else event.id
        return replace(answered, said=whole, consent_id=consent, read_up_to=read)

    def _watch(self, lease: Lease, wanted: Callable[[ThreadEventRow], bool]) -> ThreadEventRow | None:
        """Wait for the verdicts; news that comes before them is told on the way."""
        deadline = time.monotonic() + self._waits.verdict_seconds
        while True:
            for event in self._outbox.unread(lease.thread_id):
                if event.kind == "group_decided" and wanted(event):
                    return event
                self._tell(lease, event)
            if time.monotonic() > deadline:
                return None
            time.sleep(POLL_SECONDS)

    def _settled(self, episode: Episode, ran: Ran) -> Answered:
        values, parked = ran.values, ran.waits_for == "await_review"
        told = bool(values.get("waiting")) and not values.get("draft")
        if parked and values.get("draft"):
            self._episodes.carry(values, self._outbox.next_episode(episode))
        said = values.get("spoken") or reply(replies.NOT_UNDERSTOOD, "help")
        case_id = values.get("case_id") or said["meta"].get("asked_case")
        return Answered(said, case_id=case_id, ended=parked or told)

    def _tell_unread(self, lease: Lease, unread: Sequence[ThreadEventRow]) -> bool:
        """Tell news; False when none of it can be told yet."""
        told = 0
        for event in unread:
            if not self._tell(lease, event):
                break
            told += 1
        return told > 0

    def _tell(self, lease: Lease, event: ThreadEventRow) -> bool:
        """Tell one event; False when it belongs to a message whose answer is still owed."""
        if event.kind in RESUMES:
            return self._resume(lease, event)
        speaker = self._outbox.episode(event.thread_id).speaker
        told = news.tell(event, sees_amounts=speaker.order_scope is None)
        if told is None or (event.kind == "rma_issued" and self._outbox.has_label(event.payload["rma_id"])):
            self._outbox.skip(lease, event)
        else:
            answered = Answered(told.said, case_id=event.payload.get("case_id"), read_up_to=event.id)
            self._outbox.tell(lease, told.key, answered)
        return True

    def _resume(self, lease: Lease, event: ThreadEventRow) -> bool:
        current = self._outbox.episode(lease.thread_id)
        episode = self._outbox.episode(lease.thread_id, name=event.payload["graph_thread"])
        owed = self._episodes.state(episode).get("message", {}).get("seq", 0)
        if episode.name == current.name and owed > self._outbox.handled(lease.thread_id):
            return False
        ran = self._episodes.resume(episode, event)
        values: TurnState = ran.values if ran else {}
        if values.get("draft"):
            self._episodes.carry(values, current)
        said = values.get("spoken") or self._from_rows(event)
        key = (
            f"review-{event.payload['review_id']}-{event.id}"
            if event.kind == "review_decided"
            else f"decided-{event.payload['consent_id']}"
        )
        self._outbox.tell(
            lease, key, Answered(said, case_id=event.payload.get("case_id"), read_up_to=event.id)
        )
        return True

    def _from_rows(self, event: ThreadEventRow) -> ReplyOut:
        """The answer without a bookmark: the rows are the truth."""
        if event.kind == "review_decided":
            return review_decided(event.payload)
        scoped = self._outbox.episode(event.thread_id).speaker.order_scope is not None
        news_told = discreet(event.payload) if scoped else event.payload
        return group_decided(news_told, self._outbox.lines_of(event))
