"""Homes to measure in: seeded once, copied for each benchmark, with the reader's head already trained."""

import multiprocessing
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from agent import bookmarks
from agent.conversation import Conversation, Waits
from agent.reader import Reader
from agent.understanding.claim import Claim, PurchasedLine
from agent.understanding.offline import OfflineReader
from backhaul.bootstrap import stores
from backhaul.bootstrap.agent_side import open_bookmarks
from backhaul.bootstrap.doors import build_desk
from backhaul.bootstrap.setup import ensure_ready
from backhaul.domain.errors import BackhaulError
from backhaul.settings import Settings
from backhaul.store import conversation, heartbeat
from backhaul.store.conversation import Speaker
from backhaul.store.unit_of_work import Store
from backhaul.workflows.durable import DurableClient
from tools.desk import Desk

SPEAKER = Speaker("A-1001", "Harbor Mechanical", "contact:C-1001-1")
QUESTIONS = ("I want to return contactors from order SO-15036.", "The contactors CTR-025-024.")
"""Both are answered with a question: which of three kinds, and how many."""
ASKED = "ask"
_START_SECONDS = 60
_GRACE_SECONDS = 15
_LOOK_SECONDS = 0.02


class BenchmarkBroken(BackhaulError):
    """The house did not do what was to be measured, so that a figure would say nothing."""

    code = "benchmark_broken"


@dataclass(slots=True)
class Ground:
    """Where the benchmarks of one run stand. `quick` asks for fewer repetitions, for trying them out."""

    root: Path
    quick: bool
    reader: OfflineReader = field(init=False)
    _homes: int = 0

    def __post_init__(self) -> None:
        self.reader = OfflineReader(self._seeded / "cache")

    def prepare(self) -> None:
        """Seed a home and load the reader: some twenty seconds."""
        ensure_ready(Settings(home=self._seeded))
        self.reader.warm_up()

    def home(self, *, database_url: str = "", port: int = 8000) -> Settings:
        """A fresh seeded home, on SQLite or in an empty PostgreSQL database."""
        self._homes += 1
        folder = self.root / f"home-{self._homes}"
        shutil.copytree(self._seeded, folder)
        settings = Settings(
            home=folder,
            database_url=database_url,
            port=port,
            # A decision that a person has to read would be waited for in vain.
            blind_share_permille=0,
            blind_escalated_permille=0,
        )
        if database_url:
            ensure_ready(settings)
        return settings

    @property
    def _seeded(self) -> Path:
        return self.root / "seeded"


@dataclass(slots=True)
class Tape:
    """Plays claims back that a real reader has given before, so that reading costs nothing.

    A message that was not read before is read now, once; the dry run before the measurement sees to that.
    """

    reader: Reader
    _claims: dict[tuple[str, str | None], Claim] = field(default_factory=dict)

    def read(self, text: str, purchases: Sequence[PurchasedLine], *, expecting: str | None = None) -> Claim:
        """See agent.reader.Reader."""
        kept = self._claims.get((text, expecting))
        if kept is None:
            kept = self._claims[text, expecting] = self.reader.read(text, purchases, expecting=expecting)
        return kept

    def warm_up(self) -> None:
        """Nothing to load."""


@dataclass(frozen=True, slots=True)
class Talk:
    """The web side of a home with a chosen reader."""

    desk: Desk
    conversation: Conversation
    saver: bookmarks.Saver

    def open(self) -> str:
        """A fresh conversation."""
        with self.desk.store.begin() as uow:
            return conversation.open_thread(uow, self.desk.ids, SPEAKER, channel="chat").id

    def ask(self, thread_id: str, words: str) -> str:
        """One turn, from the message being kept to the answer being stored; its outcome."""
        self.conversation.post(thread_id, words)
        turns = self.conversation.run_pending(thread_id)
        return turns[-1].outcome if turns else ""

    def rehearse(self) -> None:
        """See that the questions are answered with questions, before anything is measured."""
        thread_id = self.open()
        for words in QUESTIONS:
            outcome = self.ask(thread_id, words)
            if outcome != ASKED:
                raise BenchmarkBroken(
                    f"{words!r} was answered with {outcome!r}, not with a question; "
                    "choose another message in evals/bench_house.py"
                )


@contextmanager
def open_talk(settings: Settings, reader: Reader) -> Iterator[Talk]:
    """Put the web side together as bootstrap does, around another reader."""
    store = stores.open_store(settings, web=True)
    starter = DurableClient(store)
    desk = build_desk(settings, store, starter)
    saver = open_bookmarks(settings)
    talk = Talk(desk, Conversation(desk, reader, saver, waits=Waits(verdict_seconds=0)), saver)
    try:
        talk.rehearse()
        yield talk
    finally:
        bookmarks.close(saver)
        starter.close()
        store.close()


@contextmanager
def process(name: str, settings: Settings) -> Iterator["subprocess.Popen[bytes]"]:
    """`backhaul web` or `backhaul worker` on a home, for as long as the block lasts."""
    environment = {
        **os.environ,
        "BACKHAUL_HOME": str(settings.home),
        "BACKHAUL_PORT": str(settings.port),
        "BACKHAUL_DATABASE_URL": settings.database_url,
        "BACKHAUL_WEB_DATABASE_URL": settings.web_database_url,
        "BACKHAUL_POLICIES": str(settings.policies or ""),
        "BACKHAUL_RELEASE_CONTROL": settings.release_control or "",
        "BACKHAUL_SMTP_HOST": settings.smtp_host,
        "BACKHAUL_BLIND_SHARE_PERMILLE": str(settings.blind_share_permille),
        "BACKHAUL_BLIND_ESCALATED_PERMILLE": str(settings.blind_escalated_permille),
    }
    running = subprocess.Popen(  # noqa: S603 - our own program, on a folder of our own
        [sys.executable, "-m", "backhaul.cli.main", name],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield running
    finally:
        running.terminate()
        try:
            running.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


def wait_for_worker(store: Store, worker: "subprocess.Popen[bytes]") -> None:
    """Return when the worker has beaten once.

    Raises:
        BenchmarkBroken: It ended, or did not begin within a minute.
    """
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and worker.poll() is None:
        with store.read() as uow:
            if heartbeat.living(uow):
                return
        time.sleep(_LOOK_SECONDS)
    raise BenchmarkBroken(f"the worker did not begin within {_START_SECONDS} s (status {worker.returncode})")


@contextmanager
def in_a_process(deed: Callable[..., None], *args: object, **named: object) -> Iterator[None]:
    """A worker in a process of its own; told to stop in good order at the end."""
    running = multiprocessing.get_context("spawn").Process(target=deed, args=args, kwargs=named)
    running.start()
    try:
        yield
    finally:
        running.terminate()
        running.join(_GRACE_SECONDS)
        if running.is_alive():
            running.kill()
            running.join()
