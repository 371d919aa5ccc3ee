"""The agent over a desk: its reader and the place of its bookmarks. Importing this takes seconds."""

from dataclasses import dataclass

from agent import bookmarks
from agent.conversation import Conversation, Waits
from agent.reader import Reader
from agent.understanding.offline import OfflineReader
from backhaul.bootstrap import stores
from backhaul.settings import Settings
from tools.desk import Desk


@dataclass(frozen=True, slots=True)
class AgentSide:
    """A loaded agent."""

    conversation: Conversation
    reader: Reader
    saver: bookmarks.Saver

    def close(self) -> None:
        """Give the connections back."""
        bookmarks.close(self.saver)


def build_agent(settings: Settings, desk: Desk) -> AgentSide:
    """The agent of the web process."""
    saver = open_bookmarks(settings)
    waits = Waits(verdict_seconds=settings.verdict_wait_seconds)
    reader = build_reader(settings)
    return AgentSide(Conversation(desk, reader, saver, waits=waits), reader, saver)


def build_reader(settings: Settings) -> Reader:
    """The offline reader, with the language model before it when one is configured."""
    offline = OfflineReader(stores.cache_folder(settings))
    if not settings.model_is_on:
        return offline
    from agent.model_reader import ModelReader, ModelSettings  # noqa: PLC0415 - a second of imports few need

    return ModelReader(
        offline,
        ModelSettings(
            api_key=settings.openai_api_key,
            base_url=settings.openai_base_url or None,
            model=settings.model_name,
            timeout_seconds=settings.model_timeout_seconds,
            max_tokens=settings.model_max_tokens,
        ),
    )


def open_bookmarks(settings: Settings) -> bookmarks.Saver:
    """Where the agent keeps its place in a conversation."""
    if settings.database_url:
        return bookmarks.postgres_bookmarks(
            stores.bookmarks_url(settings.web_database_url or settings.database_url)
        )
    return bookmarks.sqlite_bookmarks(settings.checkpoints_path)
