"""The API under what nobody would send: schemathesis makes requests from the document, good and bad ones.

Whatever comes, the answer is one that the document describes, and never a fault of ours.
"""

import itertools
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings
from limits import parse
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from agent.understanding.offline import OfflineReader
from backhaul.store import migrate
from backhaul.store.database import open_engine, sqlite_url
from tests.web.api_programs import program
from tests.web.conftest import add_people, build_house
from tests.web.dock_goods import announced
from web import api, api_access
from web.app import create_app

HERE = "http://127.0.0.1:8000"
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
QUICK, LONG = 4, 60
SCHEMA = schemathesis.openapi.from_dict(api.described())
OPERATIONS = {
    f"{one.method.upper()} {one.path}": one for one in (found.ok() for found in SCHEMA.get_all_operations())
}


@dataclass
class Fuzzed:
    """The doors with a return behind them, and a key that may do everything, as often as it likes."""

    client: TestClient
    secret: str
    known: dict[str, str]
    numbers: Iterator[int]

    def answers(self, case: Any) -> None:
        """Send what was made up, every other time about something that there is."""
        number = next(self.numbers)
        if number % 2:
            there = {name: self.known[name] for name in case.path_parameters or {} if name in self.known}
            case.path_parameters = {**(case.path_parameters or {}), **there}
        if case.meta.generation.mode is GenerationMode.POSITIVE and case.method == "POST":
            case.headers["Idempotency-Key"] = f"fuzzed-{number:08}"
        sent = case.as_transport_kwargs(base_url=HERE)
        sent.pop("cookies", None)
        if isinstance(sent.get("data"), bytes):
            sent["content"] = sent.pop("data")
        sent["headers"] = {**sent["headers"], "authorization": f"Bearer {self.secret}"}
        case.validate_response(self.client.request(**sent), checks=CHECKS)


@pytest.fixture(scope="module")
def fuzzed(
    tmp_path_factory: pytest.TempPathFactory, seeded_erp: Path, reader_cache: Path
) -> Iterator[Fuzzed]:
    home = tmp_path_factory.mktemp("fuzzed")
    shutil.copyfile(seeded_erp, home / "erp.db")
    url = sqlite_url(home / "backhaul.db")
    engine = open_engine(url)
    migrate.upgrade(engine)
    engine.dispose()
    reader = OfflineReader(reader_cache)
    house = build_house(home, url, reader=lambda: reader)
    add_people(house.store)
    house.beat()
    known = {"rma_id": announced(house), "label_id": "LB-1Z-TRACK", "review_id": house.review()}
    with pytest.MonkeyPatch.context() as without_limit:
        without_limit.setattr(api_access, "API", parse("1000000/minute"))
        with TestClient(create_app(house.doors), base_url=HERE, raise_server_exceptions=False) as client:
            yield Fuzzed(client, program(house, client).secret, known, itertools.count())
    house.store.close()
    house.erp.close()  # type: ignore[attr-defined]


def tried(fuzzed: Fuzzed, name: str, mode: GenerationMode, examples: int) -> None:
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=OPERATIONS[name].as_strategy(generation_mode=mode))
    def one(case: Any) -> None:
        fuzzed.answers(case)

    one()


@pytest.mark.parametrize("name", sorted(OPERATIONS))
@pytest.mark.parametrize("mode", list(GenerationMode), ids=str)
def test_nothing_that_is_sent_is_a_fault_of_ours(fuzzed: Fuzzed, name: str, mode: GenerationMode) -> None:
    tried(fuzzed, name, mode, QUICK)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(OPERATIONS))
@pytest.mark.parametrize("mode", list(GenerationMode), ids=str)
def test_nor_is_anything_of_much_more(fuzzed: Fuzzed, name: str, mode: GenerationMode) -> None:
    tried(fuzzed, name, mode, LONG)
