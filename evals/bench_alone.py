"""A command by itself: how long it takes, what it tells, and how much memory it needs at most."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evals.bench_house import BenchmarkBroken

# The kernel counts to a process what its parent held when it was started. This small one stands between.
_BETWEEN = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, flush=True)
sys.stdout.buffer.write(done.stdout)
sys.exit(done.returncode)
"""
_PEAK_UNITS_PER_MEGABYTE = 1_048_576.0 if sys.platform == "darwin" else 1_024.0


@dataclass(frozen=True, slots=True)
class Alone:
    """One run: its seconds, the most memory of any of its processes, and what it wrote to its output."""

    seconds: float
    peak_megabytes: float
    told: str


def run_alone(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Alone:
    """Run a command to its end, with these variables set beside ours.

    Raises:
        BenchmarkBroken: It did not end well.
    """
    began = time.perf_counter()
    done = subprocess.run(  # noqa: S603 - our own programs
        [sys.executable, "-c", _BETWEEN, *command],
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.perf_counter() - began
    if done.returncode != 0:
        raise BenchmarkBroken(f"{command[0]} ended with {done.returncode}: {done.stderr[-300:]}")
    peak, _, told = done.stdout.partition("\n")
    return Alone(seconds, int(peak) / _PEAK_UNITS_PER_MEGABYTE, told)
