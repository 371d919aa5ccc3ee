"""Marking in a customer's message the words a reader relied on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text; `field` names what was read from it, empty for the rest."""

    text: str
    field: str


def highlighted(body: str, words: str, payload: Mapping[str, Any]) -> tuple[Piece, ...]:
    """The message in pieces. Spans count characters of the whole message the claim was read from.

    A message that does not hold the claim's words is given back unmarked.
    """
    if not words.strip() or words not in body:
        return (Piece(body, ""),)
    pieces: list[Piece] = []
    at = 0
    for start, end, name in _in_order(payload.get("spans") or {}, len(body)):
        if start < at:
            continue
        if start > at:
            pieces.append(Piece(body[at:start], ""))
        pieces.append(Piece(body[start:end], name))
        at = end
    if at < len(body):
        pieces.append(Piece(body[at:], ""))
    return tuple(pieces)


def _in_order(spans: Mapping[str, Any], length: int) -> list[tuple[int, int, str]]:
    return sorted(
        (start, end, name.replace("_", " "))
        for name, places in spans.items()
        for start, end in places
        if 0 <= start < end <= length
    )
