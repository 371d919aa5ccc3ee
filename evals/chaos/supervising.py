"""Keeps workers running: whoever dies is started anew at once, as a service manager does."""

import multiprocessing
import os
import signal
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from random import Random

from backhaul.settings import Settings
from evals.chaos import working
from evals.chaos.working import Orders

_GRACE_SECONDS = 30


@dataclass(slots=True)
class Crew:
    """The worker processes of a home, each with orders of its own."""

    settings: Settings
    orders: Sequence[Orders]
    deaths: Counter[str] = field(default_factory=Counter)
    """How workers ended before they were told to: `killed`, or `failed` when it was their own doing"""
    _running: list[ForkServerProcess] = field(default_factory=list)

    def start(self) -> None:
        """Start everybody."""
        self._running = [self._started(one) for one in self.orders]

    def look_after(self) -> None:
        """Start whoever has died anew."""
        for place, one in enumerate(self._running):
            if not one.is_alive():
                one.join()
                self.deaths["killed" if one.exitcode == -signal.SIGKILL else "failed"] += 1
                self._running[place] = self._started(self.orders[place])

    def kill_one(self, drawn: Random) -> None:
        """Kill one of them, whatever it is doing."""
        victim = drawn.choice(self._running)
        if victim.pid is not None and victim.is_alive():
            os.kill(victim.pid, signal.SIGKILL)

    def stop(self) -> None:
        """Tell everybody to stop in good order; who does not is killed."""
        for one in self._running:
            if one.is_alive():
                one.terminate()
        deadline = time.monotonic() + _GRACE_SECONDS
        for one in self._running:
            one.join(max(deadline - time.monotonic(), 0))
            if one.is_alive():
                one.kill()
                one.join()

    def _started(self, orders: Orders) -> ForkServerProcess:
        context = multiprocessing.get_context("forkserver")
        # Imported once for all of them: seconds are spared after each kill.
        context.set_forkserver_preload(["evals.chaos.working"])
        process = context.Process(target=working.work, args=(self.settings, orders))
        process.start()
        return process


@contextmanager
def crew(settings: Settings, orders: Sequence[Orders]) -> Iterator[Crew]:
    """Workers for as long as the block lasts."""
    hands = Crew(settings, orders)
    hands.start()
    try:
        yield hands
    finally:
        hands.stop()
