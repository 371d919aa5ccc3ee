"""Who answers in a scenario: the shipped agent, or another one behind the same four words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from agent import bookmarks
from agent.conversation import Conversation, Waits
from agent.reader import Reader
from backhaul.bootstrap.agent_side import open_bookmarks
from backhaul.store import conversation
from backhaul.store.conversation import Photo
from evals.worlds import Stage, reader


@dataclass(frozen=True, slots=True)
class Answer:
    """One message of the desk: how the turn ended, and what it asks for, as the pages read it too."""

    text: str
    outcome: str
    asks_for: str
    read_back: Mapping[str, int] = field(default_factory=dict)
    """Pieces by order line that are about to be requested, where that is what it says"""


class Talk(Protocol):
    """One conversation of an agent."""

    def hear(self, text: str, photos: Sequence[Photo]) -> Sequence[Answer]:
        """Answer a message; everything the desk says, in order."""
        ...

    def news(self) -> Sequence[Answer]:
        """What is told unasked, after others have acted."""
        ...

    def close(self) -> None:
        """Give back what was opened."""
        ...


class OpensTalk(Protocol):
    """Gives an agent its desk for one conversation."""

    def __call__(self, stage: Stage, thread_id: str) -> Talk:
        """The agent, ready to hear."""
        ...


@dataclass(slots=True)
class GraphTalk:
    """The shipped agent over a reader."""

    stage: Stage
    thread_id: str
    conversation: Conversation
    saver: bookmarks.Saver
    _told: int = field(default=0)

    def hear(self, text: str, photos: Sequence[Photo]) -> Sequence[Answer]:
        self.conversation.post(self.thread_id, text, photos=photos)
        return self.news()

    def news(self) -> Sequence[Answer]:
        self.conversation.run_pending(self.thread_id)
        with self.stage.floor.store.read() as uow:
            said = conversation.messages(uow, self.thread_id, after_seq=self._told)
        self._told = max((row.seq for row in said), default=self._told)
        return [
            Answer(
                row.body,
                str(row.meta.get("outcome", "")),
                str(row.meta.get("asks_for", "")),
                {card["order_line"]: card["quantity"] for card in row.meta.get("cards", ())},
            )
            for row in said
            if row.author == "agent"
        ]

    def close(self) -> None:
        bookmarks.close(self.saver)


def open_talk(stage: Stage, thread_id: str) -> Talk:
    """The shipped agent with the offline reader."""
    return talk_with(reader)(stage, thread_id)


def talk_with(read: Callable[[], Reader]) -> OpensTalk:
    """The shipped agent with a reader of one's own."""

    def opened(stage: Stage, thread_id: str) -> Talk:
        saver = open_bookmarks(stage.settings)
        waits = Waits(verdict_seconds=stage.verdict_seconds, label_seconds=0)
        return GraphTalk(stage, thread_id, Conversation(stage.floor.desk, read(), saver, waits=waits), saver)

    return opened
