"""`backhaul audit`: whether the audit log tells everything, unaltered. Heavy imports wait, see main.py."""

import typer
from rich.console import Console

from backhaul.settings import Settings

app = typer.Typer(help="The audit log.", no_args_is_help=True)
console = Console(highlight=False, soft_wrap=True)


def register(parent: typer.Typer) -> None:
    """Add these commands to the command line."""
    parent.add_typer(app, name="audit")


@app.callback()
def group() -> None:
    """Keeps `verify` a command of its own while it is the only one."""


@app.command()
def verify() -> None:
    """Check every chain for altered and missing events; status 1 when something is wrong."""
    from backhaul.bootstrap import stores
    from backhaul.store import audit

    store = stores.open_store(Settings())
    try:
        with store.read() as uow:
            chains = audit.chains(uow)
            faults = [fault for chain in chains for fault in audit.faults(uow, chain)]
    finally:
        store.close()
    for fault in faults:
        console.print(fault, markup=False)
    console.print(f"{len(chains)} chains, {len(faults)} faults")
    if faults:
        raise typer.Exit(1)
