"""`python -m evals.advice`: fraud, dispositions, buildings and queue against base rates, on simulated truth.

Each part says in its module how its truth is made, and what of it the signals cannot know.
"""

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from evals.advice_disposition import Foretold, foretold, year
from evals.advice_facility import ARMS, cost
from evals.advice_figures import OverSeeds
from evals.advice_fraud import FRAUD, Fraud, scored
from evals.advice_queue import ORDERS, Lost, played

FIRST_SEED = 1_000
"""Constants were chosen on the seeds below"""
_FEWEST_SEEDS = 2
_CENTS = 100

console = Console(highlight=False, width=None if sys.stdout.isatty() else 150)
Figures = dict[str, OverSeeds]


def main(
    seeds: Annotated[int, typer.Option(min=_FEWEST_SEEDS, help="Worlds to draw for each part.")] = 200,
    only: Annotated[list[str] | None, typer.Option(help="One of the parts; repeat.")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Also write the figures here.")] = None,
) -> None:
    """Print where the signals do better than simpler ways, and where they do not, with 95 % intervals."""
    wanted = only or list(PARTS)
    if unknown := sorted(set(wanted) - set(PARTS)):
        raise typer.BadParameter(f"no part {', '.join(unknown)}; there are: {', '.join(PARTS)}")
    found = {name: measured(name, seeds) for name in wanted}
    for name, figures in found.items():
        console.print(_table(name, figures, seeds))
    if json_file is not None:
        plain = {name: {what: asdict(one) for what, one in each.items()} for name, each in found.items()}
        json_file.write_text(json.dumps({"seeds": seeds, "parts": plain}, indent=2), encoding="utf-8")


def measured(name: str, seeds: int) -> Figures:
    """The figures of one part over so many worlds."""
    one_world, summed_up = PARTS[name]
    with Progress(console=console, transient=True) as progress:
        numbers = range(FIRST_SEED, FIRST_SEED + seeds)
        worlds = [one_world(seed) for seed in progress.track(numbers, description=name)]
    return summed_up(worlds)


def _fraud(seed: int) -> Fraud:
    return Fraud.of(scored(seed))


def _fraud_figures(worlds: Sequence[Fraud]) -> Figures:
    both = [(one.auroc, one.auroc_of_returns) for one in worlds]
    figures = {
        "AUROC of the score": OverSeeds.of([one.auroc for one in worlds]),
        "AUROC of returned lines for each bought": OverSeeds.of([one.auroc_of_returns for one in worlds]),
        "difference of the two": OverSeeds.of([a - b for a, b in both if a is not None and b is not None]),
        "precision at the ceiling": OverSeeds.of([one.precision for one in worlds]),
        "precision of choosing at random": OverSeeds.of([one.share for one in worlds]),
        "recall at the ceiling": OverSeeds.of([one.recall for one in worlds]),
        "honest requests escalated": OverSeeds.of([one.honest_escalated for one in worlds]),
        "of honest heavy returners": OverSeeds.of([one.heavy_escalated for one in worlds]),
    }
    for kind in FRAUD:
        figures[f"recall, {kind.value}"] = OverSeeds.of([one.recall_by_kind[kind] for one in worlds])
    return figures


def _dispositions(seed: int) -> dict[str, Foretold]:
    return foretold(year(seed))


def _disposition_figures(worlds: Sequence[dict[str, Foretold]]) -> Figures:
    figures = {}
    for name in worlds[0]:
        each = [one[name] for one in worlds]
        figures[f"log-loss, {name}"] = OverSeeds.of([one.log_loss for one in each])
        figures[f"accuracy, {name}"] = OverSeeds.of([one.accuracy for one in each])
        figures[f"calibration error, {name}"] = OverSeeds.of([one.calibration for one in each])
    return figures


def _facilities(seed: int) -> dict[str, float]:
    return {name: cost(seed, arm) / _CENTS for name, arm in ARMS.items()}


def _facility_figures(worlds: Sequence[dict[str, float]]) -> Figures:
    first = next(iter(ARMS))
    figures = {f"USD a return, {name}": OverSeeds.of([one[name] for one in worlds]) for name in ARMS}
    for name in list(ARMS)[1:]:
        saved = [one[first] - one[name] for one in worlds]
        figures[f"USD saved a return against {first}, {name}"] = OverSeeds.of(saved)
    return figures


def _queue(seed: int) -> dict[str, Lost]:
    return {name: played(seed, order) for name, order in ORDERS.items()}


def _queue_figures(worlds: Sequence[dict[str, Lost]]) -> Figures:
    first, *_, ours = ORDERS
    figures = {}
    for name in ORDERS:
        figures[f"USD lost, {name}"] = OverSeeds.of([one[name].cents / _CENTS for one in worlds])
        figures[f"longest wait in hours, {name}"] = OverSeeds.of([one[name].longest for one in worlds])
    for name in ORDERS:
        if name != ours:
            less = [(one[name].cents - one[ours].cents) / _CENTS for one in worlds]
            figures[f"USD lost less than {name}"] = OverSeeds.of(less)
    beyond = [one[ours].longest - one[first].longest for one in worlds]
    figures["longest wait beyond that of first come, hours"] = OverSeeds.of(beyond)
    figures["the same in the worst world"] = OverSeeds(max(beyond), 0.0, len(beyond))
    return figures


PARTS: dict[str, tuple[Callable[[int], object], Callable[[Sequence[object]], Figures]]] = {
    "fraud": (_fraud, _fraud_figures),  # type: ignore[dict-item]
    "dispositions": (_dispositions, _disposition_figures),  # type: ignore[dict-item]
    "buildings": (_facilities, _facility_figures),  # type: ignore[dict-item]
    "queue": (_queue, _queue_figures),  # type: ignore[dict-item]
}


def _table(name: str, figures: Figures, seeds: int) -> Table:
    table = Table("what", "mean ± half of the 95 % interval", "worlds")
    table.title = f"{name}, {seeds} worlds. Simulated."
    for what, one in figures.items():
        table.add_row(what, str(one), str(one.seeds))
    return table


if __name__ == "__main__":
    typer.run(main)
