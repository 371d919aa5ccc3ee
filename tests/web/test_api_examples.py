"""Every example of docs/api.md, as it stands there, against the doors: what is sent, and what is answered."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from agent.understanding.offline import OfflineReader
from backhaul.store import rmas
from tests.web.api_programs import program
from tests.web.dock_goods import announced
from web.app import create_app

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text("utf-8")
EXAMPLE = re.compile(
    r"```sh\n(?P<sent>curl .*?)```(?:\s*```json\n(?P<status>\d+)\n(?P<told>.*?)```)?", re.DOTALL
)
HOST = "https://returns.example"
ANYTHING = "..."


class Reader:
    """Somebody who tries the examples one after the other, with the ids that came back before."""

    def __init__(self, client: TestClient, secret: str) -> None:
        self.client = client
        self.known = {"KEY": secret}

    def tries(self, example: re.Match[str]) -> Any:
        words = re.sub(r"\$([A-Z]+)", lambda name: self.known[name[1]], example["sent"])
        method, url, headers, body = asked(shlex.split(words.replace("\\\n", " ")))
        answer = self.client.request(method, url.removeprefix(HOST), headers=headers, content=body)
        for one, kind in re.findall(r'"(?:id|rma)": ?"(([A-Z]+)-[^"]+)"', answer.text):
            self.known[kind] = one
        return answer


def asked(words: list[str]) -> tuple[str, str, dict[str, str], str | None]:
    """What a call of curl sends."""
    url, method, headers, body = "", "", {}, None
    rest = iter(words[1:])
    for word in rest:
        if word == "-X":
            method = next(rest)
        elif word == "-H":
            name, _, value = next(rest).partition(": ")
            headers[name] = value
        elif word == "-d":
            body = next(rest)
        elif word == "-o":
            next(rest)
        else:
            url = word
    return method or ("POST" if body else "GET"), url, headers, body


def fits(written: Any, given: Any) -> bool:
    """Whether an answer is the one of the page: the same fields, and the same values where any are given."""
    if isinstance(written, str) and written.endswith(ANYTHING):
        return written == ANYTHING or (isinstance(given, str) and given.startswith(written[: -len(ANYTHING)]))
    if isinstance(written, dict) and isinstance(given, dict):
        told = {name: value for name, value in given.items() if name in written or value is not None}
        return told.keys() == written.keys() and all(fits(written[name], told[name]) for name in written)
    if isinstance(written, list) and isinstance(given, list):
        return len(written) == len(given) and all(map(fits, written, given))
    return bool(written == given)


@pytest.fixture
def reader(make_house: Any, sqlite_database_url: str, reader_cache: Path) -> Iterator[tuple[Reader, Any]]:
    offline = OfflineReader(reader_cache)
    house = make_house(sqlite_database_url, reader=lambda: offline)
    rma = announced(house)
    with house.store.begin() as uow:
        label = rmas.labels(uow, rma)[0]
        label.pdf_blob = house.doors.desk.blobs.put(b"%PDF-1.7")
    with TestClient(create_app(house.doors), base_url="http://127.0.0.1:8000") as client:
        somebody = Reader(client, program(house, client).secret)
        somebody.known |= {"RMA": rma, "LB": label.id}
        yield somebody, house


def test_every_example_of_the_page_is_answered_as_it_says(reader: tuple[Reader, Any]) -> None:
    somebody, house = reader
    found = list(EXAMPLE.finditer(PAGE))
    for example in found:
        answer = somebody.tries(example)
        if example["status"]:
            told = json.loads(example["told"])
            assert answer.status_code == int(example["status"]), answer.text
            assert fits(told, answer.json()), f"{example['sent']}\n{answer.text}"
        else:
            assert answer.status_code == 200, example["sent"]
        if "TH" in somebody.known:
            house.doors.conversation.run_pending(somebody.known["TH"])
    assert len(found) == len(re.findall(r"```sh\n", PAGE)) == 11
