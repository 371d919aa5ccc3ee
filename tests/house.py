"""A whole house in one process, for stories: seeded ERP, carrier, store, guard, inline engine, agent."""

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from agent import bookmarks
from agent.conversation import Conversation, Waits
from agent.turns import Turn
from agent.understanding import classifier
from agent.understanding.exemplar import load_exemplars
from agent.understanding.offline import OfflineReader
from agent.understanding.promoted import name_of
from backhaul.bootstrap import stores
from backhaul.bootstrap.agent_side import open_bookmarks
from backhaul.bootstrap.doors import build_desk
from backhaul.bootstrap.policy_shelf import SHIPPED, PolicyShelf
from backhaul.bootstrap.setup import ensure_ready, seed
from backhaul.bootstrap.worker import Replaced, build_world
from backhaul.domain.codes import Condition, Reason, Resolution
from backhaul.domain.returns import ReturnLine
from backhaul.settings import Settings
from backhaul.store import cases, conversation
from backhaul.store.conversation import Photo, Speaker
from backhaul.store.unit_of_work import Store
from backhaul.workflows.inline import InlineEngine
from backhaul.workflows.world import WorkerWorld
from tools import proposals
from tools.desk import Desk
from tools.proposals import Agreed, LineRequest, Submitted

SPEAKER = Speaker("A-1001", "Harbor Mechanical", "contact:C-1001-1")


@dataclass(slots=True)
class House:
    """Handles of a house that runs in this process."""

    settings: Settings
    store: Store
    desk: Desk
    world: WorkerWorld
    engine: InlineEngine
    shelf: PolicyShelf
    _talks: list[Conversation] = field(default_factory=list)
    savers: list[object] = field(default_factory=list)

    def conversation(self) -> Conversation:
        """The agent over this house; made at the first use."""
        if not self._talks:
            saver = open_bookmarks(self.settings)
            self.savers.append(saver)
            reader = OfflineReader(stores.cache_folder(self.settings))
            self._talks.append(Conversation(self.desk, reader, saver, waits=Waits(verdict_seconds=2)))
        return self._talks[0]

    def thread(self, speaker: Speaker = SPEAKER) -> str:
        """A fresh conversation."""
        with self.store.begin() as uow:
            return conversation.open_thread(uow, self.desk.ids, speaker, channel="chat").id

    def say(self, thread_id: str, text: str, *, photos: tuple[Photo, ...] = ()) -> Turn:
        """Say something and get the answer to it."""
        talk = self.conversation()
        talk.post(thread_id, text, photos=photos)
        return talk.run_pending(thread_id)[-1]

    def propose(self, order_number: str, line: int, quantity: int, reason: Reason, **more: Any) -> Submitted:
        """Propose one line as the agent would after a yes; the inline engine decides at once."""
        return propose(self.desk, order_number, line, quantity, reason, **more)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One line of what a customer agrees to send back."""

    order_number: str
    line: int
    quantity: int
    reason: Reason
    resolution: Resolution = Resolution.CREDIT
    serials: tuple[str, ...] = ()
    received_words: str | None = None
    received_sku: str | None = None


def propose(
    desk: Desk,
    order_number: str,
    line: int,
    quantity: int,
    reason: Reason,
    *,
    words: str,
    speaker: Speaker = SPEAKER,
    **more: Any,
) -> Submitted:
    """Store a conversation, the customer's words, the yes and one proposal, and start deciding it."""
    wanted = Wanted(order_number, line, quantity, reason, **more)
    return propose_together(desk, [wanted], words=words, speaker=speaker)


def propose_together(
    desk: Desk, wanted: Sequence[Wanted], *, words: str, speaker: Speaker = SPEAKER
) -> Submitted:
    """The same with several lines in one consent."""
    with desk.store.begin() as uow:
        thread_id = conversation.open_thread(uow, desk.ids, speaker, channel="chat").id
        message = conversation.add_message(uow, desk.ids, thread_id, author="customer", body=words)
        # The agent has answered it: this is what came of it.
        home = conversation.thread(uow, thread_id)
        home.handled_seq = home.last_seq
    lines = [_line(desk, one) for one in wanted]
    agreed = Agreed(
        shown=words,
        digest=cases.consent_digest_of(lines),
        message_id=message.id if message else "",
        graph_thread="",
        attempt=0,
    )
    asked = [
        LineRequest(line, words=words, payload={}, reader="test", confidence_permille=1000) for line in lines
    ]
    return proposals.propose(desk, speaker, thread_id=thread_id, case_id=None, requests=asked, agreed=agreed)


def _line(desk: Desk, wanted: Wanted) -> ReturnLine:
    sold = desk.erp.order_line(wanted.order_number, wanted.line)
    return ReturnLine(
        line_id=desk.ids.new("RL"),
        case_id="",
        order_number=wanted.order_number,
        line=wanted.line,
        sku=sold.sku if sold else "",
        description=sold.description if sold else "",
        quantity=wanted.quantity,
        reason=wanted.reason,
        condition=Condition.NOT_STATED,
        resolution=wanted.resolution,
        serials=wanted.serials,
        received_words=wanted.received_words,
        received_sku=wanted.received_sku,
    )


@pytest.fixture(scope="session")
def seeded_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the demo distributor, seeded once and copied for each house."""
    home = tmp_path_factory.mktemp("seeded")
    ensure_ready(Settings(home=home))
    return home


@pytest.fixture(scope="session")
def reader_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped heads as if they had been trained here, named by the hash of all they depend on."""
    cache = tmp_path_factory.mktemp("reader_cache")
    trained = cache / "reader" / f"{name_of(load_exemplars())}.npz"
    trained.parent.mkdir()
    shutil.copyfile(classifier.SHIPPED, trained)
    return cache


@pytest.fixture
def house(seeded_home: Path, reader_cache: Path, tmp_path: Path, database_url: str) -> Iterator[House]:
    """A house on SQLite, and again on PostgreSQL."""
    yield from open_house(seeded_home, reader_cache, tmp_path, database_url)


@pytest.fixture
def sqlite_house(seeded_home: Path, reader_cache: Path, tmp_path: Path) -> Iterator[House]:
    """A house on SQLite."""
    yield from open_house(seeded_home, reader_cache, tmp_path, "")


def settings_for(seeded_home: Path, reader_cache: Path, tmp_path: Path, url: str) -> Settings:
    """A copy of the seeded home with the reader's trained head in it."""
    home = tmp_path / "home"
    shutil.copytree(seeded_home, home)
    # Linked, not copied: megabytes that nobody writes to, for each of a thousand houses.
    shutil.copytree(reader_cache, home / "cache", dirs_exist_ok=True, copy_function=os.link)
    return Settings(home=home, database_url="" if url.startswith("sqlite") else url)


def open_house(
    seeded_home: Path, reader_cache: Path, tmp_path: Path, url: str, replaced: Replaced | None = None
) -> Iterator[House]:
    """Copy the seeded home and put a house together over it."""
    settings = settings_for(seeded_home, reader_cache, tmp_path, url)
    if settings.database_url:
        seed(settings)
    store = stores.open_store(settings)
    engine = InlineEngine()
    shelf = PolicyShelf(SHIPPED)
    world = build_world(settings, store, shelf, engine, replaced or Replaced())
    engine.world = world
    built = House(settings, store, build_desk(settings, store, engine), world, engine, shelf)
    yield built
    engine.close()
    for saver in built.savers:
        bookmarks.close(saver)  # type: ignore[arg-type]
    store.close()
