"""What the doors need only once somebody speaks: loaded then, or ahead of it in the background.

LangGraph, the durable engine and the reader's libraries take seconds to import, and no page needs them.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from agent import inbox
from backhaul.settings import Settings
from backhaul.store.conversation import Photo
from backhaul.store.unit_of_work import Store, UnitOfWork
from tools.desk import Desk

if TYPE_CHECKING:
    from agent.reader import Reader
    from agent.turns import Turn
    from backhaul.bootstrap.agent_side import AgentSide
    from backhaul.workflows.durable import DurableClient


class StarterSoon:
    """Starts durable work; the first start loads the engine's client."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._client: DurableClient | None = None

    def start(self, uow: UnitOfWork, *, workflow: str, workflow_id: str, args: Sequence[Any]) -> None:
        """See tools.desk.WorkStarter."""
        self.load().start(uow, workflow=workflow, workflow_id=workflow_id, args=args)

    def send(
        self, uow: UnitOfWork, *, workflow_id: str, topic: str, message: dict[str, Any], key: str
    ) -> None:
        """See tools.desk.WorkStarter."""
        self.load().send(uow, workflow_id=workflow_id, topic=topic, message=message, key=key)

    def load(self) -> DurableClient:
        """The client, now."""
        with self._lock:
            if self._client is None:
                from backhaul.workflows.durable import DurableClient  # noqa: PLC0415 - a second of imports

                self._client = DurableClient(self._store)
            return self._client

    def close(self) -> None:
        """Give the connections back."""
        if self._client is not None:
            self._client.close()


class ConversationSoon:
    """The front of the agent (`agent.conversation.Conversation`). A message is kept without loading it."""

    def __init__(self, settings: Settings, desk: Desk, starter: StarterSoon) -> None:
        self._settings, self._desk, self._starter = settings, desk, starter
        self._lock = threading.Lock()
        self._agent: AgentSide | None = None

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
        """See agent.conversation.Conversation."""
        return self._loaded().conversation.run_pending(thread_id)

    def warm_up(self) -> None:
        """Load the agent, and then its reader, ahead of the first message."""
        self._loaded().conversation.warm_up()

    def reader(self) -> Reader:
        """The agent's reader, for what is read without a conversation."""
        return self._loaded().reader

    def close(self) -> None:
        """Give the connections back."""
        if self._agent is not None:
            self._agent.close()

    def _loaded(self) -> AgentSide:
        with self._lock:
            if self._agent is None:
                from backhaul.bootstrap.agent_side import build_agent  # noqa: PLC0415 - three seconds of imports

                self._starter.load()
                self._agent = build_agent(self._settings, self._desk)
            return self._agent
