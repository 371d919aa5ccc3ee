"""A worker for as long as a command needs one: nothing is decided or done without it."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import FrameType
from typing import IO, NoReturn

from rich.console import Console

from backhaul.bootstrap.policy_shelf import policy_copy, policy_folder, source_of, source_words
from backhaul.domain.clock import SystemClock
from backhaul.domain.errors import BackhaulError, PolicyError
from backhaul.settings import Settings
from backhaul.store import heartbeat
from backhaul.store.unit_of_work import Store

_BEATS_AT_LEAST_EVERY = timedelta(seconds=5)
"""A worker beats every second; one that was killed shows as living for some seconds more and helps nobody."""
_START_SECONDS = 90
_GRACE_SECONDS = 15
_LOOK_SECONDS = 0.1
_LAST_WORDS = 400
_SIGNALLED = 128
"""What shells add to a signal's number"""

WaitForWorker = Callable[[], None]


@contextmanager
def temporary_worker(store: Store, settings: Settings) -> Iterator[WaitForWorker]:
    """Start a worker on the same home unless one lives, and stop it at the end.

    It starts at once; what is handed out waits until it works, so that the caller can get ready meanwhile.
    Several workers on one home are fine, so a doubtful sign of life means one more.

    Raises:
        PolicyError: It would decide by other policies than the worker that was here before.
    """
    if _beats(store):
        yield _nothing_to_wait_for
        return
    _check_policies(settings)
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "backhaul.cli.main", "worker"],
            env=os.environ,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            start_new_session=True,
        )
        former = signal.signal(signal.SIGTERM, _end)
        try:
            yield lambda: _wait(store, process, errors, settings)
        finally:
            _stop(process)
            signal.signal(signal.SIGTERM, former)


def _check_policies(settings: Settings) -> None:
    """A shell without the settings of the worker must not decide by whatever it happens to find."""
    here, before = source_of(policy_folder(settings)), policy_copy(settings).source()
    if before is not None and before != here:
        mend = f"set BACKHAUL_POLICIES={before}" if before else "leave BACKHAUL_POLICIES empty"
        raise PolicyError(
            f"the worker of this home decides by {source_words(before)}, and here it would be "
            f"{source_words(here)}; {mend}, or start `backhaul worker` to change over"
        )


def _say_by_which_policies(settings: Settings) -> None:
    words = (
        f"no worker runs; one for this command decides by {source_words(source_of(policy_folder(settings)))}"
    )
    Console(stderr=True, highlight=False, soft_wrap=True).print(words, markup=False, style="dim")


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    """Being told to end is no reason to leave a worker behind."""
    raise SystemExit(_SIGNALLED + number)


def _nothing_to_wait_for() -> None:
    """A worker lives already."""


def _beats(store: Store) -> bool:
    """Whether a worker lives that has documents to decide by.

    Raises:
        PolicyError: One lives, and the documents cannot be used.
    """
    since = SystemClock().now() - _BEATS_AT_LEAST_EVERY
    with store.read() as uow:
        alive = [row for row in heartbeat.living(uow) if row.beat_at >= since]
    if alive and all(row.bundle_hash == heartbeat.NO_BUNDLE for row in alive):
        raise PolicyError(f"{alive[0].policy_problem}; nothing is decided until it is mended")
    return bool(alive)


def _wait(store: Store, process: "subprocess.Popen[bytes]", errors: IO[bytes], settings: Settings) -> None:
    _say_by_which_policies(settings)
    deadline = time.monotonic() + _START_SECONDS
    while not _beats(store):
        if process.poll() is not None:
            errors.seek(0)
            said = errors.read().decode(errors="replace").strip()[-_LAST_WORDS:]
            raise BackhaulError(f"the temporary worker ended with status {process.returncode}: {said}")
        if time.monotonic() > deadline:
            raise BackhaulError(f"the temporary worker did not begin within {_START_SECONDS} s; try again")
        time.sleep(_LOOK_SECONDS)


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(_GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
