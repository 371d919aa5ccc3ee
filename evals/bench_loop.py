"""The whole loop: how fast returns are simulated, and what it costs a worker to keep many of them waiting."""

import os
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random

from backhaul.settings import Settings
from backhaul.simulation import acts
from backhaul.simulation.examination import finish
from backhaul.simulation.handing_over import hand_over
from backhaul.simulation.months import Run, begin
from backhaul.simulation.simulated_home import Trial, make_home
from evals.bench_figures import Aim, Figure, Row
from evals.bench_house import BenchmarkBroken, Ground, process
from evals.bench_processes import resident_mib

_MONTHS, _SEED = 6, 1
_CASES, _QUICK_CASES = 300, 20
_WAITING, _QUICK_WAITING = 3_000, 20
_ALL, _MOST_MINUTES = 20_000, 60.0
_ASKED_FOR_EACH = 1.6
"""Not every wish is granted"""
_GIVE_UP_SECONDS = 1_800
_LOOK_SECONDS, _WATCH_SECONDS = 0.1, 10.0


def measure(ground: Ground) -> Iterator[Row]:
    """Simulated returns a second, their books in order; and a worker with returns that wait for parcels.

    Restart counts from starting the worker's process until it holds every waiting return again.
    """
    yield _simulated(ground)
    yield _waiting(ground)


def _simulated(ground: Ground) -> Row:
    trial = Trial(_MONTHS, _QUICK_CASES if ground.quick else _CASES, _SEED)
    settings = Settings(home=ground.root / "simulated")
    make_home(settings, trial)
    with begin(settings, trial) as run:
        began = time.perf_counter()
        run.play(lambda _begun, _at: None)
        seconds = time.perf_counter() - began
        found = finish(settings, run.floor)
    if not found.in_order:
        raise BenchmarkBroken(f"the books of the simulation are not in order: {found.leaked}, {found.untold}")
    minutes = _ALL / (run.begun / seconds) / 60
    return Row(
        "simulated returns",
        (Figure("cases a second", run.begun / seconds, "", 1), Figure("20,000 cases", minutes, "min", 0)),
        Aim(f"20,000 cases <= {_MOST_MINUTES:g} min", _MOST_MINUTES, minutes),
        remarks=(f"{run.begun} cases over {_MONTHS} months, {found.events} events, one process",),
    )


def _waiting(ground: Ground) -> Row:
    wanted = _QUICK_WAITING if ground.quick else _WAITING
    settings = Settings(home=ground.root / "waiting")
    trial = Trial(1, round(wanted * _ASKED_FOR_EACH), _SEED)
    make_home(settings, trial)
    with begin(settings, trial) as run:
        handed_over = _ask_only(run)
    first, _ = _worker_until(settings, handed_over)
    again, (memory, idle) = _worker_until(settings, handed_over)
    return Row(
        "waiting returns",
        (
            Figure("memory", memory, "MiB", 0),
            Figure("idle CPU", idle, "% of a core", 1),
            Figure("restart", again, "s", 1),
            Figure("first start", first, "s", 1),
        ),
        remarks=(f"{handed_over} returns wait for their parcels; the first start does their steps again",),
    )


def _ask_only(run: Run) -> int:
    """Returns up to their labels, all asked for today, and nothing after that."""
    run.floor.clock.at = run.until
    for number, sold in enumerate(run.drawn()):
        wish = run.wish(number, sold, Random(f"bench {number}"))
        if wish is not None:
            acts.asks(run.floor, wish)
    return hand_over(run.floor, channel=run.floor.channel)


def _worker_until(settings: Settings, waiting: int) -> tuple[float, tuple[float, float]]:
    """Seconds until a worker holds them all; then its memory in MiB and its idle CPU in percent of a core."""
    began = time.perf_counter()
    with process("worker", settings) as worker:
        _wait_until_held(settings, worker, waiting)
        seconds = time.perf_counter() - began
        time.sleep(_WATCH_SECONDS / 2)
        before = _cpu_seconds(worker.pid)
        time.sleep(_WATCH_SECONDS)
        idle = (_cpu_seconds(worker.pid) - before) / _WATCH_SECONDS * 100
        return seconds, (resident_mib(worker.pid), idle)


def _wait_until_held(settings: Settings, worker: "subprocess.Popen[bytes]", waiting: int) -> None:
    deadline = time.monotonic() + _GIVE_UP_SECONDS
    while time.monotonic() < deadline and worker.poll() is None:
        if _held(settings) >= waiting:
            return
        time.sleep(_LOOK_SECONDS)
    raise BenchmarkBroken(f"not all returns wait within {_GIVE_UP_SECONDS} s (status {worker.returncode})")


def _held(settings: Settings) -> int:
    """Returns of the worker that lives now, and that have come as far as waiting."""
    query = (
        "SELECT count(*) FROM workflow_status JOIN worker_heartbeat USING (executor_id) "
        "WHERE workflow_status.status = 'PENDING' AND name = 'return'"
    )
    with closing(sqlite3.connect(settings.sqlite_path, timeout=30)) as database:
        return int(database.execute(query).fetchone()[0])


def _cpu_seconds(pid: int) -> float:
    """What a process has used of the processors so far, from /proc; zero where there is none."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return 0.0
    fields = stat.read_text(encoding="ascii").rpartition(")")[2].split()
    user, system = int(fields[11]), int(fields[12])
    return (user + system) / os.sysconf("SC_CLK_TCK")
