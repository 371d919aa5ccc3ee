"""`backhaul simulate`: months of returns in a home of their own. Heavy imports wait, see main.py."""

import gc
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from backhaul.settings import Settings

if TYPE_CHECKING:
    from backhaul.simulation.examination import Findings
    from backhaul.simulation.months import Run

console = Console(highlight=False, soft_wrap=True)
_MOST_MONTHS = 24
_SHOWN = 20
_OBJECTS_BEFORE_COLLECTING = 200_000
"""Python looks for circles among its objects; there are few, and at its usual pace it looks all the time"""


def register(parent: typer.Typer) -> None:
    """Add this command to the command line."""
    parent.command()(simulate)


def simulate(
    months: Annotated[int, typer.Option(min=1, max=_MOST_MONTHS, help="How far back it begins.")] = 24,
    cases: Annotated[int, typer.Option(min=1, max=200_000, help="How many returns are asked for.")] = 20_000,
    seed: Annotated[int, typer.Option(help="Another seed is another world.")] = 1,
    home: Annotated[
        Path, typer.Option(help="Folder for it, empty or missing; nothing real ever goes into it.")
    ] = Path("simulated"),
) -> None:
    """Let customers, dock, desk and suppliers of an assumed world make returns, and examine the books.

    Ctrl-C ends it early and examines what there is by then. Status 1 when the books are not in order.
    """
    from backhaul.bootstrap.doors import silence_telemetry
    from backhaul.cli.house import keep_stdout_clean
    from backhaul.simulation.examination import finish
    from backhaul.simulation.months import begin
    from backhaul.simulation.simulated_home import Trial, make_home

    silence_telemetry()
    keep_stdout_clean()
    settings, trial = Settings(home=home, demo=True), Trial(months, cases, seed)
    make_home(settings, trial)
    gc.set_threshold(_OBJECTS_BEFORE_COLLECTING)
    with begin(settings, trial) as run, _stoppable(run):
        started = time.monotonic()
        with _progress(run.wanted) as tell:
            run.play(tell)
        seconds = time.monotonic() - started
        console.print(f"{run.begun} cases in {seconds:.0f} s, {run.begun / max(seconds, 0.001):.1f} a second")
        found = finish(settings, run.floor)
    _show(found, home)
    if not found.in_order:
        raise typer.Exit(1)


@contextmanager
def _stoppable(run: "Run") -> Iterator[None]:
    before = signal.signal(signal.SIGINT, lambda *_: run.stop())
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _progress(cases: int) -> Iterator[Callable[[int, datetime], None]]:
    """A bar with the cases begun, the day in the simulation, and how long it will still take."""
    day = TextColumn("{task.description}")
    with Progress(day, BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console) as bar:
        task = bar.add_task("", total=cases)
        yield lambda begun, at: bar.update(task, completed=begun, description=f"{at:%d %b %Y}")


def _show(found: "Findings", home: Path) -> None:
    console.print("returns:  " + _told(found.returns))
    console.print("claims:   " + _told(found.claims))
    console.print(f"waiting:  {found.open_reviews} reviews, {found.handed_over} returns for the worker")
    for fault in (*found.tampering, *found.untold, *found.leaked)[:_SHOWN]:
        console.print(f"  {fault}", markup=False)
    console.print(
        f"books:    {len(found.leaked)} leaks, {found.under_way} differences under way, "
        f"{found.misplaced} returns in another state than their facts"
    )
    if found.unplaced:
        held = "more about pieces that the dock holds: not as announced"
        console.print(f"          {len(found.unplaced)} {held}")
    console.print(
        f"log:      {found.events} events, {len(found.tampering)} faults, {len(found.untold)} effects untold"
    )
    console.print(f"Look at it with BACKHAUL_HOME={home} backhaul up; every page says that it was simulated.")


def _told(counted: dict[str, int]) -> str:
    return ", ".join(f"{number} {state.replace('_', ' ')}" for state, number in sorted(counted.items()))
