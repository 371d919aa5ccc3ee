"""Bringing the demo's returns into their stages: the plan, played by commands on the days before today."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta

from backhaul.bootstrap import outside
from backhaul.connectors.embedded.staged import staged_order
from backhaul.domain.clock import Clock, MovedClock
from backhaul.settings import Settings
from backhaul.simulation.floor import Floor, moved_store, open_floor
from backhaul.simulation.handing_over import hand_over
from backhaul.simulation.stage_acts import Played, play
from backhaul.simulation.stage_plan import StepSheet, plan
from backhaul.store import conversation
from backhaul.workflows.attest import attest_confirmed
from backhaul.workflows.sweep import tick

CHANNEL = "demo"
"""Marks the conversations of the plan"""
_A_DAY = timedelta(days=1)


def bring_into_stages(settings: Settings, today: Clock) -> int:
    """Play the plan once, before the worker begins; how many returns were played.

    What waits for its parcel or its end is handed to the durable engine, which goes on with it like with any
    other return. A home in which the plan was begun before, also one where it was cut off, is left as it is.

    Raises:
        PolicyError: There are no documents to decide by.
    """
    now = today.now()
    clock = MovedClock(now)
    with _floor(settings, clock) as floor:
        played = [] if _was_begun(floor) else _returns(floor)
        for at, one, step in _by_day(played, now):
            _pass_time(floor, at)
            play(floor, one, step)
        _pass_time(floor, now)
        attest_confirmed(floor.world)
        hand_over(floor, channel=CHANNEL)
    return len(played)


@contextmanager
def _floor(settings: Settings, clock: MovedClock) -> Iterator[Floor]:
    with ExitStack() as stack:
        store = moved_store(settings, clock)
        stack.callback(store.close)
        carriers = tuple(outside.carriers(settings, clock))
        for carrier in carriers:
            stack.callback(carrier.close)
        yield stack.enter_context(open_floor(settings, store, clock, channel=CHANNEL, carriers=carriers))


def _was_begun(floor: Floor) -> bool:
    with floor.store.read() as uow:
        return conversation.has_channel(uow, CHANNEL)


def _returns(floor: Floor) -> list[Played]:
    """Those whose order the ERP holds: one that was seeded by an earlier version lacks some."""
    every = [Played(sheet, staged_order(sheet.order)) for sheet in plan().returns]
    return [one for one in every if floor.desk.erp.order(one.order.order_number) is not None]


def _by_day(played: list[Played], now: datetime) -> list[tuple[datetime, Played, StepSheet]]:
    steps = [(now - timedelta(days=step.ago), one, step) for one in played for step in one.sheet.steps]
    return sorted(steps, key=lambda one: one[0])


def _pass_time(floor: Floor, at: datetime) -> None:
    """Deadlines between two acts fire on their own days."""
    while floor.clock.now() < at - _A_DAY:
        floor.clock.advance(days=1)
        tick(floor.world)
    floor.clock.at = at
    tick(floor.world)
