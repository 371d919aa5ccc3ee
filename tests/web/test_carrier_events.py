"""The carriers' door: a signed scan is kept for the worker, and nothing else is."""

import json
from datetime import UTC, datetime
from time import time
from typing import Any

import pytest
from httpx2 import Response
from pydantic import ValidationError

from backhaul.connectors import webhooks
from backhaul.domain.receiving import ParcelEvent, ParcelStatus
from backhaul.settings import Settings
from tests.web.conftest import WEBHOOK_SECRET, House, Visitor

EVENT = ParcelEvent(
    "BHL10000000019-4",
    "BHL10000000019",
    ParcelStatus.DELIVERED,
    datetime(2026, 5, 28, 20, tzinfo=UTC),
    "Columbus",
)
BODY = json.dumps({"type": "parcel.scanned", "data": webhooks.written(EVENT)}).encode()


def sends(visitor: Visitor, body: bytes = BODY, carrier: str = "overland-parcel", **changed: Any) -> Response:
    at = int(time()) + int(changed.pop("later", 0))
    headers = webhooks.signed(WEBHOOK_SECRET, "m1", at, body) | changed
    return visitor.client.post(f"/hooks/carrier/{carrier}", content=body, headers=headers)


def test_a_signed_scan_starts_the_workers_work_each_time_under_the_same_name(
    visitor: Visitor, house: House
) -> None:
    first, again = sends(visitor), sends(visitor)

    assert (first.status_code, again.status_code, first.content) == (202, 202, b"")
    work = (
        "carrier-event",
        "event-overland-parcel-BHL10000000019-4",
        ["overland-parcel", webhooks.written(EVENT)],
    )
    assert house.later.started == [work, work]


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        ({"carrier": "nobody"}, 404, "not_found"),
        ({"carrier": "Overland Parcel"}, 404, "not_found"),
        ({"webhook-signature": "v1,AAAA"}, 403, "not_allowed"),
        ({"webhook-timestamp": "0"}, 403, "not_allowed"),
        ({"later": -400}, 403, "not_allowed"),
        ({"body": b"{}"}, 422, "bad_input"),
        ({"body": b"\xff"}, 422, "bad_input"),
        ({"body": b" " * 64_001}, 413, "http"),
    ],
)
def test_anything_else_is_a_problem_in_plain_json_and_starts_nothing(
    visitor: Visitor, house: House, sent: dict[str, Any], status: int, code: str
) -> None:
    answer = sends(visitor, **sent)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert house.later.started == []


def test_a_secret_that_is_none_is_found_at_the_start() -> None:
    with pytest.raises(ValidationError, match="24 to 64 bytes"):
        Settings(carrier_webhook_secrets={"overland-parcel": "secret"})  # type: ignore[dict-item]
