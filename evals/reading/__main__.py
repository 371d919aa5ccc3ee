"""`python -m evals.reading`: score the offline reader on labelled messages."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from agent.understanding.offline import OfflineReader
from backhaul.bootstrap.doors import silence_telemetry
from backhaul.domain.errors import BadInput
from backhaul.settings import Settings
from evals.reading.messages import load, read_all
from evals.reading.score import Figures, score
from evals.scoring.measured import Measured

_WORST = 12

console = Console(highlight=False)


def main(
    on: Annotated[Path, typer.Argument(help="JSON lines with text and label; see evals/reading/README.md.")],
    json_file: Annotated[Path | None, typer.Option("--json", help="Also write the figures here.")] = None,
) -> None:
    """Score the offline reader: macro-F1, what the surest 80 % are worth, calibration, scope, confusion."""
    silence_telemetry()
    try:
        messages = load(on)
    except (BadInput, OSError) as error:
        raise typer.BadParameter(str(error)) from error
    reader = OfflineReader(Settings().home / "cache")
    with console.status("loading the reader ..."):
        reader.warm_up()
    figures = score(read_all(reader, messages, lambda all_: track(all_, "reading", console=console)))
    _show(figures)
    if json_file is not None:
        json_file.write_text(figures.model_dump_json(indent=2), encoding="utf-8")


def _show(figures: Figures) -> None:
    table = Table("figure", "value", "95 % interval", "of", box=None, header_style="dim")
    for one in _in_order(figures):
        table.add_row(one.name, one.text, one.interval, str(one.n))
    console.print(table)
    console.print(f"The surest 80 % are at least {figures.selective_from:.2f} sure.")
    mixed = [one for one in figures.confusion if one.gold != one.found][:_WORST]
    for pair in mixed:
        console.print(f"{pair.count:4} x {pair.gold} read as {pair.found}")


def _in_order(figures: Figures) -> list[Measured]:
    return [
        figures.macro_f1,
        figures.accuracy,
        figures.reason_accuracy,
        figures.hard,
        figures.selective,
        figures.ece,
        figures.accepted,
        figures.refused,
        *figures.agreement,
    ]


if __name__ == "__main__":
    typer.run(main)
