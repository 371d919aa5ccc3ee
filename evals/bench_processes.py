"""The two processes from outside: how soon the first page comes, and how much memory they take."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx

from backhaul.settings import Settings
from evals.bench_figures import Aim, Figure, Row, middle, times_as_long
from evals.bench_house import BenchmarkBroken, Ground, process

_MOST_SECONDS = 3.0
_STARTS, _QUICK_STARTS = 3, 1
_GIVE_UP_SECONDS = 60
_LOOK_SECONDS = 0.02
_SETTLED_SECONDS = 4.0
_SETTLED_MIB = 2.0
_KIB_IN_MIB = 1_024


def measure(ground: Ground) -> Iterator[Row]:
    """First page of `backhaul web` alone and with a worker starting beside it; memory once both are warm.

    Time counts from starting the process to the whole first page, Python's own start included. Memory is
    resident size, in which libraries shared by both processes count twice.
    """
    starts = _QUICK_STARTS if ground.quick else _STARTS
    alone = [_first_page(ground, with_worker=False) for _ in range(starts)]
    beside = [_first_page(ground, with_worker=True) for _ in range(starts)]
    yield Row(
        "first page after start",
        (Figure("web alone", middle(alone), "s", 2), Figure("worker starting too", middle(beside), "s", 2)),
        Aim(f"web alone <= {_MOST_SECONDS:g} s", _MOST_SECONDS, middle(alone)),
        times_as_long("with worker / alone", middle(beside), middle(alone)),
        (f"medians of {starts}; the reader warms up meanwhile",),
    )
    yield _memory(ground)


def _first_page(ground: Ground, *, with_worker: bool) -> float:
    settings = ground.home(port=free_port())
    with ExitStack() as running:
        began = time.perf_counter()
        web = running.enter_context(process("web", settings))
        if with_worker:
            running.enter_context(process("worker", settings))
        wait_for_page(settings, web)
        return time.perf_counter() - began


def wait_for_page(settings: Settings, web: "subprocess.Popen[bytes]") -> None:
    """Return when the first page was shown; BenchmarkBroken when that takes a minute."""
    deadline = time.monotonic() + _GIVE_UP_SECONDS
    while time.monotonic() < deadline and web.poll() is None:
        try:
            httpx.get(f"http://{settings.host}:{settings.port}/", timeout=5).raise_for_status()
        except httpx.TransportError:
            time.sleep(_LOOK_SECONDS)
        else:
            return
    raise BenchmarkBroken(f"no first page within {_GIVE_UP_SECONDS} s (status {web.returncode})")


def _memory(ground: Ground) -> Row:
    settings = ground.home(port=free_port())
    with process("web", settings) as web, process("worker", settings) as worker:
        wait_for_page(settings, web)
        at_first_page = resident_mib(web.pid)
        _wait_until_settled(web.pid, worker.pid)
        warm, working = resident_mib(web.pid), resident_mib(worker.pid)
    return Row(
        "memory after warm-up",
        (
            Figure("web", warm, "MiB", 0),
            Figure("worker", working, "MiB", 0),
            Figure("both", warm + working, "MiB", 0),
        ),
        ratio=times_as_long("web warm / at first page", warm, at_first_page),
        remarks=("resident, shared pages count in each; no aim is set",),
    )


def _wait_until_settled(*pids: int) -> None:
    """Wait until nothing has grown or shrunk for some seconds: the readers are loaded then."""
    deadline = time.monotonic() + _GIVE_UP_SECONDS
    before, since = [resident_mib(pid) for pid in pids], time.monotonic()
    while time.monotonic() < deadline and time.monotonic() - since < _SETTLED_SECONDS:
        time.sleep(_LOOK_SECONDS)
        now = [resident_mib(pid) for pid in pids]
        if any(abs(new - old) > _SETTLED_MIB for new, old in zip(now, before, strict=True)):
            before, since = now, time.monotonic()


def resident_mib(pid: int) -> float:
    """Resident memory of a process, from /proc where there is one, else from `ps`."""
    statm = Path(f"/proc/{pid}/statm")
    if statm.exists():
        pages = int(statm.read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / _KIB_IN_MIB / _KIB_IN_MIB
    told = subprocess.run(  # noqa: S603 - a program of the system, on a number
        ["ps", "-o", "rss=", "-p", str(pid)],  # noqa: S607 - where it stands differs between systems
        capture_output=True,
        text=True,
        check=True,
    )
    return int(told.stdout) / _KIB_IN_MIB


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
