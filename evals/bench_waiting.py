"""Thousands of returns that wait for their parcels: memory, idle work, a restart, how soon one wakes.

`python -m evals.bench --only waiting`: some 6 minutes, with `--quick` 2. Twenty returns come to their waiting
point by themselves, in a real worker; the others are copies of them, rows of ours and of the engine alike,
under other names. Then a worker starts on all of them as after a shutdown, and is left alone.
"""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from backhaul.connectors import webhooks
from backhaul.settings import Settings
from backhaul.store import rmas
from backhaul.store.database import open_engine
from backhaul.workflows.durable import SCHEMA
from evals import bench_worker
from evals.bench_copies import Copies
from evals.bench_figures import Aim, Figure, Row, middle, percentile
from evals.bench_house import BenchmarkBroken, Ground, in_a_process, process
from evals.bench_postgres import empty_database, postgres_server
from evals.bench_processes import resident_mib
from evals.chaos.cells import plain_cells
from evals.chaos.driving import Case, carry
from evals.chaos.ground import Ground as Hands
from evals.chaos.ground import open_ground
from evals.chaos.kinds import End, kind_named
from evals.chaos.notebook import Notebook
from evals.chaos.trade import enter_orders

_WAITING, _QUICK_WAITING = 3_000, 300
_REAL = 20
_FLAT = 2.0
_IDLE_SECONDS, _QUICK_IDLE_SECONDS = 30, 8
_GIVE_UP_SECONDS = 600
_LOOK_SECONDS = 0.02
_SETTLE_SECONDS = 5.0
_PERCENT = 100.0
_MILLI = 1_000.0
_OF_THE_ENGINE = ("workflow_status", "workflow_input", "operation_outputs")


@dataclass(frozen=True, slots=True)
class _Watched:
    """What a worker took: until all its returns waited again, in memory, and while nothing happened."""

    restart_seconds: float
    mib: float
    busy_percent: float


def measure(ground: Ground) -> Iterator[Row]:
    """A worker with so many waiting returns beside one with twenty, on both databases."""
    yield from _on(ground, "SQLite", "")
    with postgres_server() as (server, _), empty_database(server) as url:
        yield from _on(ground, "PostgreSQL", url)


def _on(ground: Ground, database: str, url: str) -> Iterator[Row]:
    settings = ground.home(database_url=url)
    number = _QUICK_WAITING if ground.quick else _WAITING
    idle_for = _QUICK_IDLE_SECONDS if ground.quick else _IDLE_SECONDS
    with open_ground(settings, Notebook(settings.home / "bench.db")) as hands:
        engine, awake = _Engine(hands), list[float]()
        real = _bring_to_waiting(hands, engine)
        few = _watch(engine, settings, _REAL, idle_for)
        copies = Copies(hands.store)
        copies.grow(number)
        engine.copy(real, range(1, number // _REAL))
        many = _watch(
            engine,
            settings,
            number,
            idle_for,
            lambda: awake.extend(_wake(hands, engine, one) for one in real),
        )
    yield Row(
        f"{number:,} waiting returns, {database}",
        (
            Figure("memory for them", many.mib - few.mib, "MiB", 0),
            Figure("worker idle", many.busy_percent, "% of a core", 1),
            Figure(f"idle with {_REAL}", few.busy_percent, "%", 1),
            Figure("restart until all wait", many.restart_seconds, "s", 1),
            Figure("one wakes, median", middle(awake), "ms", 0),
            Figure("p95", percentile(awake, 95), "ms", 0),
        ),
        Aim(f"idle <= {_FLAT:g}x of idle with {_REAL}", _FLAT * few.busy_percent, many.busy_percent),
        Figure("idle with them / with few", many.busy_percent / few.busy_percent, "x", 1),
        (
            f"{_REAL} are real, the others copies of them; idle over {idle_for} s",
            "waking: from the carrier's message being kept to the step after it being recorded",
        ),
    )


@dataclass(slots=True)
class _Engine:
    """What we look up in the engine's own tables, and how waiting workflows are copied in them."""

    hands: Hands
    _tables: dict[str, sa.Table] = field(default_factory=dict)

    def __post_init__(self) -> None:
        kept, schema = sa.MetaData(), SCHEMA if self.hands.store.is_postgres else None
        with self.hands.store.engine.connect() as connection:
            self._tables = {
                name: sa.Table(name, kept, schema=schema, autoload_with=connection) for name in _OF_THE_ENGINE
            }

    def executors(self) -> set[str]:
        """Who has, or had, a workflow."""
        return {
            str(one) for one in self._all(sa.select(self._tables["workflow_status"].c.executor_id).distinct())
        }

    def at_work(self, former: Sequence[str] = ()) -> int:
        """Returns that a worker has taken up, and none of those former ones."""
        status = self._tables["workflow_status"].c
        mine = (status.status == "PENDING", status.name == "return", status.executor_id.not_in(former))
        return int(self._all(sa.select(sa.func.count()).where(*mine))[0])

    def has_done(self, workflow_id: str, step: str) -> bool:
        """Whether the step is on record."""
        done = self._tables["operation_outputs"].c
        one = (done.workflow_uuid == workflow_id, done.function_name == step)
        return bool(self._all(sa.select(sa.func.count()).where(*one))[0])

    def copy(self, rmas: Sequence[str], numbers: Sequence[int]) -> None:
        """Multiply the waiting workflows of these RMAs, as `Copies` does their rows."""
        engine = open_engine(self.hands.store.engine.url.render_as_string(hide_password=False))
        with engine.begin() as connection:
            for table in self._tables.values():
                mine = table.c.workflow_uuid.in_([f"return-{one}" for one in rmas])
                first = [dict(row) for row in connection.execute(sa.select(table).where(mine)).mappings()]
                for number in numbers:
                    connection.execute(table.insert(), [_renamed(row, number) for row in first])
        engine.dispose()

    def _all(self, query: sa.Select[Any]) -> Sequence[Any]:
        with self.hands.store.read() as uow:
            return uow.session.scalars(query).all()


def _renamed(row: dict[str, Any], number: int) -> dict[str, Any]:
    """The row of a workflow with the RMA's copy in place of the RMA."""
    rma_id = str(row["workflow_uuid"]).removeprefix("return-")
    return {
        name: value.replace(rma_id, f"{rma_id}:{number}") if isinstance(value, str) else value
        for name, value in row.items()
    }


def _bring_to_waiting(hands: Hands, engine: _Engine) -> list[str]:
    """Twenty RMAs with a label, whose workflows wait for their parcels."""
    kind, settings = kind_named("expired"), hands.settings
    goods = enter_orders(settings.erp_path, dict.fromkeys(range(_REAL), kind.template))
    cases = [Case(kind, goods[at], plain_cells(1)[0].doom) for at in range(_REAL)]
    with in_a_process(bench_worker.work, settings, settings.home / "tally.json", prints=True):
        ways = [carry(hands, one) for one in cases]
        _until("the returns wait for their parcels", lambda: _all_wait(cases, [next(one) for one in ways]))
        _until("their workflows wait", lambda: engine.at_work() >= _REAL)
        time.sleep(_SETTLE_SECONDS)
    found = [hands.rma_of(one.case_id) for one in cases]
    return [one.id for one in found if one is not None]


def _all_wait(cases: Sequence[Case], looked: object) -> bool:
    del looked
    return all(one.waits_for == End.EXPIRED.value for one in cases)


def _watch(
    engine: _Engine,
    settings: Settings,
    number: int,
    idle_for: int,
    deed: Callable[[], object] = lambda: None,
) -> _Watched:
    """Start a worker on what waits, and look at it; then do the deed while it still runs."""
    former = sorted(engine.executors())
    began = time.perf_counter()
    with process("worker", settings) as worker:
        _until(f"{number} returns wait again", lambda: engine.at_work(former) >= number)
        restart = time.perf_counter() - began
        time.sleep(_SETTLE_SECONDS)
        worked, since = _cpu_seconds(worker.pid), time.perf_counter()
        time.sleep(idle_for)
        busy = (_cpu_seconds(worker.pid) - worked) / (time.perf_counter() - since)
        memory = resident_mib(worker.pid)
        deed()
    return _Watched(restart, memory, busy * _PERCENT)


def _wake(hands: Hands, engine: _Engine, rma_id: str) -> float:
    """Milliseconds from the carrier's message to the recorded step of the return."""
    with hands.store.read() as uow:
        label = rmas.live_label(uow, rma_id)
    if label is None:
        raise BenchmarkBroken(f"{rma_id} has no label")
    *_, delivered = hands.deliver(label)
    began = time.perf_counter()
    hands.start("carrier-event", f"told-{rma_id}", webhooks.slug(label.carrier), delivered)
    _until(f"{rma_id} has heard of its parcel", lambda: engine.has_done(f"return-{rma_id}", "parcel arrived"))
    return (time.perf_counter() - began) * _MILLI


def _until(what: str, look: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _GIVE_UP_SECONDS
    while not look():
        if time.monotonic() > deadline:
            raise BenchmarkBroken(f"not within {_GIVE_UP_SECONDS} s: {what}")
        time.sleep(_LOOK_SECONDS)


def _cpu_seconds(pid: int) -> float:
    """Processor time of a process so far, from /proc."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
