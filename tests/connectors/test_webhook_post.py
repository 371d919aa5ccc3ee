"""What leaves by webhook goes to public addresses only, and never where an answer would send it."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from backhaul.connectors import webhook_post
from backhaul.connectors.webhook_post import checked_url, post
from backhaul.domain.errors import BadInput

PRIVATE = (
    "https://127.0.0.1/x",
    "https://10.0.0.1/x",
    "https://192.168.1.9:8443/x",
    "https://169.254.169.254/latest/meta-data",
    "https://100.64.0.1/x",
    "https://0.0.0.0/x",
    "https://[::1]/x",
    "https://[fe80::1]/x",
    "https://[fd00::1]/x",
    "https://[::ffff:10.0.0.1]/x",
    "https://[64:ff9b::10.0.0.1]/x",
    "https://[2002:0a00:0001::]/x",
)
NO_ADDRESS = (
    "http://hooks.example/x",
    "ftp://hooks.example/x",
    "file:///etc/passwd",
    "https://ann:secret@hooks.example/x",
    "https://hooks.example/x#part",
    "https://hooks.example/x y",
    "https://hooks.example/x\r\nHost: other",
    "https://hooks.example:port/x",
    "https:///x",
    "hooks.example",
)


@contextmanager
def receiver(status: int, **headers: str) -> Iterator[tuple[str, list[str]]]:
    """A server on this machine that answers so, and keeps what it was sent."""
    heard: list[str] = []

    class Hears(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            heard.append(f"{self.path} {self.headers['host']} {body}")
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Hears) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", heard
        server.shutdown()


@pytest.mark.parametrize("url", PRIVATE + NO_ADDRESS)
def test_outside_demo_only_public_addresses_over_https_are_told(url: str) -> None:
    with pytest.raises(BadInput):
        checked_url(url, demo=False)
    assert post(url, {}, b"{}", demo=False).status is None


def test_a_name_that_leads_to_this_machine_is_not_followed_outside_demo() -> None:
    answer = post("https://localhost:1/x", {}, b"{}", demo=False)

    assert (answer.status, answer.words) == (None, "its name leads to an address that is not public")


def test_the_metadata_of_a_cloud_is_no_address_even_in_demo() -> None:
    with pytest.raises(BadInput):
        checked_url("http://169.254.169.254/latest", demo=True)


def test_in_demo_a_program_on_this_machine_hears_it() -> None:
    with receiver(204) as (url, heard):
        answer = post(f"{url}/hooks?a=1", {"webhook-id": "1"}, b'{"a":1}', demo=True)

    assert (answer.taken, answer.status) == (True, 204)
    assert heard == [f'/hooks?a=1 {url.removeprefix("http://")} {{"a":1}}']


def test_a_redirect_is_an_answer_and_not_followed() -> None:
    with receiver(200) as (inside, heard), receiver(307, location=inside) as (url, _):
        answer = post(url, {}, b"{}", demo=True)

    assert (answer.taken, answer.status, heard) == (False, 307, [])


def test_whoever_does_not_answer_is_left_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook_post, "_DEADLINE_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        answer = post(f"http://127.0.0.1:{silent.getsockname()[1]}/x", {}, b"{}", demo=True)

    assert (answer.status, answer.taken) == (None, False)
    assert answer.words.startswith("no answer")
