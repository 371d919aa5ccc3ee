"""News of threads inside this process: one listener wakes open pages and lets the agent answer what came in.

Answers of one thread are given one after the other, whoever asked for them; the agent's own turn lock does
the same between processes.
"""

import asyncio
import threading
from collections import defaultdict
from collections.abc import AsyncIterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic
from weakref import WeakValueDictionary

import structlog

from backhaul.domain.news import KINDS
from backhaul.store import conversation as talk
from backhaul.store import notices
from backhaul.store.news import NewsListener, listen
from web.notices import KINDS as NOTICED
from web.notices import write_letters
from web.numbers import Numbers
from web.world import Doors

log = structlog.get_logger(__name__)

EVERY_THREAD = "*"
"""Topic of the desk's pages, which any thread may concern."""

_ANSWERING_THREADS = 16
_SWEEP_SECONDS = 10
"""How often everything unanswered is looked for again: what another process left, or what failed."""
_LISTEN_SECONDS = 0.06
"""How long a listener waits before it looks whether to stop: closing must not take a noticeable time."""


class _Turn:
    """Held while a thread is answered."""

    def __init__(self) -> None:
        self.lock = threading.Lock()


@dataclass(slots=True)
class Newsroom:
    """Started with the application, stopped with it."""

    doors: Doors
    numbers: Numbers
    _answers: ThreadPoolExecutor = field(init=False)
    _pages: dict[str, set[asyncio.Event]] = field(default_factory=lambda: defaultdict(set))
    _turns: "WeakValueDictionary[str, _Turn]" = field(default_factory=WeakValueDictionary)
    _queued: set[str] = field(default_factory=set)
    _mutex: threading.Lock = field(default_factory=threading.Lock)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _listening: threading.Thread | None = None
    _loop: asyncio.AbstractEventLoop | None = None

    def __post_init__(self) -> None:
        self._answers = ThreadPoolExecutor(_ANSWERING_THREADS, thread_name_prefix="answer")

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin to listen, and answer what came in while nobody did."""
        self._loop = loop
        self._listening = threading.Thread(target=self._listen, name="news", daemon=True)
        self._listening.start()

    def stop(self) -> None:
        """Stop listening; answers under way are finished."""
        self._stopping.set()
        if self._listening is not None:
            self._listening.join()
        self._answers.shutdown(wait=True, cancel_futures=True)
        self._loop = None

    @property
    def stopping(self) -> bool:
        return self._stopping.is_set()

    def answer(self, thread_id: str) -> list[object]:
        """Let the agent answer everything unanswered on a thread; what it said, turn by turn."""
        with self._mutex:
            turn = self._turns.setdefault(thread_id, _Turn())
        with turn.lock:
            turns = list(self.doors.conversation.run_pending(thread_id))
        self.numbers.turns.inc(len(turns))
        return turns

    def answer_later(self, thread_id: str) -> "Future[None] | None":
        """The same on another thread; `None` when it is queued already, or we are closing."""
        with self._mutex:
            if thread_id in self._queued or self.stopping:
                return None
            self._queued.add(thread_id)
            return self._answers.submit(self._answer_queued, thread_id)

    def _answer_queued(self, thread_id: str) -> None:
        with self._mutex:
            # Before answering: what arrives from now on is queued again rather than missed.
            self._queued.discard(thread_id)
        try:
            self.answer(thread_id)
            write_letters(self.doors, thread_id)
        except Exception as error:  # noqa: BLE001 - one thread's failure must not silence the others; the sweep retries
            self.numbers.failed_turns.inc()
            log.error("turn failed", thread=thread_id, kind=type(error).__name__)  # noqa: TRY400 - a trace quotes messages

    @asynccontextmanager
    async def page(self, topic: str) -> AsyncIterator[asyncio.Event]:
        """An event that is set whenever the topic has news, for as long as a page is open."""
        bell = asyncio.Event()
        self._pages[topic].add(bell)
        self.numbers.open_pages.inc()
        try:
            yield bell
        finally:
            self.numbers.open_pages.dec()
            self._pages[topic].discard(bell)
            if not self._pages[topic]:
                del self._pages[topic]

    def _ring(self, thread_id: str) -> None:
        for topic in (thread_id, EVERY_THREAD):
            for bell in self._pages.get(topic, ()):
                bell.set()

    def _listen(self) -> None:
        listener: NewsListener | None = None
        swept_at = float("-inf")
        while not self.stopping:
            try:
                listener = listener or listen(self.doors.desk.store)
                if monotonic() - swept_at > _SWEEP_SECONDS:
                    swept_at = monotonic()
                    self._sweep()
                for thread_id in dict.fromkeys(listener.wait(_LISTEN_SECONDS)):
                    self._heard(thread_id)
            except Exception as error:  # noqa: BLE001 - a database that restarts must not end the news for good
                log.error("news interrupted", kind=type(error).__name__)  # noqa: TRY400 - a trace may quote messages
                listener = None
                self._stopping.wait(_LISTEN_SECONDS)
        if listener is not None:
            listener.close()

    def _heard(self, thread_id: str) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._ring, thread_id)
        with self.doors.desk.store.read() as uow:
            home = talk.thread(uow, thread_id)
            unanswered = talk.events_after(uow, thread_id, home.consumed_event, KINDS)
        if unanswered:
            self.answer_later(thread_id)

    def _sweep(self) -> None:
        with self.doors.desk.store.read() as uow:
            waiting = talk.threads_to_answer(uow, KINDS)
            unwritten = notices.threads_to_write_to(uow, NOTICED)
        for thread_id in dict.fromkeys((*waiting, *unwritten)):
            self.answer_later(thread_id)
