"""How often somebody may try. Counted in this process: a second web process counts for itself."""

from dataclasses import dataclass, field
from math import ceil
from time import time

from fastapi import Request
from limits import RateLimitItem, WindowStats, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from web.errors import TooOften

SIGN_IN_BY_PLACE = parse("20/5 minutes")
SIGN_IN_BY_NAME = parse("6/5 minutes")
CODES_BY_NAME = parse("4/10 minutes")
CHAT = parse("40/minute")
SUPPLIER = parse("60/5 minutes")
OPERATOR = parse("600/minute")
API = parse("120/minute")
API_TRIES = parse("600/minute")
"""By place, with whatever key: nobody guesses 256 bits, but everybody can cost a look-up"""


@dataclass(frozen=True, slots=True)
class Throttle:
    """Moving windows, by whatever names are given."""

    _limiter: MovingWindowRateLimiter = field(
        default_factory=lambda: MovingWindowRateLimiter(MemoryStorage())
    )

    def check(self, limit: RateLimitItem, *names: str) -> None:
        """Count one try under those names.

        Raises:
            TooOften: The limit is reached.
        """
        if not self._limiter.hit(limit, *names):
            resets_at = self._limiter.get_window_stats(limit, *names).reset_time
            raise TooOften(max(1, ceil(resets_at - time())))

    def left(self, limit: RateLimitItem, *names: str) -> WindowStats:
        """What is left under those names, and when there is more."""
        return self._limiter.get_window_stats(limit, *names)


def place_of(request: Request) -> str:
    """The address the request comes from, as the server saw it."""
    return request.client.host if request.client else "unknown"
