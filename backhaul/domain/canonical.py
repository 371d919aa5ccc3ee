"""One canonical form for digests: whatever is signed, bound or compared is hashed from here."""

import hashlib
import json
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any

from backhaul.domain.money import Money


def plain(value: Any) -> Any:
    """Turn domain records into JSON types; anything without an exact JSON form is a TypeError."""
    if value is None or (isinstance(value, bool | int | str) and not isinstance(value, Enum)):
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Money):
        return {"minor": value.minor, "currency": value.currency}
    if isinstance(value, datetime | date):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(plain(item) for item in value)
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no canonical form")


def canonical_json(value: Any) -> str:
    """Sorted keys, no white space, UTF-8 kept: equal records give equal bytes."""
    return json.dumps(plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(value: Any) -> str:
    """SHA-256 of the canonical form, as hex."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def json_lines(text: str) -> list[str]:
    """The lines of a JSON-lines text; only a line feed ends one, a string may hold other line ends."""
    return [line for line in text.split("\n") if line.strip()]
