"""Backhaul as its own two processes, and a hand in its books, for tests in a real browser."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from backhaul.bootstrap import stores
from backhaul.bootstrap.doors import build_desk
from backhaul.connectors.ports import ErpReads
from backhaul.settings import Settings
from backhaul.store.unit_of_work import Store
from backhaul.workflows.durable import DurableClient
from tools.desk import Desk

ANSWER_MS = 60_000
"""Longest wait for a page to say something; a loaded machine takes its time."""
_READY_SECONDS = 60


@contextmanager
def running(home: Path) -> Iterator[str]:
    """A fresh Backhaul of its own on a free port, without returns, ended with the tests; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    chosen = {"HOME": str(home), "PORT": str(port), "DEMO": "1", "DEMO_STAGES": "0"}
    environment = {**os.environ, **{f"BACKHAUL_{name}": value for name, value in chosen.items()}}
    environment.pop("OPENAI_API_KEY", None)
    command = [sys.executable, "-m", "backhaul.cli.main", "up"]
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_until_ready(address, process)
            yield address
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)


def _wait_until_ready(address: str, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + _READY_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            with urlopen(f"{address}/readyz", timeout=2):  # noqa: S310 - our own address
                return
        except (HTTPError, URLError, TimeoutError):
            time.sleep(0.2)
    raise AssertionError("Backhaul did not become ready")


@dataclass(frozen=True, slots=True)
class Books:
    """What a running house has written down, read and begun from beside it."""

    address: str
    settings: Settings
    store: Store
    desk: Desk

    @property
    def erp(self) -> ErpReads:
        return self.desk.erp


@contextmanager
def books_of(home: Path, address: str) -> Iterator[Books]:
    """The books of a house that runs on this home."""
    settings = Settings(home=home)
    store = stores.open_store(settings)
    starter = DurableClient(store)
    desk = build_desk(settings, store, starter)
    yield Books(address, settings, store, desk)
    starter.close()
    desk.erp.close()  # type: ignore[attr-defined]
    store.close()
