"""`backhaul reconcile`: our books beside the ERP's. Heavy imports wait, see main.py."""

from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console

from backhaul.settings import Settings

console = Console(highlight=False, soft_wrap=True)


def register(parent: typer.Typer) -> None:
    """Add this command to the command line."""
    parent.command()(reconcile)


def reconcile(
    day: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Keep it under this day; else today.")
    ] = None,
) -> None:
    """Compare what we entered in the last 90 days with the ERP, keep the result; status 1 if they differ."""
    from backhaul.bootstrap import outside, stores
    from backhaul.domain.clock import today
    from backhaul.domain.money import Money
    from backhaul.workflows.reconcile import reconcile as compare

    settings = Settings()
    store = stores.open_store(settings)
    try:
        with store.read() as uow:
            on = day.date() if day else today(uow.clock)
        row = compare(store, outside.erp_reads(settings), stores.ids(), on)
    finally:
        store.close()
    for one in row.differences:
        worth = f" ({Money(one['amount_minor'], one['currency'])})" if one["amount_minor"] else ""
        place = f"{one['case_id'] or '-'} {one['order_number']}"
        console.print(
            f"{place}: {one['what']}: ours {one['ours']}, theirs {one['theirs']}{worth}", markup=False
        )
    console.print(f"{row.compared} orders compared, {len(row.differences)} differences", markup=False)
    if row.differences:
        raise typer.Exit(1)
