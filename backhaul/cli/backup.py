"""`backhaul backup` and `backhaul restore`. Heavy imports wait until a command runs, see main.py."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from backhaul.settings import Settings

console = Console(highlight=False, soft_wrap=True)

File = Annotated[Path, typer.Argument(metavar="FILE.tar.gz")]


def register(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command()(backup)
    app.command()(restore)


def backup(
    file: File,
    *,
    with_keys: Annotated[
        bool,
        typer.Option("--with-keys", help="Also the worker's signing key and the operator key: keep it safe."),
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
) -> None:
    """Write databases and photos of the home into one file, also while everything runs."""
    from backhaul.cli import archive

    settings = Settings()
    kept = archive.write(settings, file, with_keys=with_keys, force=force)
    console.print(f"{file}: {kept} files, {file.stat().st_size / 1e6:.1f} MB", markup=False)
    if settings.database_url:
        console.print(
            "PostgreSQL is not in it: back it up with `pg_dump --format=custom`, right after this. "
            "What is in it: embedded systems, photos and labels."
        )


def restore(
    file: File,
    *,
    force: Annotated[
        bool, typer.Option("--force", help="Replace what is in the home; it is moved aside, not deleted.")
    ] = False,
) -> None:
    """Put a backup back into the home, while nothing runs there."""
    from backhaul.cli import archive

    settings = Settings()
    aside = archive.read(settings, file, force=force)
    console.print(f"{settings.home} is restored from {file}; `backhaul migrate` brings it to this version")
    if aside:
        console.print(f"what was there before is in {aside}", markup=False)
    if settings.database_url:
        console.print("PostgreSQL was not in it: restore that with `pg_restore`, before the worker starts.")
