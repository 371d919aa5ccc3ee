"""Signed messages of carriers, as Standard Webhooks has them: who may tell us of a scan, and what it says.

Source: the Standard Webhooks specification 1.0: headers `webhook-id`, `webhook-timestamp` (Unix seconds) and
`webhook-signature`; HMAC-SHA256 over `id.timestamp.body`; a secret is `whsec_` and base64.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from backhaul.domain.errors import BadInput, NotAllowed
from backhaul.domain.receiving import ParcelEvent, ParcelStatus

TOLERANCE_SECONDS = 300
"""A message signed longer ago, or further ahead, may have been recorded and sent again."""
_PREFIX, _VERSION = "whsec_", "v1"
_SECRET_BYTES = range(24, 65)
ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"


class _Scanned(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    event_id: str = Field(pattern=r"^[\w.:-]{1,100}$")
    tracking_number: str = Field(pattern=r"^[\w.-]{1,60}$")
    status: ParcelStatus
    at: AwareDatetime
    place: str = Field(max_length=100)


class _Message(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    type: str = Field(pattern=r"^parcel\.scanned$")
    data: _Scanned


def slug(carrier: str) -> str:
    """A carrier's name as it stands in addresses and settings."""
    return re.sub(r"[^a-z0-9]+", "-", carrier.lower()).strip("-")


def key_of(secret: str) -> bytes:
    """The bytes to sign with.

    Raises:
        BadInput: Not `whsec_` and the base64 of 24 to 64 bytes.
    """
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not secret.startswith(_PREFIX) or len(key) not in _SECRET_BYTES:
        raise BadInput("a webhook secret is whsec_ and the base64 of 24 to 64 bytes", field="secret")
    return key


def signed(secret: str, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers that prove a body to whoever holds the same secret."""
    signature = _signature(key_of(secret), message_id, str(timestamp), body)
    return {ID: message_id, TIMESTAMP: str(timestamp), SIGNATURE: f"{_VERSION},{signature}"}


def check(secret: str, headers: Mapping[str, str], body: bytes, *, now: float) -> None:
    """Accept a body whose headers prove it. `now` is in Unix seconds, of the machine's own clock.

    Raises:
        NotAllowed: A header is missing, the time is too far off, or no signature fits.
    """
    message_id, timestamp = headers.get(ID, ""), headers.get(TIMESTAMP, "")
    if not message_id or not re.fullmatch(r"[0-9]{1,12}", timestamp):
        raise NotAllowed(f"A message needs the headers {ID}, {TIMESTAMP} and {SIGNATURE}.")
    if abs(now - int(timestamp)) > TOLERANCE_SECONDS:
        raise NotAllowed(f"The message was signed more than {TOLERANCE_SECONDS} seconds away from now.")
    right = f"{_VERSION},{_signature(key_of(secret), message_id, timestamp, body)}".encode()
    # While a secret is being changed a sender signs with both; every one is compared.
    fits = [hmac.compare_digest(right, one.encode()) for one in headers.get(SIGNATURE, "").split(" ")]
    if not any(fits):
        raise NotAllowed("The signature does not fit the message.")


def read(body: bytes) -> ParcelEvent:
    """The scan that a body tells of.

    Raises:
        BadInput: It is not a message about a scan.
    """
    try:
        scanned = _Message.model_validate_json(body).data
    except ValidationError as wrong:
        named = ", ".join(sorted({".".join(map(str, one["loc"])) or "body" for one in wrong.errors()}))
        raise BadInput(f"Something is missing or has the wrong form: {named}.", field=named) from wrong
    return ParcelEvent(**scanned.model_dump())


def written(event: ParcelEvent) -> dict[str, Any]:
    """A scan as plain JSON, as it stands under `data` in a message."""
    return _Scanned(**{name: getattr(event, name) for name in _Scanned.model_fields}).model_dump(mode="json")


def from_written(record: Mapping[str, Any]) -> ParcelEvent:
    """The scan again; BadInput when it is none."""
    try:
        return ParcelEvent(**_Scanned.model_validate(dict(record)).model_dump())
    except ValidationError as wrong:
        raise BadInput("not a scan", field="event") from wrong


def _signature(key: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    content = message_id.encode() + b"." + timestamp.encode() + b"." + body
    return base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
