"""The web side: a read-only ERP, the agent, no key and no write credential."""

import os
from dataclasses import dataclass

from agent import bookmarks
from agent.conversation import Conversation, Waits
from agent.reader import Reader
from agent.understanding.offline import OfflineReader
from backhaul.bootstrap import outside, stores
from backhaul.bootstrap.policy_shelf import SHIPPED, PolicyShelf
from backhaul.settings import Settings
from backhaul.store.unit_of_work import Store
from backhaul.workflows.durable import DurableClient
from tools.desk import Desk, WorkStarter


def silence_telemetry() -> None:
    """Nothing about conversations leaves the machine by itself, whatever the environment says."""
    os.environ["LANGSMITH_TRACING"] = "false"
    os.environ["LANGCHAIN_TRACING_V2"] = "false"
    os.environ["LANGGRAPH_STRICT_MSGPACK"] = "true"
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    os.environ["TOKENIZERS_PARALLELISM"] = "false"


@dataclass(frozen=True, slots=True)
class WebSide:
    """What the doors and the terminal chat are built from."""

    settings: Settings
    store: Store
    desk: Desk
    conversation: Conversation
    saver: bookmarks.Saver
    starter: DurableClient

    def close(self) -> None:
        """Give all connections back."""
        bookmarks.close(self.saver)
        self.starter.close()
        self.store.close()


def build_desk(settings: Settings, store: Store, starter: WorkStarter) -> Desk:
    """The world of the agent's verbs."""
    return Desk(
        store=store,
        erp=outside.erp_reads(settings),
        clock=store.clock,
        ids=stores.ids(),
        blobs=stores.blob_store(settings),
        policies=PolicyShelf(SHIPPED).current,
        starter=starter,
    )


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


def build_web_side(settings: Settings) -> WebSide:
    """Open everything the web process needs."""
    store = stores.open_store(settings, web=True)
    starter = DurableClient(store)
    desk = build_desk(settings, store, starter)
    saver = open_bookmarks(settings)
    conversation = Conversation(
        desk, build_reader(settings), saver, waits=Waits(verdict_seconds=settings.verdict_wait_seconds)
    )
    return WebSide(settings, store, desk, conversation, saver, starter)
