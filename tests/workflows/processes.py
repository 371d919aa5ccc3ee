"""Real processes of Backhaul for tests, on a copy of the seeded home."""

import multiprocessing
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.context import ForkServerContext, ForkServerProcess
from typing import Any, TypeVar

from backhaul.bootstrap import outside, stores
from backhaul.bootstrap.doors import build_desk
from backhaul.bootstrap.setup import ensure_ready
from backhaul.domain.receiving import ParcelEvent
from backhaul.settings import Settings
from backhaul.store import cases, conversation, rmas
from backhaul.store.unit_of_work import Store
from backhaul.workflows.durable import DurableClient
from tests.workflows import crashing_worker
from tools.desk import Desk

PATIENCE_SECONDS = 90
Found = TypeVar("Found")


def fork_server() -> ForkServerContext:
    """Starts real processes that have imported everything already: seconds are spared for each."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.workflows.crashing_worker", "tests.workflows.clients"])
    return context


@contextmanager
def worker(settings: Settings, dies_after: str = "") -> Iterator[ForkServerProcess]:
    """A worker process; at the end it is told to stop. `dies_after` names the call that kills it."""
    started = fork_server().Process(target=crashing_worker.work, args=(settings, dies_after))
    started.start()
    try:
        yield started
    finally:
        if started.is_alive():
            started.terminate()
        started.join(30)
        assert not started.is_alive(), "the worker did not stop"


def killed(started: ForkServerProcess) -> bool:
    """Wait for its death; whether it was by SIGKILL."""
    started.join(PATIENCE_SECONDS)
    return started.exitcode == -signal.SIGKILL


@dataclass(frozen=True, slots=True)
class Outdoors:
    """What a test holds while the worker runs as a process of its own: no guard, no key, no engine."""

    settings: Settings
    store: Store
    desk: Desk
    starter: DurableClient

    def labelled(self, consent_id: str) -> str:
        """Wait until the one proposal of a consent has its label; the RMA's id."""
        return eventually(lambda: self._labelled(consent_id), "a label")

    def _labelled(self, consent_id: str) -> str | None:
        with self.store.read() as uow:
            (proposal,) = cases.proposals(uow, consent_id=consent_id)
            rma = rmas.rma_of_proposal(uow, proposal.id)
            return rma.id if rma is not None and rmas.live_label(uow, rma.id) is not None else None

    def told(self, rma_id: str, kind: str) -> list[Any]:
        """News of a kind about an RMA."""
        with self.store.read() as uow:
            thread = cases.case(uow, rmas.rma(uow, rma_id).case_id).thread_id
            return [one.payload for one in conversation.events_after(uow, thread, 0, [kind])]

    def scans(self, status: str) -> list[ParcelEvent]:
        """Events of a kind at the carrier."""
        carrier = outside.carriers(self.settings, self.store.clock)[0]
        return [event for event in carrier.events() if event.status == status]


@contextmanager
def outdoors(settings: Settings) -> Iterator[Outdoors]:
    """Open the web side's half of a home."""
    ensure_ready(settings)
    store = stores.open_store(settings)
    starter = DurableClient(store)
    try:
        yield Outdoors(settings, store, build_desk(settings, store, starter), starter)
    finally:
        starter.close()
        store.close()


def eventually(look: Callable[[], Found | None], what: str) -> Found:
    """Look again and again until something is there."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"waited {PATIENCE_SECONDS} s for {what}")
