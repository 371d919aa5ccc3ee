"""`python -m evals.three_ways`: one stream of returns by hand, by rules alone, by Backhaul. SIMULATED.

Each seed is a world: its returns are played through the real guard, workflows and books, as by
`backhaul simulate`; the two other ways are reckoned on the same stream. Some 40 seconds for each seed.
"""

import gc
import logging
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import structlog
import typer
from rich.console import Console
from rich.table import Table

from backhaul.bootstrap.doors import silence_telemetry
from backhaul.domain.money import LEDGER_CURRENCY
from backhaul.settings import Settings
from backhaul.simulation.months import begin
from backhaul.simulation.simulated_home import Trial, make_home
from backhaul.store.insight_played import Played, requests_played
from backhaul.store.leaks import leaks
from evals.recovery_differences import Difference
from evals.three_ways_arms import (
    BACKHAUL,
    MANUAL,
    RULES_ONLY,
    Request,
    Result,
    Stream,
    assumptions,
    in_all,
    run,
)
from tools.desk import Desk

_FIGURES = {
    "cycle_days": ("cycle, median", "days"),
    "house_days": ("of it in the house", "days"),
    "cash_usd": ("owed on an average day", "USD"),
    "leakage_usd": ("leakage of 1,000 requests", "USD"),
    "hours": ("people, 1,000 requests", "hours"),
}
_WAYS = (MANUAL, RULES_ONLY, BACKHAUL)
_OBJECTS_BEFORE_COLLECTING = 200_000
_FEWEST_SEEDS, _CENTS = 2, 100

console = Console(highlight=False, width=None if sys.stdout.isatty() else 150)


def main(
    seeds: Annotated[int, typer.Option(min=_FEWEST_SEEDS, help="Worlds; intervals are over these.")] = 8,
    cases: Annotated[int, typer.Option(min=20, help="Requests in each world.")] = 150,
    months: Annotated[int, typer.Option(min=2, max=24, help="How long each world lasts.")] = 6,
) -> None:
    """Play every world, reckon the three ways, and print their figures with 95 % intervals."""
    silence_telemetry()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    gc.set_threshold(_OBJECTS_BEFORE_COLLECTING)
    ways, streams = assumptions(), list[Stream]()
    for seed in range(1, seeds + 1):
        streams.append(played(Trial(months, cases, seed)))
        console.print(f"world {seed}: {len(streams[-1].requests)} requests played")
    show("12 days beside the parcel's way", [run(one, ways) for one in streams])
    show("12 days in all, the parcel's way included", [run(one, in_all(one, ways)) for one in streams])
    show_lost([run(one, ways) for one in streams])
    console.print("SIMULATED: requests, parcels and people are made up; see docs/three-ways.md.")


def played(trial: Trial) -> Stream:
    """The stream of one world, played through a house of its own that is thrown away."""
    with tempfile.TemporaryDirectory(prefix="backhaul-three-ways-") as folder:
        settings = Settings(home=Path(folder) / "home", demo=True)
        make_home(settings, trial)
        with begin(settings, trial) as house:
            house.play(lambda _begun, _at: None)
            with house.floor.store.read() as uow:
                rows = requests_played(uow)
                lost = sum(one.value_minor for one in leaks(uow) if not one.under_way)
            requests = [Request(row, _value(house.floor.desk, row)) for row in rows]
    return Stream(trial.seed, trial.days, requests, lost)


def _value(desk: Desk, row: Played) -> int:
    """What was asked for, as it was sold, in cents of the ledger currency; unknown is nothing."""
    line = desk.erp.order_line(row.order_number, row.order_line)
    if line is None:
        return 0
    price = line.unit_price * row.quantity
    if price.currency == LEDGER_CURRENCY:
        return price.minor
    rate = desk.erp.exchange_rate(price.currency, row.asked_at.date())
    return rate.in_ledger_currency(price).minor if rate else 0


def show(title: str, results: Sequence[dict[str, Result]]) -> None:
    """One table: the three ways, and Backhaul against each of the others, paired by world."""
    table = Table(title=f"{title} (SIMULATED)", caption=f"{len(results)} worlds; 95 % intervals")
    for heading in ("figure", "unit", *_WAYS, "Backhaul - manual", "Backhaul - rules only"):
        table.add_column(heading, justify="left" if heading in {"figure", "unit"} else "right")
    for name, (words, unit) in _FIGURES.items():
        found = {way: [getattr(one[way], name) for one in results] for way in _WAYS}
        means = [_mean(found[way]) for way in _WAYS]
        apart = [_apart(found[BACKHAUL], found[way]) for way in (MANUAL, RULES_ONLY)]
        table.add_row(words, unit, *means, *apart)
    console.print(table)


def show_lost(results: Sequence[dict[str, Result]]) -> None:
    """What leakage is made of, so that nobody takes one assumption for another."""
    table = Table(title="leakage of 1,000 requests, USD (SIMULATED)")
    for heading in ("from", *_WAYS):
        table.add_column(heading, justify="left" if heading == "from" else "right")
    for ground in dict.fromkeys(name for one in results for way in _WAYS for name in one[way].lost_usd):
        table.add_row(
            ground, *(_mean([one[way].lost_usd.get(ground, 0) for one in results]) for way in _WAYS)
        )
    console.print(table)


def _mean(values: Sequence[float]) -> str:
    found = _difference(values, [0.0] * len(values))
    return f"{found.mean:,.1f} ± {found.half_width:,.1f}"


def _apart(ours: Sequence[float], theirs: Sequence[float]) -> str:
    found = _difference(ours, theirs)
    return f"{found.mean:+,.1f} ± {found.half_width:,.1f}"


def _difference(ours: Sequence[float], theirs: Sequence[float]) -> Difference:
    """A difference takes cents and tells whole units; here everything is in whole units already."""
    return Difference.of([one * _CENTS for one in ours], [one * _CENTS for one in theirs])


if __name__ == "__main__":
    typer.run(main)
