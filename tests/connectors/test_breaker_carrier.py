"""A carrier that does not answer is left alone, tried again after a while, and used again once it answers."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from backhaul.connectors.breaker import (
    FAILURES_TO_OPEN,
    OPEN_SECONDS,
    Breaker,
    BreakerState,
    GuardedCarrier,
    LeftAlone,
)
from backhaul.connectors.embedded.carrier import EmbeddedCarrier
from backhaul.domain.errors import ConnectorRejected, ConnectorUnavailable


@dataclass
class Peer:
    """Answers as it is told, and counts."""

    answer: Any = "yes"
    asked: int = 0
    seconds: float = 100.0
    breaker: Breaker = field(init=False)

    def __post_init__(self) -> None:
        self.breaker = Breaker("peer", lambda: self.seconds)

    def ask(self) -> Any:
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def called(self) -> Any:
        return self.breaker.call(self.ask)

    def fails(self, times: int) -> None:
        self.answer = ConnectorUnavailable("peer", "silent")
        for _ in range(times):
            with pytest.raises(ConnectorUnavailable):
                self.called()


def test_after_some_calls_in_a_row_without_an_answer_the_peer_is_not_asked() -> None:
    peer = Peer()
    peer.fails(FAILURES_TO_OPEN - 1)
    assert peer.breaker.state is BreakerState.CLOSED
    peer.fails(1)
    assert peer.breaker.state is BreakerState.OPEN

    with pytest.raises(LeftAlone, match="left alone"):
        peer.called()

    assert peer.asked == FAILURES_TO_OPEN


def test_an_answer_in_between_starts_the_count_anew() -> None:
    peer = Peer()
    peer.fails(FAILURES_TO_OPEN - 1)
    peer.answer = "yes"
    assert peer.called() == "yes"
    peer.fails(FAILURES_TO_OPEN - 1)

    assert peer.breaker.state is BreakerState.CLOSED


@pytest.mark.parametrize("no", [ConnectorRejected("peer", "no"), ValueError("a fault of ours")])
def test_a_no_is_an_answer_and_a_fault_of_ours_is_not_the_peers(no: Exception) -> None:
    peer = Peer(answer=no)
    for _ in range(FAILURES_TO_OPEN + 1):
        with pytest.raises(type(no)):
            peer.called()

    assert peer.breaker.state is BreakerState.CLOSED


def test_after_a_while_one_call_tries_and_its_outcome_counts() -> None:
    peer = Peer()
    peer.fails(FAILURES_TO_OPEN)
    peer.seconds += OPEN_SECONDS
    assert peer.breaker.state is BreakerState.HALF_OPEN
    peer.fails(1)
    assert peer.breaker.state is BreakerState.OPEN

    peer.seconds += OPEN_SECONDS
    peer.answer = "yes"
    assert peer.called() == "yes"
    assert peer.breaker.state is BreakerState.CLOSED


def test_while_one_call_tries_the_others_do_not() -> None:
    peer = Peer()
    peer.fails(FAILURES_TO_OPEN)
    peer.seconds += OPEN_SECONDS
    peer.answer = "yes"

    def trial() -> str:
        with pytest.raises(LeftAlone):
            peer.called()
        return "tried"

    assert peer.breaker.call(trial) == "tried"
    assert peer.asked == FAILURES_TO_OPEN


def test_a_guarded_carrier_is_still_the_carrier_also_beyond_the_port(carrier: EmbeddedCarrier) -> None:
    guarded = GuardedCarrier(carrier)

    assert guarded.name == carrier.name
    assert guarded.events() == ()
    with pytest.raises(ConnectorRejected, match="no label"):
        guarded.report("BHL00000000000", "delivered", at=None)
