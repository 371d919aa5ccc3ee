"""Any agent can be put on the suites: a callable, or an address that answers."""

import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from backhaul.domain.errors import BadInput
from evals.other_agents import Heard, Said, opener
from evals.player import Conditions, play
from evals.scenario import Scenario
from evals.scoring.score import score
from tests.evals.test_scenarios import SENSORS

SCENARIO = Scenario.model_validate(SENSORS)
WANTED = {"order": "SO-60001", "line": 1, "quantity": 2, "reason": "no_longer_needed"}


def reads_back_first(heard: Heard) -> Said:
    """Knows the answer, and asks before it proposes."""
    if "go ahead" in heard.text:
        return Said.model_validate({"text": "It is on its way.", "propose": [WANTED]})
    return Said(text=f"Two of {heard.purchases[0].sku}, is that right?", consent=True)


def takes_one_too_many(heard: Heard) -> Said:
    del heard
    return Said.model_validate({"text": "Done.", "propose": [{**WANTED, "quantity": 3}]})


def sends_everybody_to_a_person(heard: Heard) -> Said:
    del heard
    return Said(text="A colleague will look.", person=True)


def answers_nonsense(heard: Heard) -> dict[str, str]:
    return {"say": heard.text}


def played(name: str) -> tuple[bool, tuple[str, ...]]:
    found = score(play(SCENARIO, Conditions("try", agent=opener(f"{__name__}:{name}"))))
    return found.passed, found.failures


def test_a_callable_is_decided_on_like_the_shipped_agent() -> None:
    assert played("reads_back_first") == (True, ())


def test_what_it_proposes_wrongly_is_told() -> None:
    passed, why = played("takes_one_too_many")

    assert not passed
    assert any("3" in one for one in why)


def test_one_that_only_asks_people_decides_nothing() -> None:
    assert not played("sends_everybody_to_a_person")[0]


def test_an_answer_that_is_none_is_told() -> None:
    passed, why = played("answers_nonsense")

    assert not passed
    assert "answers what is no answer" in why[0]


class _Endpoint(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        if self.path == "/page":
            self._send(b"<html>")
            return
        heard = Heard.model_validate_json(self.rfile.read(int(self.headers["content-length"])))
        body = json.dumps(reads_back_first(heard).model_dump(mode="json")).encode()
        self._send(body)

    def _send(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the base class
        """Say nothing."""


@pytest.fixture
def endpoint() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Endpoint)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    serving.join()
    server.server_close()


def test_an_address_is_asked_for_each_message(endpoint: str) -> None:
    found = score(play(SCENARIO, Conditions("try", agent=opener(endpoint))))

    assert found.passed, found.failures


def test_an_address_that_answers_something_else_is_told(endpoint: str) -> None:
    found = score(play(SCENARIO, Conditions("try", agent=opener(f"{endpoint}page"))))

    assert "answers what is no answer" in found.failures[0]


def test_an_agent_is_found_in_the_folder_we_stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my_own_agent.py").write_text("def answer(heard):\n    return None\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [one for one in sys.path if one])

    assert callable(opener("my_own_agent:answer"))


@pytest.mark.parametrize("name", [":answer", "json", "broken_agent:answer"])
def test_a_name_that_is_no_agents_is_told_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (tmp_path / "broken_agent.py").write_text("def answer(:\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    with pytest.raises(BadInput, match=r"package\.module:callable"):
        opener(name)


def test_an_agent_that_is_not_there_is_told_before_anything_is_played() -> None:
    with pytest.raises(BadInput, match="there is no agent nowhere:here"):
        opener("nowhere:here")
