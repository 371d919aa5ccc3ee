"""Many customers at once, in one web process: turns a second, and how long a turn takes then."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from agent.reader import Reader
from backhaul.settings import Settings
from evals.bench_figures import Figure, Row, middle, percentile
from evals.bench_house import ASKED, QUESTIONS, Ground, Talk, Tape, open_talk
from evals.bench_postgres import empty_database, postgres_server

_CONVERSATIONS = (1, 10, 50)
_SECONDS, _QUICK_SECONDS = 6.0, 2.0
_MILLI = 1_000.0


@dataclass(slots=True)
class _Tally:
    """What the conversations of one measurement came to.

    `failed` turns ended in an error, or were answered with something else than a question.
    """

    seconds: float = 0.0
    taken: list[float] = field(default_factory=list)
    failed: int = 0
    errors: set[str] = field(default_factory=set)

    @property
    def per_second(self) -> float:
        """Answered turns."""
        return len(self.taken) / self.seconds


def measure(ground: Ground) -> Iterator[Row]:
    """Questions only, with a played-back claim (what the house itself can do) and with the offline reader.

    Each conversation runs on a thread of its own and begins anew after two turns. A time holds the whole
    turn, from keeping the message to the stored answer.
    """
    yield from _on("SQLite", ground, ground.home(), "fsync on")
    with postgres_server() as (server, remark), empty_database(server) as url:
        yield from _on("PostgreSQL", ground, ground.home(database_url=url), remark)


def _on(database: str, ground: Ground, settings: Settings, remark: str) -> Iterator[Row]:
    readers: tuple[tuple[str, Reader], ...] = (
        ("no reader", Tape(ground.reader)),
        ("with reader", ground.reader),
    )
    for title, reader in readers:
        with open_talk(settings, reader) as talk:
            alone = 0.0
            for count in _CONVERSATIONS:
                tally = _run(talk, count, _QUICK_SECONDS if ground.quick else _SECONDS)
                alone = alone or tally.per_second
                yield _row(f"chat, {database}, {title}, {count} at once", tally, alone, remark)


def _row(name: str, tally: _Tally, alone: float, remark: str) -> Row:
    failures = (f"{tally.failed} TURNS FAILED {' '.join(sorted(tally.errors))}",) if tally.failed else ()
    figures = [Figure("", tally.per_second, "turns/s")]
    if tally.taken:
        figures += [
            Figure("p50", middle(tally.taken), "ms", 0),
            Figure("p99", percentile(tally.taken, 99), "ms", 0),
        ]
    return Row(
        name,
        tuple(figures),
        ratio=Figure("throughput / one alone", tally.per_second / alone, "x", 2),
        remarks=(f"{len(tally.taken)} turns", remark, *failures),
    )


def _run(talk: Talk, count: int, seconds: float) -> _Tally:
    """Let so many conversations go on for a while; the turn under way at the end is finished and counted."""
    tally = _Tally()
    lock = threading.Lock()
    began = time.perf_counter()
    enough = began + seconds

    def one(words: str, thread_id: str) -> None:
        start = time.perf_counter()
        outcome = talk.ask(thread_id, words)
        with lock:
            if outcome == ASKED:
                tally.taken.append((time.perf_counter() - start) * _MILLI)
            else:
                tally.failed += 1

    def customer() -> None:
        while time.perf_counter() < enough:
            try:
                thread_id = talk.open()
                for words in QUESTIONS:
                    one(words, thread_id)
            except Exception as error:  # noqa: BLE001 - an overloaded house is a finding, not the end of the run
                with lock:
                    tally.failed += 1
                    tally.errors.add(type(error).__name__)

    _together(count, customer)
    tally.seconds = time.perf_counter() - began
    return tally


def _together(count: int, deed: Callable[[], None]) -> None:
    threads = [threading.Thread(target=deed) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
