"""Time and identifiers come from here, injected, so that demo and tests can move them."""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Protocol

_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTVWXYZ"
"""No 0/O, 1/I or U: identifiers are read over the telephone."""


class Clock(Protocol):
    """The one source of time of a process; aware UTC."""

    def now(self) -> datetime:
        """The business time, which demo and tests may have moved."""
        ...


def today(clock: Clock) -> date:
    """The UTC calendar day of the business clock."""
    return clock.now().date()


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        """Read the machine's clock."""
        return datetime.now(UTC)


@dataclass(slots=True)
class MovedClock:
    """A clock that stands still until it is moved; for tests and simulation."""

    at: datetime

    def now(self) -> datetime:
        """The time it was last moved to."""
        return self.at

    def advance(self, **units: float) -> None:
        """Move forward by timedelta units, such as `days=1`."""
        self.at += timedelta(**units)


def id_from(prefix: str, digest_hex: str, length: int = 12) -> str:
    """The identifier that belongs to a digest: the same one whenever, and wherever, it is asked for."""
    number, symbols = int(digest_hex, 16), ""
    for _ in range(length):
        number, at = divmod(number, len(_ALPHABET))
        symbols += _ALPHABET[at]
    return f"{prefix}-{symbols}"


@dataclass(slots=True)
class Ids:
    """Makes identifiers such as `RC-7KQ2M9XA`; with a seed the series is repeatable."""

    seed: int | None = None
    _random: Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._random = Random(self.seed) if self.seed is not None else secrets.SystemRandom()

    def new(self, prefix: str, length: int = 8) -> str:
        """A fresh identifier with the trade's prefix: RC case, RL line, PR proposal, RV review, ..."""
        return f"{prefix}-{''.join(self._random.choice(_ALPHABET) for _ in range(length))}"
