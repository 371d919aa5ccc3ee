"""`backhaul audit`: whether the audit log tells everything, unaltered. Heavy imports wait, see main.py."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from backhaul.settings import Settings

if TYPE_CHECKING:
    from backhaul.store.verify import Verified

app = typer.Typer(help="The audit log.", no_args_is_help=True)
console = Console(highlight=False, soft_wrap=True)


def register(parent: typer.Typer) -> None:
    """Add these commands to the command line."""
    parent.add_typer(app, name="audit")


@app.command()
def key() -> None:
    """Show the public key of this home's worker; keep it where nobody can change it."""
    from backhaul.domain.errors import NotFound
    from tools.permits import load_signer

    folder = Settings().home / "worker"
    if not (folder / "signing-key").exists():
        raise NotFound("signing key in", str(folder))
    console.print(load_signer(folder).public_hex)


@app.command()
def verify(
    database: Annotated[
        str, typer.Option(metavar="URL|FILE", help="A copy of the database; else the one of this home.")
    ] = "",
    keys: Annotated[
        list[str] | None, typer.Option("--key", metavar="HEX", help="Public key, see `backhaul audit key`.")
    ] = None,
    checkpoints: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The file of checkpoints, or a copy of it.")
    ] = None,
) -> None:
    """Check every event, chain and checkpoint for tampering; status 1 when something is wrong."""
    from backhaul.store.checkpoints import FILE_NAME, read_file
    from backhaul.store.signatures import key_id_of
    from backhaul.store.verify import open_for_reading, verify

    settings = Settings()
    trusted = {key_id_of(one): one for one in keys or _own_keys(settings)}
    filed = read_file(checkpoints or settings.home / FILE_NAME) if checkpoints or not database else []
    engine = open_for_reading(_url(database, settings))
    try:
        found = verify(engine, trusted, filed=filed)
    finally:
        engine.dispose()
    faults = [str(one) for one in found.tampering] + ([] if database else _unwitnessed(settings))
    for fault in faults:
        console.print(fault, markup=False)
    _sum_up(found, trusted=bool(trusted), faults=len(faults), filed=len(filed))
    if faults:
        raise typer.Exit(1)


def _url(database: str, settings: Settings) -> str:
    if "://" in database:
        return database
    return settings.database_url if not database and settings.database_url else _file_url(database, settings)


def _file_url(database: str, settings: Settings) -> str:
    from backhaul.store.database import sqlite_url

    return sqlite_url(Path(database) if database else settings.sqlite_path)


def _own_keys(settings: Settings) -> list[str]:
    """The key of this home, where this user may read it."""
    from tools.permits import load_signer

    folder = settings.home / "worker"
    return [load_signer(folder).public_hex] if (folder / "signing-key").exists() else []


def _unwitnessed(settings: Settings) -> list[str]:
    """What the rows of this home say has happened, and no event tells."""
    from backhaul.bootstrap import stores
    from backhaul.store import audit

    store = stores.open_store(settings)
    try:
        with store.read() as uow:
            missing = {chain: audit.unwitnessed(uow, chain) for chain in audit.chains(uow)}
    finally:
        store.close()
    return [f"{chain}: no event tells {one}" for chain, these in missing.items() for one in these]


def _sum_up(found: "Verified", *, trusted: bool, faults: int, filed: int) -> None:
    if not trusted:
        console.print("no key was given: no checkpoint could be checked")
    if not filed:
        console.print("no file of checkpoints: checkpoints taken out at the end would not be missed")
    covered = f"{found.checkpoints} checkpoints, {found.after_last} events after the last one"
    console.print(f"{found.chains} chains, {found.events} events, {covered}, {faults} faults", markup=False)
