"""`python -m evals.open_data`: the reader on open texts that nobody wrote for it, kept elsewhere.

BACKHAUL_DATA names the folder with slots_retail.jsonl, service_notes.jsonl and intents.jsonl. None of it may
be copied into exemplars, prompts or tests; the figures stand in docs/decisions/0011.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from agent.understanding.offline import OfflineReader
from agent.understanding.references import normalised
from backhaul.bootstrap.doors import silence_telemetry
from backhaul.domain.canonical import json_lines
from backhaul.domain.codes import Reason
from backhaul.settings import Settings
from evals.scoring.intervals import Floats, score_of
from evals.scoring.measured import Measured, Unit
from evals.scoring.tally import Tally

FAILURES = (Reason.DEFECTIVE, Reason.WARRANTY_FAILURE, Reason.DAMAGED_IN_TRANSIT)
"""What a technician's note that reports a failure would come back for"""
_TELLS_OF_ONE = 0.5
_ROUNDS = 500

Rows = list[dict[str, Any]]
Told = Callable[[Iterable[dict[str, Any]]], Iterable[dict[str, Any]]]
console = Console(highlight=False)


@dataclass(frozen=True, slots=True)
class Check:
    """A file and what is measured on it."""

    file: str
    measure: Callable[[OfflineReader, Rows, Told], list[Measured]]


def orders_named(reader: OfflineReader, rows: Rows, told: Told) -> list[Measured]:
    """Precision and recall of order numbers: sets of a message, compared without case and signs."""
    tally = Tally()
    for row in told(rows):
        gold = {normalised(slot["value"]) for slot in row["slots"] if slot["slot"] == "order_id"}
        refs = reader.read(row["text"], ()).order_refs
        found = {normalised(ref.value) for ref in refs if ref.kind == "order"}
        tally.add(row["case_id"], "order", gold=len(gold), found=len(found), both=len(gold & found))
    return [tally.precision("order ids, precision"), tally.recall("order ids, recall")]


def failures_told(reader: OfflineReader, rows: Rows, told: Told) -> list[Measured]:
    """F1 of "a failure is reported", and of calling every note one."""
    judged = [row for row in rows if row.get("reports_failure") is not None]
    tally, always = Tally(), Tally()
    for row in told(judged):
        chance = sum(reader.reason_probability(row["text"], reason) for reason in FAILURES)
        gold, found = int(row["reports_failure"]), int(chance >= _TELLS_OF_ONE)
        tally.add(row["case_id"], "failure", gold=gold, found=found, both=gold & found)
        always.add(row["case_id"], "failure", gold=gold, found=1, both=gold)
    return [tally.f1("failure reported, F1"), always.f1("failure always reported, F1")]


def scope_told(reader: OfflineReader, rows: Rows, told: Told) -> list[Measured]:
    """How well the chance of being in scope tells returns and complaints from everything else."""
    chances = np.array([reader.scope_probability(row["text"]) for row in told(rows)])
    inside = np.array([bool(row["in_scope_for_returns"]) for row in rows])
    strange = np.array([row["label_coarse"] == "out_of_scope" for row in rows])
    return [
        auroc("in scope, AUROC", chances[inside], chances[~inside]),
        auroc("in scope against everyday questions, AUROC", chances[inside], chances[strange]),
    ]


CHECKS = (
    Check("slots_retail.jsonl", orders_named),
    Check("service_notes.jsonl", failures_told),
    Check("intents.jsonl", scope_told),
)


def auroc(name: str, inside: Floats, outside: Floats) -> Measured:
    """How often one that is in scope scores above one that is not, ties counting half."""
    if not len(inside) or not len(outside):
        return Measured(name=name, unit=Unit.SCORE)
    above = (inside[:, None] > outside[None, :]) + 0.5 * (inside[:, None] == outside[None, :])
    wins = np.concatenate([above.mean(axis=1), above.mean(axis=0)])
    # each message, with the share of the other side that it is ranked rightly against
    counts = np.column_stack([wins, np.ones(len(wins))])
    return score_of(name, counts, _mean, len(wins))


def _mean(counts: Floats) -> Floats:
    return np.asarray(counts[..., 0] / counts[..., 1], dtype=float)


def main(
    data: Annotated[
        Path | None,
        typer.Option(envvar="BACKHAUL_DATA", help="Folder with the files."),
    ] = None,
    only: Annotated[list[str] | None, typer.Option(help="One of the files, such as intents.jsonl.")] = None,
) -> None:
    """Order numbers, reported failures and scope, on open data."""
    if data is None or not data.is_dir():
        raise typer.BadParameter("name the folder of the open data with --data or BACKHAUL_DATA")
    silence_telemetry()
    reader = OfflineReader(Settings().home / "cache")
    with console.status("loading the reader ..."):
        reader.warm_up()
    table = Table("figure", "value", "95 % interval", "of", box=None, header_style="dim")
    for check in CHECKS:
        if only and check.file not in only:
            continue
        for one in check.measure(reader, _rows(data / check.file), _bar(check.file)):
            table.add_row(one.name, one.text, one.interval, str(one.n))
    console.print(table)


def _bar(name: str) -> Told:
    return lambda rows: track(rows, name, console=console)


def _rows(file: Path) -> Rows:
    try:
        return [json.loads(line) for line in json_lines(file.read_text("utf-8"))]
    except (OSError, ValueError) as error:
        raise typer.BadParameter(f"{file}: {error}") from error


if __name__ == "__main__":
    typer.run(main)
