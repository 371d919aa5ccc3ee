"""The document of the API: current, complete, and never such that a program written by it breaks."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.web.api_breaking import breaking
from web import api
from web.api_document import written

DOCUMENT = Path(__file__).parents[2] / "docs" / "openapi.json"
PROMISED = Path(__file__).parent / "openapi_promised.json"
Change = Callable[[dict[str, Any]], object]


def test_the_committed_document_is_the_one_of_this_version() -> None:
    assert DOCUMENT.read_text() == written(api.described()), (
        "run `.venv/bin/python -m web.api > docs/openapi.json`"
    )


def test_nothing_that_was_promised_is_broken() -> None:
    assert breaking(json.loads(PROMISED.read_text()), api.described()) == [], (
        "programs rely on it: leave it as it was, or make it /api/v2"
    )


def test_every_operation_names_its_scope_its_problems_and_its_idempotency_key() -> None:
    for path, operations in api.described()["paths"].items():
        for method, one in operations.items():
            named = {parameter["name"] for parameter in one.get("parameters", ())}
            assert one["security"][0]["key"], path
            assert {"401", "403", "422", "429"} <= set(one["responses"]), path
            assert ("Idempotency-Key" in named) == (method == "post"), path


def rma_schema(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["components"]["schemas"]["WholeRma"]
    return found


CONVERSATIONS = "/api/v1/conversations"
BREAKS: dict[str, Change] = {
    "GET /api/v1/cases is gone": lambda now: now["paths"]["/api/v1/cases"].pop("get"),
    "GET /api/v1/rmas/{rma_id} 200.lines[].sku is gone": lambda now: now["components"]["schemas"]["RmaLine"][
        "properties"
    ].pop("sku"),
    "GET /api/v1/rmas/{rma_id} 200.return_by may be missing": lambda now: rma_schema(now)["required"].remove(
        "return_by"
    ),
    "GET /api/v1/rmas/{rma_id} 200.facility is of another kind": lambda now: rma_schema(now)["properties"][
        "facility"
    ].update(type="integer"),
    "POST /api/v1/conversations body.account is needed": lambda now: now["components"]["schemas"]["Opened"][
        "required"
    ].append("account"),
    "POST /api/v1/conversations body.account is not taken any more": lambda now: now["components"]["schemas"][
        "Opened"
    ]["properties"].pop("account"),
    "POST /api/v1/events/parcels body.status does not take voided": lambda now: now["components"]["schemas"][
        "ParcelStatus"
    ]["enum"].remove("voided"),
    "GET /api/v1/conversations knows no query cursor any more": lambda now: now["paths"][CONVERSATIONS][
        "get"
    ].update(
        parameters=[
            one for one in now["paths"][CONVERSATIONS]["get"]["parameters"] if one["name"] != "cursor"
        ]
    ),
    "POST /api/v1/conversations needs another scope": lambda now: now["paths"][CONVERSATIONS]["post"].update(
        security=[{"key": ["all"]}]
    ),
    "POST /api/v1/conversations 201 is no answer any more": lambda now: now["paths"][CONVERSATIONS]["post"][
        "responses"
    ].pop("201"),
}


@pytest.mark.parametrize("told", sorted(BREAKS))
def test_what_breaks_programs_is_found(told: str) -> None:
    changed = copy.deepcopy(api.described())
    BREAKS[told](changed)

    assert told in breaking(api.described(), changed)


def test_what_is_new_breaks_nobody() -> None:
    changed = copy.deepcopy(api.described())
    rma_schema(changed)["properties"]["colour"] = {"type": "string"}
    rma_schema(changed)["required"].append("colour")
    changed["components"]["schemas"]["Opened"]["properties"]["mood"] = {"type": "string"}
    changed["paths"]["/api/v1/moods"] = changed["paths"]["/api/v1/cases"]

    assert breaking(api.described(), changed) == []
