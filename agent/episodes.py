"""Running the graph: one bookmark thread for each request of a conversation, resumed once for each event."""

from dataclasses import dataclass
from typing import Any, cast

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.types import Command

from agent.bookmarks import prune
from agent.graph import Graph, build
from agent.reader import Reader, UsesTools
from agent.state import Heard, MessageIn, TurnContext, TurnState
from backhaul.store.conversation import Speaker
from backhaul.store.tables import ThreadEventRow
from tools.desk import Desk
from tools.toolbelt import for_model

_CARRIED = ("draft", "question", "case_id", "consent", "shown", "shown_digest")


@dataclass(frozen=True, slots=True)
class Standing:
    """What a thread allows right now. While a line of it is undecided, nothing new may be proposed on it."""

    may_propose: bool
    review_asks: bool


@dataclass(frozen=True, slots=True)
class Episode:
    """A bookmark thread and the conversation it belongs to."""

    name: str
    thread_id: str
    speaker: Speaker

    @property
    def config(self) -> RunnableConfig:
        """How LangGraph addresses it."""
        return {"configurable": {"thread_id": self.name}}


class Episodes:
    """The graph with its bookmarks."""

    def __init__(self, desk: Desk, reader: Reader, saver: BaseCheckpointSaver[str]) -> None:
        self._desk, self._reader, self._saver = desk, reader, saver
        self._graph: Graph = build(saver)

    def state(self, episode: Episode) -> TurnState:
        """The bookmark; empty when there is none."""
        return cast("TurnState", self._graph.get_state(episode.config).values)

    def waits_for(self, episode: Episode) -> str:
        """`await_verdict`, `await_review`, or empty when the graph has come to its end."""
        return next(iter(self._graph.get_state(episode.config).next), "")

    def hear(self, episode: Episode, message: MessageIn, standing: Standing) -> TurnState:
        """Run one message through the graph, or give back what came of it before the process died."""
        kept = self.state(episode)
        if kept.get("message", {}).get("seq") == message["seq"] and (
            kept.get("spoken") or kept.get("waiting")
        ):
            return kept
        given: TurnState = {
            "message": message,
            "may_propose": standing.may_propose,
            "review_asks": standing.review_asks,
        }
        return self._run(episode, given)

    def resume(self, episode: Episode, event: ThreadEventRow) -> TurnState | None:
        """Hand an event to the bookmark that waits for it; `None` when none does, or the answer it gave
        before.
        """
        kept = self._graph.get_state(episode.config)
        if kept.values.get("news", {}).get("event_id") == event.id:
            return cast("TurnState", kept.values)
        if _WAITS[event.kind] not in kept.next:
            return None
        return self._run(episode, Command(resume={**event.payload, "event_id": event.id}))

    def carry(self, ended: TurnState, episode: Episode) -> None:
        """Take what still lacks evidence along to the request that is open now."""
        if ended.get("draft") and not self.state(episode).get("draft"):
            kept: dict[str, Any] = {name: ended.get(name) for name in _CARRIED}
            self._graph.update_state(episode.config, {**kept, "attempt": 0}, as_node="reply")

    def _reader_for(self, speaker: Speaker) -> Reader:
        if isinstance(self._reader, UsesTools):
            return self._reader.with_tools(for_model(self._desk, speaker))
        return self._reader

    def _run(self, episode: Episode, given: TurnState | Command[Any]) -> TurnState:
        context = TurnContext(
            desk=self._desk,
            reader=self._reader_for(episode.speaker),
            speaker=episode.speaker,
            thread_id=episode.thread_id,
            graph_thread=episode.name,
            heard=Heard(),
        )
        values = self._graph.invoke(given, episode.config, context=context, durability="exit")
        prune(self._saver, episode.name)
        return cast("TurnState", values)


_WAITS = {"group_decided": "await_verdict", "review_decided": "await_review"}
