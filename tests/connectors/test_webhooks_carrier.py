"""Signed messages: only what its secret's holder sent just now is believed."""

import base64
import json
from datetime import UTC, datetime

import pytest

from backhaul.connectors import webhooks
from backhaul.domain.errors import BadInput, NotAllowed
from backhaul.domain.receiving import ParcelEvent, ParcelStatus

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
OTHER = "whsec_" + base64.b64encode(bytes(range(1, 33))).decode()
NOW = 1_780_000_000
EVENT = ParcelEvent(
    "BHL10000000019-4",
    "BHL10000000019",
    ParcelStatus.DELIVERED,
    datetime(2026, 5, 28, 20, tzinfo=UTC),
    "Columbus",
)
BODY = json.dumps({"type": "parcel.scanned", "data": webhooks.written(EVENT)}).encode()


def test_the_published_example_of_the_standard_is_accepted() -> None:
    # The example of the Standard Webhooks reference libraries.
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }

    webhooks.check(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", headers, b'{"test": 2432232314}', now=1_614_265_330
    )


def test_a_signed_scan_is_read_as_it_was_written() -> None:
    webhooks.check(SECRET, webhooks.signed(SECRET, "m1", NOW, BODY), BODY, now=NOW + 299)

    assert webhooks.read(BODY) == EVENT
    assert webhooks.from_written(webhooks.written(EVENT)) == EVENT


def test_while_a_secret_is_changed_either_signature_is_enough() -> None:
    old, new = (webhooks.signed(one, "m1", NOW, BODY) for one in (OTHER, SECRET))
    both = {**new, webhooks.SIGNATURE: f"{old[webhooks.SIGNATURE]} {new[webhooks.SIGNATURE]}"}

    webhooks.check(SECRET, both, BODY, now=NOW)


@pytest.mark.parametrize(
    ("changed", "body", "now", "complaint"),
    [
        ({}, BODY + b" ", NOW, "signature"),
        ({"webhook-id": "m2"}, BODY, NOW, "signature"),
        ({"webhook-timestamp": str(NOW + 1)}, BODY, NOW, "signature"),
        ({"webhook-signature": "v1,"}, BODY, NOW, "signature"),
        ({"webhook-signature": ""}, BODY, NOW, "signature"),
        ({"webhook-signature": "v1,caf\u00e9"}, BODY, NOW, "signature"),
        ({}, BODY, NOW + 301, "seconds away"),
        ({}, BODY, NOW - 301, "seconds away"),
        ({"webhook-timestamp": "soon"}, BODY, NOW, "headers"),
        ({"webhook-id": ""}, BODY, NOW, "headers"),
    ],
)
def test_what_was_changed_or_kept_is_refused(
    changed: dict[str, str], body: bytes, now: int, complaint: str
) -> None:
    headers = webhooks.signed(SECRET, "m1", NOW, BODY) | changed

    with pytest.raises(NotAllowed, match=complaint):
        webhooks.check(SECRET, headers, body, now=now)


def test_another_secret_proves_nothing() -> None:
    with pytest.raises(NotAllowed, match="signature"):
        webhooks.check(SECRET, webhooks.signed(OTHER, "m1", NOW, BODY), BODY, now=NOW)


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"event_id": "a b"}, "data.event_id"),
        ({"event_id": "x" * 101}, "data.event_id"),
        ({"status": "teleported"}, "data.status"),
        ({"at": "2026-05-28T20:00:00"}, "data.at"),
        ({"tracking_number": ""}, "data.tracking_number"),
    ],
)
def test_a_body_that_is_no_scan_names_what_is_wrong(data: dict[str, str], field: str) -> None:
    body = json.dumps({"type": "parcel.scanned", "data": webhooks.written(EVENT) | data}).encode()

    with pytest.raises(BadInput) as wrong:
        webhooks.read(body)

    assert wrong.value.field == field


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_short", SECRET.removeprefix("whsec_")])
def test_what_is_no_secret_signs_nothing(secret: str) -> None:
    with pytest.raises(BadInput, match="24 to 64 bytes"):
        webhooks.signed(secret, "m1", NOW, BODY)


def test_a_carrier_is_named_in_addresses_in_small_letters() -> None:
    assert webhooks.slug("Overland Parcel") == "overland-parcel"
