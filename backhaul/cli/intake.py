"""`backhaul intake`: service notes and open RMAs from files. Heavy imports wait, see main.py."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from backhaul.domain.errors import BadInput
from backhaul.settings import Settings

if TYPE_CHECKING:
    from backhaul.cli.taking_in import Kind

app = typer.Typer(help="Take service notes and open RMAs in from files.", no_args_is_help=True)

File = Annotated[
    Path, typer.Argument(metavar="FILE", help="csv, jsonl or xlsx; the first row names the columns.")
]
Map = Annotated[
    list[str] | None, typer.Option("--map", metavar="FIELD=COLUMN", help="Which column holds what; repeat.")
]
Errors = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Write the bad rows here, to be mended and run again.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be read of the first rows.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object at the end, for programs.")]


def register(parent: typer.Typer) -> None:
    """Add these commands to the command line."""
    parent.add_typer(app, name="intake")


@app.command()
def notes(
    file: File,
    columns: Map = None,
    errors: Errors = None,
    *,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Take technicians' notes in: each becomes a case on the desk, and nobody is told anything.

    It may be stopped and run again: what is in is skipped. Status 1 when rows were bad, 2 when the file
    cannot be used.
    """
    from backhaul.cli.taking_in import NOTES

    _run(NOTES, file, columns, errors, dry_run=dry_run, as_json=as_json)


@app.command()
def rmas(
    file: File,
    columns: Map = None,
    errors: Errors = None,
    *,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Take returns in that were opened in another system: each RMA becomes a case that a person takes over or
    closes.

    Status as for notes.
    """
    from backhaul.cli.taking_in import OPEN_RMAS

    _run(OPEN_RMAS, file, columns, errors, dry_run=dry_run, as_json=as_json)


def _run(
    kind: "Kind",
    file: Path,
    columns: list[str] | None,
    errors: Path | None,
    *,
    dry_run: bool,
    as_json: bool,
) -> None:
    from backhaul.bootstrap.doors import silence_telemetry
    from backhaul.cli import taking_in
    from backhaul.cli.house import keep_stdout_clean
    from backhaul.intake.columns import columns_of
    from backhaul.intake.rows import read_sheet

    silence_telemetry()
    if as_json:
        keep_stdout_clean()
    if errors is not None and errors.resolve() == file.resolve():
        raise BadInput("--errors names the file itself; give another one", field="errors")
    sheet = read_sheet(file)
    job = taking_in.Job(kind, file, sheet, columns_of(sheet, kind.fields, columns or ()), errors)
    if dry_run:
        taking_in.show_plan(job, as_json=as_json)
    else:
        raise typer.Exit(taking_in.take_in(job, Settings(), as_json=as_json))
