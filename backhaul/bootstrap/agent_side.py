"""The agent over a desk: its reader and the place of its bookmarks. Importing this takes seconds."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent import bookmarks
from agent.conversation import Conversation, Waits
from agent.phraser import AS_WRITTEN, Phraser
from agent.reader import Reader
from agent.understanding.offline import OfflineReader
from agent.understanding.promoted import Promoted
from backhaul.bootstrap import stores
from backhaul.bootstrap.teaching import HeadsInUse
from backhaul.settings import Settings
from tools.desk import Desk

if TYPE_CHECKING:
    from agent.model_calls import ModelSettings


@dataclass(frozen=True, slots=True)
class AgentSide:
    """A loaded agent."""

    conversation: Conversation
    saver: bookmarks.Saver

    def close(self) -> None:
        """Give the connections back."""
        bookmarks.close(self.saver)


def build_agent(settings: Settings, desk: Desk) -> AgentSide:
    """The agent of the web process."""
    saver = open_bookmarks(settings)
    waits = Waits(verdict_seconds=settings.verdict_wait_seconds)
    reader = build_reader(settings, HeadsInUse(settings, desk.store))
    talk = Conversation(desk, reader, saver, waits=waits, phraser=build_phraser(settings))
    return AgentSide(talk, saver)


def build_reader(settings: Settings, heads: Callable[[], Promoted | None]) -> Reader:
    """The offline reader, with the language model before it when one is configured."""
    offline = OfflineReader(stores.cache_folder(settings), heads)
    if not settings.model_is_on:
        return offline
    from agent.model_reader import ModelReader  # noqa: PLC0415 - a second of imports few need

    return ModelReader(offline, _model_settings(settings))


def build_phraser(settings: Settings) -> Phraser:
    """A language model words questions anew where one is configured and not told to leave it."""
    if not (settings.model_is_on and settings.model_phrases):
        return AS_WRITTEN
    from agent.phrasing import ModelPhraser  # noqa: PLC0415 - as above

    return ModelPhraser(_model_settings(settings))


def _model_settings(settings: Settings) -> "ModelSettings":
    from agent.model_calls import ModelSettings  # noqa: PLC0415 - as above

    return ModelSettings(
        api_key=settings.openai_api_key,
        base_url=settings.openai_base_url or None,
        model=settings.model_name,
        timeout_seconds=settings.model_timeout_seconds,
        max_tokens=settings.model_max_tokens,
    )


def open_bookmarks(settings: Settings) -> bookmarks.Saver:
    """Where the agent keeps its place in a conversation."""
    if settings.database_url:
        return bookmarks.postgres_bookmarks(
            stores.bookmarks_url(settings.web_database_url or settings.database_url)
        )
    return bookmarks.sqlite_bookmarks(settings.checkpoints_path)
