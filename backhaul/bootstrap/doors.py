"""The web side: a read-only ERP, the agent, no key and no write credential."""

import os
from collections.abc import Callable
from dataclasses import dataclass

from backhaul.bootstrap import outside, releases, stores
from backhaul.bootstrap.policy_shelf import PolicyShelf, policy_folder
from backhaul.bootstrap.soon import ConversationSoon, StarterSoon
from backhaul.bootstrap.teaching import HeadsInUse
from backhaul.settings import Settings
from backhaul.store.unit_of_work import Store, UnitOfWork
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
    conversation: ConversationSoon
    starter: StarterSoon

    def close(self) -> None:
        """Give all connections back."""
        self.conversation.close()
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
        policies=PolicyShelf(policy_folder(settings)).current,
        starter=starter,
        program=_program(settings, store),
    )


def _program(settings: Settings, store: Store) -> Callable[[UnitOfWork], str]:
    """The hash of what this process runs, with the heads that its reader reads with just then."""
    started, heads = releases.program(settings), HeadsInUse(settings, store)
    return lambda uow: started.having_learnt(heads.mark(uow)).hash


def build_web_side(settings: Settings) -> WebSide:
    """Open everything the web process needs at once; the agent is loaded when it is needed."""
    store = stores.open_store(settings, web=True)
    starter = StarterSoon(store)
    desk = build_desk(settings, store, starter)
    return WebSide(settings, store, desk, ConversationSoon(settings, desk, starter), starter)
