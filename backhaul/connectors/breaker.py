"""A peer that has stopped answering is left alone for a while: whoever waits for it goes elsewhere at once.

Closed: every call goes through. Open, after some calls in a row without an answer: none does. Half open,
after a while: one call tries, and its outcome closes or opens the breaker. The state is this process's own.
"""

import threading
import time
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any, TypeVar

from backhaul.connectors.ports import (
    Carrier,
    CarrierLabel,
    DropOff,
    LabelRequest,
    Pickup,
    PickupRequest,
    Rate,
)
from backhaul.domain.errors import ConnectorUnavailable
from backhaul.domain.receiving import ParcelEvent

T = TypeVar("T")

FAILURES_TO_OPEN = 5
OPEN_SECONDS = 30.0


class BreakerState(StrEnum):
    """Whether calls go through."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class LeftAlone(ConnectorUnavailable):
    """The peer was not asked, because it did not answer the calls before; trying at once again is useless."""


class Breaker:
    """Counts the calls in a row that a peer did not answer. Safe for threads; a no is an answer too."""

    def __init__(self, peer: str, now: Callable[[], float] = time.monotonic) -> None:
        self._peer, self._now = peer, now
        self._lock = threading.Lock()
        self._failures, self._opened_at = 0, 0.0
        self._trying = False

    @property
    def state(self) -> BreakerState:
        """Where the breaker stands now."""
        if self._failures < FAILURES_TO_OPEN:
            return BreakerState.CLOSED
        waited = self._now() - self._opened_at >= OPEN_SECONDS
        return BreakerState.HALF_OPEN if waited else BreakerState.OPEN

    def call(self, deed: Callable[[], T]) -> T:
        """Let a call through, or not.

        Raises:
            LeftAlone: The breaker is open, or half open with another call under way.
            ConnectorUnavailable: The call went through and was not answered.
        """
        self._admit()
        try:
            result = deed()
        except ConnectorUnavailable:
            self._settle(answered=False)
            raise
        except BaseException:
            self._settle(answered=True)
            raise
        self._settle(answered=True)
        return result

    def _admit(self) -> None:
        with self._lock:
            state = self.state
            if state is BreakerState.CLOSED:
                return
            if state is BreakerState.OPEN or self._trying:
                raise LeftAlone(self._peer, "is left alone for a while, since it did not answer")
            self._trying = True

    def _settle(self, *, answered: bool) -> None:
        with self._lock:
            self._trying = False
            self._failures = 0 if answered else self._failures + 1
            if not answered:
                self._opened_at = self._now()


class GuardedCarrier:
    """A carrier behind a breaker."""

    def __init__(self, carrier: Carrier, now: Callable[[], float] = time.monotonic) -> None:
        self.name = carrier.name
        self._carrier = carrier
        self._breaker = Breaker(carrier.name, now)

    def rates(self, request: LabelRequest) -> Sequence[Rate]:
        return self._breaker.call(lambda: self._carrier.rates(request))

    def drop_offs(self, postal_code: str) -> Sequence[DropOff]:
        return self._breaker.call(lambda: self._carrier.drop_offs(postal_code))

    def buy_label(self, request: LabelRequest, *, key: str) -> CarrierLabel:
        return self._breaker.call(lambda: self._carrier.buy_label(request, key=key))

    def label_by_key(self, key: str) -> CarrierLabel | None:
        return self._breaker.call(lambda: self._carrier.label_by_key(key))

    def pickup_rates(self, request: PickupRequest) -> Sequence[Rate]:
        return self._breaker.call(lambda: self._carrier.pickup_rates(request))

    def book_pickup(self, request: PickupRequest, *, key: str) -> Pickup:
        return self._breaker.call(lambda: self._carrier.book_pickup(request, key=key))

    def pickup_by_key(self, key: str) -> Pickup | None:
        return self._breaker.call(lambda: self._carrier.pickup_by_key(key))

    def void_label(self, tracking_number: str, *, key: str) -> None:
        self._breaker.call(lambda: self._carrier.void_label(tracking_number, key=key))

    def events(self, *, after: str | None = None) -> Sequence[ParcelEvent]:
        return self._breaker.call(lambda: self._carrier.events(after=after))

    def __getattr__(self, name: str) -> Any:
        """What the carrier can do beyond the port, such as the simulation of the embedded one."""
        return getattr(self._carrier, name)
