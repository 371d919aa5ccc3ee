"""`backhaul leaks`: what was authorised, received and made good, and where that is not the same."""

from typing import Annotated

import typer
from rich.console import Console

from backhaul.settings import Settings

console = Console(highlight=False, soft_wrap=True)


def register(parent: typer.Typer) -> None:
    """Add this command to the command line."""
    parent.command()(leaks)


def leaks(
    case: Annotated[str | None, typer.Option(metavar="CASE", help="One case (RC-...) alone.")] = None,
    days: Annotated[int, typer.Option(min=0, help="How long something may be under way.")] = 14,
    *,
    under_way: Annotated[bool, typer.Option("--under-way", help="Show what is still to come, too.")] = False,
) -> None:
    """Show every piece and every cent that the books cannot account for; status 1 when there is one."""
    from datetime import timedelta

    from backhaul.bootstrap import stores
    from backhaul.domain.money import Money
    from backhaul.store import leaks as books

    store = stores.open_store(Settings())
    try:
        with store.read() as uow:
            found = books.leaks(uow, case_id=case, patience=timedelta(days=days))
    finally:
        store.close()
    lost = [one for one in found if not one.under_way]
    for one in found if under_way else lost:
        stands = "under way" if one.under_way else "LEAK"
        value = f" ({Money(one.value_minor)})" if one.value_minor else ""
        place = f"{one.case_id} {one.about}".strip()
        console.print(f"{place}: {one}{value} [{stands}]", markup=False)
    worth = Money(sum(one.value_minor for one in lost))
    console.print(f"{len(lost)} leaks, {worth}; {len(found) - len(lost)} differences under way", markup=False)
    if lost:
        raise typer.Exit(1)
