"""What the doors print about people: nothing, also when something breaks."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from backhaul.store import staff
from web.app import create_app
from web.shield import form_token
from web.who import LASTS, machine_now, session_id_of

PRIVATE = "Dana Whitfield, dana@harbor.example, 5 Wharf Road"
SECRET = "cookie-of-the-tests"


class BrokenAgent:
    """Fails on every message, quoting it, as a database driver or a parser may."""

    def post(self, _thread_id: str, text: str, **_more: object) -> int:
        raise RuntimeError(f"cannot keep {text!r}")

    def run_pending(self, _thread_id: str) -> list[object]:
        return []

    def warm_up(self) -> None:
        """Nothing to load."""


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))
        serving = threading.Thread(target=server.run, args=([listening],))
        serving.start()
        while not server.started and serving.is_alive():
            time.sleep(0.02)
        assert server.started
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        serving.join()


def test_a_failure_is_logged_with_its_place_and_without_the_words_it_failed_on(
    house: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    dana = staff.Claimant("customer", "C-1001-1", PRIVATE, "A-1001")
    with house.store.begin() as uow:
        staff.open_session(
            uow, dana, session_id=session_id_of(SECRET), now=machine_now(), lasts=LASTS["customer"]
        )

    with served(create_app(replace(house.doors, conversation=BrokenAgent()))) as address:
        answer = httpx.post(
            f"{address}/chat",
            data={"token": form_token(SECRET), "text": f"I am {PRIVATE}"},
            headers={"cookie": f"backhaul_customer={SECRET}"},
        )

    printed = "".join(capfd.readouterr())
    assert answer.status_code == 500
    assert "request_failed" in printed
    assert "test_logs.py:" in printed
    assert "Dana" not in printed
    assert "Wharf" not in printed
    assert SECRET not in printed
