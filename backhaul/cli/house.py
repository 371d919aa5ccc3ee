"""The web side inside this process, for commands that find no running server or need none."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import structlog

from backhaul.bootstrap.doors import WebSide, build_web_side, silence_telemetry
from backhaul.bootstrap.operator import operator_key
from backhaul.bootstrap.setup import ensure_ready
from backhaul.cli.hands import WaitForWorker, temporary_worker
from backhaul.settings import Settings


@dataclass(frozen=True, slots=True)
class House:
    """A ready home with its web side. Call `wait_for_worker` before anything has to be decided."""

    side: WebSide
    wait_for_worker: WaitForWorker


def keep_stdout_clean() -> None:
    """Log to stderr, and only what went wrong: stdout is the command's answer."""
    structlog.configure(
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
    )
    silence_telemetry()


@contextmanager
def open_side(settings: Settings) -> Iterator[WebSide]:
    """The web side of a home, which is migrated and seeded first when it needs that.

    Raises:
        NotAllowed: This is no demo, and there is no operator key that the user may read.
    """
    operator_key(settings)
    keep_stdout_clean()
    ensure_ready(settings)
    side = build_web_side(settings)
    try:
        yield side
    finally:
        side.close()


@contextmanager
def open_house(settings: Settings) -> Iterator[House]:
    """The web side, and a worker for as long as it is open."""
    with open_side(settings) as side, temporary_worker(side.store, settings) as wait_for_worker:
        yield House(side, wait_for_worker)
