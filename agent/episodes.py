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


@dataclass(frozen=True, slots=True)
class Ran:
    """How far the graph came. `waits_for` is `await_verdict`, `await_review`, or empty at its end."""

    values: TurnState
    waits_for: str


class Episodes:
    """The graph with its bookmarks."""

    def __init__(self, desk: Desk, reader: Reader, saver: BaseCheckpointSaver[str]) -> None:
        self._desk, self._reader, self._saver = desk, reader, saver
        self._graph: Graph = build(saver)

    def state(self, episode: Episode) -> TurnState:
        """The bookmark; empty when there is none."""
        # As it was stored: LangGraph's own view also plans the next step, which takes longer than reading.
        kept = self._saver.get_tuple(episode.config)
        return cast("TurnState", kept.checkpoint["channel_values"] if kept else {})

    def hear(self, episode: Episode, message: MessageIn, standing: Standing) -> Ran:
        """Run one message through the graph, or give back what came of it before the process died."""
        kept = self.state(episode)
        if kept.get("message", {}).get("seq") == message["seq"] and (
            kept.get("spoken") or kept.get("waiting")
        ):
            return Ran(kept, next(iter(self._graph.get_state(episode.config).next), ""))
        given: TurnState = {
            "message": message,
            "may_propose": standing.may_propose,
            "review_asks": standing.review_asks,
        }
        return self._run(episode, given, first=not kept)

    def resume(self, episode: Episode, event: ThreadEventRow) -> Ran | None:
        """Hand an event to the bookmark that waits for it; `None` when none does, or the answer it gave
        before.
        """
        kept = self._graph.get_state(episode.config)
        if kept.values.get("news", {}).get("event_id") == event.id:
            return Ran(cast("TurnState", kept.values), next(iter(kept.next), ""))
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

    def _run(self, episode: Episode, given: TurnState | Command[Any], *, first: bool = False) -> Ran:
        context = TurnContext(
            desk=self._desk,
            reader=self._reader_for(episode.speaker),
            speaker=episode.speaker,
            thread_id=episode.thread_id,
            graph_thread=episode.name,
            heard=Heard(),
        )
        values = self._graph.invoke(given, episode.config, context=context, durability="exit")
        if not first:
            prune(self._saver, episode.name)
        held = values.pop(_INTERRUPTED, ())
        waits_for = next((_WAITS[one.value["waits_for"]] for one in held), "")
        return Ran(cast("TurnState", values), waits_for)


_INTERRUPTED = "__interrupt__"
"""Where LangGraph puts what the nodes that wait have said."""

_WAITS = {"group_decided": "await_verdict", "review_decided": "await_review"}
