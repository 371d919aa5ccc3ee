"""Which news of a conversation programs are told of, under what name, and with which facts of it.

A message says what happened to which record, and nothing that was said, named or paid: whoever is told reads
the rest over the API, with a key.
"""

from collections.abc import Mapping
from typing import Any

from backhaul.domain.news import KINDS, REVIEW_OPENED

_NAMED = {
    "message": "conversation.message",
    "group_decided": "request.decided",
    "parcel": "parcel.scanned",
    "instead_waits": "credit.instead_waits",
}
TOLD_KINDS = ("message", REVIEW_OPENED, *KINDS)
_FACTS = {
    "case_id": "case",
    "rma_id": "rma",
    "review_id": "review",
    "label_id": "label",
    **{name: name for name in ("number", "seq", "author", "status", "at", "sku", "quantity")},
}
TEST = "webhook.test"


def type_of(kind: str) -> str:
    """The name under which programs know a kind of news, such as `rma.issued`."""
    return _NAMED.get(kind) or kind.replace("_", ".", 1)


TYPES = tuple(sorted(type_of(kind) for kind in TOLD_KINDS))
OF_THE_HOUSE = frozenset({type_of(REVIEW_OPENED)})
"""Not for the account itself: it is not told that a person was asked before that person says so"""


def facts_of(payload: Mapping[str, Any]) -> dict[str, Any]:
    """What of an event's payload is passed on."""
    return {
        name: payload[given] for given, name in _FACTS.items() if isinstance(payload.get(given), str | int)
    }
