"""Workers of the benchmark of the loop: the real one with a clock beside its steps, and a bare one."""

import json
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import sqlalchemy as sa

from backhaul.bootstrap import stores
from backhaul.bootstrap.doors import silence_telemetry
from backhaul.bootstrap.policy_shelf import PolicyShelf, policy_folder
from backhaul.bootstrap.worker import Replaced, build_world, run_worker
from backhaul.connectors.embedded import carrier
from backhaul.connectors.embedded.carrier_print import parcel_label
from backhaul.connectors.embedded.gs1 import tracking_number
from backhaul.connectors.ports import CarrierLabel
from backhaul.domain.codes import Reason
from backhaul.settings import Settings
from backhaul.store.unit_of_work import UnitOfWork
from backhaul.workflows import durable
from backhaul.workflows.runner import Json, Runner
from backhaul.workflows.sweep import new_executor_id
from backhaul.workflows.world import WorkerWorld
from tools.desk import WorkStarter

BARE = "bare"
_CERTAIN_PERMILLE = 1_000
_BODY = "x" * 600
"""About as long as a row of the audit log with its facts and hashes"""


@dataclass(slots=True)
class Tally:
    """See Watch: how long the bodies of steps take, and how many transactions of ours they commit."""

    seconds: Counter[str] = field(default_factory=Counter)
    times: Counter[str] = field(default_factory=Counter)
    commits: Counter[str] = field(default_factory=Counter)
    _step: threading.local = field(default_factory=threading.local)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def do(self, workflow_id: str, step: str, deed: Callable[[], Json]) -> Json:
        """Run the body and write down what it took."""
        name = f"{workflow_id.partition('-')[0]}: {step}"
        self._step.name, began = name, time.perf_counter()
        try:
            return deed()
        finally:
            self._step.name = ""
            with self._turn:
                self.seconds[name] += time.perf_counter() - began  # type: ignore[assignment]
                self.times[name] += 1

    def recorded(self, workflow_id: str, step: str) -> None:
        """Nothing to do here."""

    def committed(self, connection: sa.Connection, ours: str) -> None:
        """Count a transaction if it is on our database and in a step."""
        name = getattr(self._step, "name", "")
        if name and connection.engine.url.database == ours:
            with self._turn:
                self.commits[name] += 1


class _SureOfItsReading:
    """Reading words is measured elsewhere."""

    def score_permille(self, words: str, reason: Reason) -> int:
        del words, reason
        return _CERTAIN_PERMILLE


def work(settings: Settings, told: Path, prints: bool) -> None:
    """Be the real worker until told to stop, then write the tally into a file."""
    _be_silent()
    if not prints:
        _print_once()
    tally, store = Tally(), stores.open_store(settings)
    ours = store.engine.url.database or ""
    store.close()
    sa.event.listen(sa.Engine, "commit", lambda connection: tally.committed(connection, ours))
    run_worker(settings, Replaced(scorer=_SureOfItsReading(), watch=tally))
    rows = {name: [tally.seconds[name], tally.times[name], tally.commits[name]] for name in tally.times}
    told.write_text(json.dumps(rows), encoding="utf-8")


def _be_silent() -> None:
    silence_telemetry()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)


def _print_once() -> None:
    """Every label after the first has the prints of the first: drawing them is not the engine's work."""
    draw, drawn = parcel_label, list[CarrierLabel]()

    def same_again(rate: object, request: object, serial: int, key: str, **how: object) -> CarrierLabel:
        if not drawn:
            drawn.append(draw(rate, request, serial, key, **how))  # type: ignore[arg-type]
        tracking = tracking_number(serial)
        return replace(drawn[0], tracking_number=tracking, drop_off_code=f"{tracking}-{key[-6:]}")

    vars(carrier)[parcel_label.__name__] = same_again


async def bare(run: Runner, world: WorkerWorld, name: str, plan: list[list[int]]) -> Json:
    """As many steps as the first workflow of the plan, each with as many transactions; then the next one."""
    steps, *rest = plan
    for at, commits in enumerate(steps):
        is_last = at == len(steps) - 1
        await run.step(f"step {at}", _write, world, name, commits, rest if is_last else [])
    return {"state": "confirmed"}


def _write(world: WorkerWorld, name: str, commits: int, following: Sequence[Sequence[int]]) -> Json:
    for at in range(commits):
        with world.store.begin() as uow:
            uow.session.execute(sa.text("INSERT INTO bench_row VALUES (:body)"), {"body": _BODY})
            if following and at == commits - 1:
                start_bare(world.starter, uow, f"{name}+", following)
    return {"state": "confirmed"}


def start_bare(starter: WorkStarter, uow: UnitOfWork, name: str, plan: Sequence[Sequence[int]]) -> None:
    """Start a chain of bare workflows."""
    starter.start(uow, workflow=BARE, workflow_id=name, args=[name, [list(one) for one in plan]])


def work_bare(settings: Settings) -> None:
    """Execute bare workflows on the engine that the worker uses, with its settings, until told to stop."""
    _be_silent()
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    store = stores.open_store(settings)
    starter = durable.DurableClient(store)
    shelf = PolicyShelf(policy_folder(settings))
    world = build_world(settings, store, shelf, starter, Replaced(scorer=_SureOfItsReading()))
    durable.launch(
        world, executor_id=new_executor_id(), poll_seconds=settings.poll_seconds, workflows={BARE: bare}
    )
    stop.wait()
    durable.shut_down()
    starter.close()
    store.close()
