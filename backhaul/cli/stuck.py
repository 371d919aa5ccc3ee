"""`backhaul stuck`: what stands still, and what may be done. Heavy imports wait, see main.py."""

from typing import Annotated

import typer
from rich.console import Console

from backhaul.settings import Settings

console = Console(highlight=False, soft_wrap=True)


def register(parent: typer.Typer) -> None:
    """Add this command to the command line."""
    parent.command()(stuck)


def stuck(
    stage: Annotated[str, typer.Option(help="One stage alone, such as command_rejected.")] = "",
) -> None:
    """Show what stands still, the longest first, with whose it is and what may be done; status 1 if anything.

    It is done on the page /stuck, by somebody who is signed in.
    """
    from backhaul.bootstrap import stores
    from backhaul.store import stuck as books

    store = stores.open_store(Settings())
    try:
        with store.read() as uow:
            found = [one for one in books.stuck(uow) if not stage or one.stage.value == stage]
    finally:
        store.close()
    for one in found:
        may = ", ".join(deed.value.replace("_", " ") for deed in one.deeds) or "nothing from here"
        place = f"{one.case_id or '-'} {one.subject}"
        since = f"{one.since:%Y-%m-%d %H:%M} UTC"
        console.print(f"{one.title} [{one.owner.value}] since {since}: {place}", markup=False)
        console.print(f"  {one.what} May be done: {may}.", markup=False)
    console.print(f"{len(found)} stuck", markup=False)
    if found:
        raise typer.Exit(1)
