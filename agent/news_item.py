"""What a piece of news is made of before and after it has words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from agent.state import ReplyOut
from agent.wording import day


@dataclass(frozen=True, slots=True)
class Item:
    """An event with its reader. `sees_amounts` is false for a customer who proved only one order."""

    payload: Mapping[str, Any]
    event: int
    on: date
    sees_amounts: bool


@dataclass(frozen=True, slots=True)
class Told:
    """A message about an event; `key` makes it one message however often the event is read."""

    key: str
    said: ReplyOut


def dated(value: str) -> str:
    """A day of an event as it is spoken."""
    return day(date.fromisoformat(value))


PERSON_HINT = 'Say "talk to a person" if you want to discuss it.'
