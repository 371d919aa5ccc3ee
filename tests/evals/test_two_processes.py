"""What is measured inline is so with a worker as a process of its own: the same end, the same log."""

from functools import cache

import pytest

from evals import two_processes
from evals.player import Conditions, play
from evals.scenario import Scenario
from evals.suite import load_suite

pytestmark = pytest.mark.slow

_MANY = 20
_NEEDS_HANDS = {"carrier", "dock", "clock"}


@cache
def _chosen() -> list[Scenario]:
    """Twenty, spread over the suites; whom only the worker's hands can play are left out."""
    fitting = [
        one
        for name in ("core", "edge", "dialogue")
        for one in load_suite(name).scenarios
        if not one.world.faults and not any(step.who in _NEEDS_HANDS for step in one.steps)
    ]
    return fitting[:: max(1, len(fitting) // _MANY)][:_MANY]


@pytest.mark.parametrize("place", range(_MANY))
def test_inline_and_two_processes_end_alike(place: int) -> None:
    scenario = _chosen()[place]
    inline = play(scenario, Conditions("both"))
    apart = play(scenario, Conditions("both", stage=two_processes.set_up))

    assert inline.error is None
    assert apart.error is None
    assert inline.found == apart.found
