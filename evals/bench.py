"""`python -m evals.bench`: speed and memory, as ratios within one run. A missed aim is marked, not fatal."""

import json
import logging
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import structlog
import typer
from rich.console import Console
from rich.table import Table

from backhaul.bootstrap.doors import silence_telemetry
from evals import (
    bench_asking,
    bench_bisecting,
    bench_chat,
    bench_growth,
    bench_insight,
    bench_loop,
    bench_notes,
    bench_policy,
    bench_processes,
    bench_proposing,
    bench_queue,
    bench_reader,
    bench_simulating,
    bench_waiting,
)
from evals.bench_figures import Row
from evals.bench_house import BenchmarkBroken, Ground

BENCHMARKS: dict[str, Callable[[Ground], Iterator[Row]]] = {
    "processes": bench_processes.measure,
    "policy": bench_policy.measure,
    "proposing": bench_proposing.measure,
    "asking": bench_asking.measure,
    "reader": bench_reader.measure,
    "notes": bench_notes.measure,
    "chat": bench_chat.measure,
    "loop": bench_loop.measure,
    "waiting": bench_waiting.measure,
    "simulating": bench_simulating.measure,
    "growth": bench_growth.measure,
    "queue": bench_queue.measure,
    "insight": bench_insight.measure,
    "bisecting": bench_bisecting.measure,
}
_BUSY_SHARE = 0.5
_WIDTH = 170

# In a file there is no window to fit into, and a table of narrow columns cannot be read.
console = Console(highlight=False, width=None if sys.stdout.isatty() else _WIDTH)


def main(
    only: Annotated[list[str] | None, typer.Option(help=f"One of {', '.join(BENCHMARKS)}; repeat.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Fewer repetitions; rougher figures.")] = False,  # noqa: FBT002 - typer's way
    json_file: Annotated[Path | None, typer.Option("--json", help="Also write the rows here.")] = None,
) -> None:
    """Measure, and print one table."""
    wanted = only or list(BENCHMARKS)
    if unknown := sorted(set(wanted) - set(BENCHMARKS)):
        raise typer.BadParameter(f"no benchmark {', '.join(unknown)}; there are: {', '.join(BENCHMARKS)}")
    silence_telemetry()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    load = _load()
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="backhaul-bench-") as folder:
        rows = _measure(Ground(Path(folder), quick=quick), wanted)
    about = f"{os.cpu_count()} cores; {load}; {time.perf_counter() - began:.0f} s{'; quick' if quick else ''}"
    console.print(_table(rows, about))
    if json_file is not None:
        json_file.write_text(json.dumps({"about": about, "rows": _plain(rows)}, indent=2), encoding="utf-8")


def _load() -> str:
    """How busy the machine was before we began: figures of a busy machine are no figures."""
    waiting = os.getloadavg()[0]
    busy = waiting > _BUSY_SHARE * (os.cpu_count() or 1)
    return f"load {waiting:.1f} before the start" + (", OTHERS WERE WORKING" if busy else "")


def _measure(ground: Ground, wanted: Sequence[str]) -> list[Row]:
    rows: list[Row] = []
    with console.status("preparing a home and the reader ...") as status:
        ground.prepare()
        for name in wanted:
            status.update(f"measuring {name} ...")
            try:
                for row in BENCHMARKS[name](ground):
                    rows.append(row)
                    console.print(f"{row.name}: {_figures(row)}")
            except BenchmarkBroken as broken:
                rows.append(Row(name, (), remarks=(f"NOT MEASURED: {broken}",)))
    return rows


def _table(rows: Sequence[Row], about: str) -> Table:
    table = Table(title="Backhaul, measured", caption=about)
    for title in ("what", "figures", "aim", "ratio in this run", "remarks"):
        table.add_column(title, overflow="fold")
    for row in rows:
        table.add_row(
            row.name, _figures(row), _aim(row), row.ratio.text if row.ratio else "", "; ".join(row.remarks)
        )
    return table


def _figures(row: Row) -> str:
    return " | ".join(figure.text for figure in row.figures)


def _aim(row: Row) -> str:
    if row.aim is None:
        return ""
    return f"{row.aim.text}: " + ("met" if row.aim.met else "[bold red]MISSED[/]")


def _plain(rows: Sequence[Row]) -> list[dict[str, Any]]:
    return [{**asdict(row), "met": row.aim.met if row.aim else None} for row in rows]


if __name__ == "__main__":
    typer.run(main)
