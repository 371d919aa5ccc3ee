"""Whole returns per second, from the yes to the credit and the closed RMA, against bare workflows.

`python -m evals.bench --only loop`: some 4 minutes, with `--quick` 2. The bare workflows have as many
workflows, steps and transactions as the returns just measured had, on the same engine and settings; each of
their transactions inserts one row. Both are driven from this process and done by one worker of their own.
"""

import json
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from backhaul.settings import Settings
from evals import bench_worker
from evals.bench_figures import Aim, Figure, Row
from evals.bench_house import BenchmarkBroken, Ground, in_a_process
from evals.bench_postgres import empty_database, postgres_server
from evals.chaos.cells import plain_cells
from evals.chaos.driving import Case, Pauses, carry
from evals.chaos.ground import Ground as Hands
from evals.chaos.ground import open_ground
from evals.chaos.kinds import kind_named
from evals.chaos.notebook import Notebook
from evals.chaos.trade import enter_orders

_SHARE = 0.7
_RETURNS, _QUICK_RETURNS = 100, 20
_WARM = 5
_AT_ONCE = 20
_LOOK_SECONDS = 0.05
_GIVE_UP_SECONDS = 900
_MILLI = 1_000.0
_SLOWEST = 6
_PRINTING = "buy label"
_Plan = list[list[int]]


@dataclass(frozen=True, slots=True)
class _Step:
    """What a step of the returns took, in all."""

    name: str
    seconds: float
    times: int
    commits: int


def measure(ground: Ground) -> Iterator[Row]:
    """Returns per second with and without drawing labels, and bare chains per second, on both databases."""
    yield from _on(ground, "SQLite", "")
    with postgres_server() as (server, _), empty_database(server) as first, empty_database(server) as second:
        yield from _on(ground, "PostgreSQL", first, second)


def _on(ground: Ground, database: str, first: str, second: str = "") -> Iterator[Row]:
    wanted = _QUICK_RETURNS if ground.quick else _RETURNS
    settings = ground.home(database_url=first)
    whole, steps = _returns(settings, wanted, prints=True)
    unprinted, _ = _returns(ground.home(database_url=second), wanted, prints=False)
    bare = _bare(settings, wanted, plan_of(steps, wanted + _WARM))
    yield Row(
        f"whole returns, {database}",
        (
            Figure("returns", whole, "/s", 2),
            Figure("without drawing labels", unprinted, "/s", 2),
            Figure("bare", bare, "/s", 2),
        ),
        # An aim is a most: how many times as long a return may take as its bare chain.
        Aim(f"without drawing >= {_SHARE:g}x of bare", 1 / _SHARE, bare / unprinted),
        Figure("without drawing / bare", unprinted / bare, "x", 2),
        (_about(steps, wanted + _WARM), _slowest(steps, wanted + _WARM)),
    )


def _about(steps: Sequence[_Step], returns: int) -> str:
    done, commits = sum(one.times for one in steps), sum(one.commits for one in steps)
    return f"{done / returns:.1f} steps and {commits / returns:.1f} transactions a return, {_AT_ONCE} at once"


def _slowest(steps: Sequence[_Step], returns: int) -> str:
    slow = sorted(steps, key=lambda one: -one.seconds)[:_SLOWEST]
    told = (f"{one.name} {one.seconds / returns * _MILLI:.0f}" for one in slow)
    return f"ms a return, waiting for the others included: {', '.join(told)}"


def plan_of(steps: Sequence[_Step], returns: int) -> _Plan:
    """The bare chain: for each workflow of a return its steps, with the transactions of each, rounded."""
    by_workflow: dict[str, list[int]] = defaultdict(list)
    for one in steps:
        times = round(one.times / returns)
        by_workflow[one.name.partition(":")[0]] += [round(one.commits / max(one.times, 1))] * times
    # Steps without a transaction come first: the last one starts the workflow that follows.
    return [sorted(steps) for steps in by_workflow.values() if any(steps)]


def _returns(settings: Settings, wanted: int, *, prints: bool) -> tuple[float, list[_Step]]:
    """Returns per second, and what their steps took."""
    cells = [kind_named("credit")] * (wanted + _WARM)
    goods = enter_orders(settings.erp_path, {at: kind.template for at, kind in enumerate(cells)})
    cases = [Case(kind, goods[at], plain_cells(1)[0].doom) for at, kind in enumerate(cells)]
    told = settings.home / "tally.json"
    with (
        open_ground(settings, Notebook(settings.home / "bench.db")) as hands,
        in_a_process(bench_worker.work, settings, told, prints),
    ):
        _drive(hands, cases[:_WARM])
        began = time.perf_counter()
        _drive(hands, cases[_WARM:])
        rate = wanted / (time.perf_counter() - began)
    rows = json.loads(told.read_text(encoding="utf-8"))
    return rate, [_Step(name, *figures) for name, figures in rows.items()]


def _drive(hands: Hands, cases: Sequence[Case]) -> None:
    """Do what people do for each, as soon as they can, some returns at a time."""
    to_do, under_way = [carry(hands, one) for one in reversed(cases)], list[Pauses]()
    deadline = time.monotonic() + _GIVE_UP_SECONDS
    while to_do or under_way:
        while to_do and len(under_way) < _AT_ONCE:
            under_way.append(to_do.pop())
        under_way = [one for one in under_way if next(one, hands) is not hands]
        if time.monotonic() > deadline:
            stands = next(one.waits_for for one in cases if not one.ended)
            raise BenchmarkBroken(f"a return waits for {stands}; see evals/chaos/driving.py")
        time.sleep(_LOOK_SECONDS)


def _bare(settings: Settings, wanted: int, plan: _Plan) -> float:
    """Bare chains per second, as many at once."""
    rows = sum(sum(steps) for steps in plan)
    with open_ground(settings, Notebook(settings.home / "bench.db")) as hands:
        with hands.store.begin() as uow:
            uow.session.execute(sa.text("CREATE TABLE bench_row (body TEXT NOT NULL)"))
        with in_a_process(bench_worker.work_bare, settings):
            _run_chains(hands, 1, _WARM, rows, plan)
            began = time.perf_counter()
            _run_chains(hands, _WARM + 1, wanted, rows, plan)
            return wanted / (time.perf_counter() - began)


def _run_chains(hands: Hands, first: int, wanted: int, rows: int, plan: _Plan) -> None:
    started, before = 0, _rows(hands)
    deadline = time.monotonic() + _GIVE_UP_SECONDS
    while (ended := (_rows(hands) - before) // rows) < wanted:
        while started < wanted and started - ended < _AT_ONCE:
            with hands.store.begin() as uow:
                bench_worker.start_bare(hands.starter, uow, f"bare-{first + started}", plan)
            started += 1
        if time.monotonic() > deadline:
            raise BenchmarkBroken(f"only {ended} of {wanted} bare chains ended")
        time.sleep(_LOOK_SECONDS)


def _rows(hands: Hands) -> int:
    with hands.store.read() as uow:
        return uow.session.scalar(sa.text("SELECT count(*) FROM bench_row")) or 0
