"""The same world with a worker as a process of its own, so that what is measured inline can be trusted."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from backhaul.bootstrap import stores
from backhaul.bootstrap.doors import build_desk
from backhaul.domain.clock import Ids, MovedClock, SystemClock
from backhaul.domain.errors import BackhaulError
from backhaul.simulation.floor import Floor
from backhaul.store import end_states
from backhaul.store.business_clock import move_clock
from backhaul.store.unit_of_work import Store
from backhaul.workflows.attest import READ_BACK
from backhaul.workflows.durable import DurableClient
from backhaul.workflows.inline import InlineEngine
from backhaul.workflows.world import WorkerWorld
from evals.bench_house import process, wait_for_worker
from evals.scenario import World
from evals.watched import Reads, WatchedStarter, watched
from evals.worlds import CHANNEL, Stage, home_of, moment_of

_QUIET_SECONDS = 2.0
_PATIENCE_SECONDS = 180.0
_LOOK_SECONDS = 0.2
_FIRST_VERDICT_SECONDS = 60.0
"""A worker loads its reader before its first verdict, on a busy machine for many seconds"""


class WorkerIsStuck(BackhaulError):
    """The worker still had something to do after a minute."""

    code = "worker_is_stuck"


@contextmanager
def set_up(world: World, *, seed: int, policies: Path | None) -> Iterator[Stage]:
    """A world with a worker beside it. Carrier and dock, who act through it, are not on this stage."""
    with home_of(world, policies=policies) as settings, ExitStack() as stack:
        store = stores.open_store(settings)
        stack.callback(store.close)
        _move(store, world)
        worker = stack.enter_context(process("worker", settings))
        wait_for_worker(store, worker)
        starter = DurableClient(store)
        stack.callback(starter.close)
        desk = build_desk(settings, store, starter)
        reads = Reads()
        told = WatchedStarter(desk.starter, reads)
        desk = replace(desk, erp=watched(desk.erp, reads), ids=Ids(seed=seed), starter=told)
        floor = Floor(
            store=store,
            clock=cast("MovedClock", store.clock),
            desk=desk,
            world=cast("WorkerWorld", None),
            engine=cast("InlineEngine", starter),
            carriers=(),
            channel=CHANNEL,
            staff={},
        )
        yield Stage(
            settings, floor, reads, _Quiet(store, worker).wait, verdict_seconds=_FIRST_VERDICT_SECONDS
        )


def _move(store: Store, world: World) -> None:
    """The worker reads the same clock, which goes on from the moment of the world."""
    away = moment_of(world) - SystemClock().now()
    with store.begin() as uow:
        move_clock(uow, seconds=round(away.total_seconds()), actor="evaluation")


@dataclass(slots=True)
class _Quiet:
    """Waits until the worker has done all there is to do."""

    store: Store
    worker: "subprocess.Popen[bytes]"

    def wait(self) -> None:
        """Return when nothing was written for two seconds. WorkerIsStuck when that does not happen."""
        deadline, seen, since = time.monotonic() + _PATIENCE_SECONDS, self._written(), time.monotonic()
        while time.monotonic() - since < _QUIET_SECONDS:
            if time.monotonic() > deadline or self.worker.poll() is not None:
                raise WorkerIsStuck(f"something is still under way after {_PATIENCE_SECONDS:g} s")
            time.sleep(_LOOK_SECONDS)
            now = self._written()
            if now != seen or now[0]:
                seen, since = now, time.monotonic()

    def _written(self) -> tuple[object, ...]:
        with self.store.read() as uow:
            busy = end_states.is_undecided(uow, read_back=READ_BACK)
            return busy, end_states.audit_tags(uow), end_states.confirmed(uow)
