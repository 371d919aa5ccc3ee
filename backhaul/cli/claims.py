"""`backhaul claims`: what suppliers owe us, by terminal. Heavy imports wait, see main.py."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from backhaul.settings import Settings

if TYPE_CHECKING:
    from web.world import Doors

app = typer.Typer(
    help="Claims on suppliers: what is worth doing first, and how each pays.", no_args_is_help=True
)
console = Console(highlight=False)


def register(parent: typer.Typer) -> None:
    """Add these commands to the command line."""
    parent.add_typer(app, name="claims")


@app.command("list")
def list_(
    show: Annotated[
        str, typer.Option(help="open, incomplete, ready, filed, more_information, credited or lost.")
    ] = "open",
) -> None:
    """Show claims, the most worth per day left first."""
    from backhaul.cli.deciding import desk_doors
    from backhaul.cli.house import open_side

    with open_side(Settings()) as side:
        show_claims(console, desk_doors(side), show)


@app.command()
def suppliers() -> None:
    """Show how each supplier that has answered pays."""
    from backhaul.cli.deciding import desk_doors
    from backhaul.cli.house import open_side

    with open_side(Settings()) as side:
        show_suppliers(console, desk_doors(side))


def show_claims(console: Console, doors: "Doors", show: str) -> None:
    """The claims of a filter as a table.

    Raises:
        BadInput: There is no such filter.
    """
    from rich.markup import escape
    from rich.table import Column, Table

    from backhaul.domain.errors import BadInput
    from web.claims_view import FILTERS, ranked

    if show not in FILTERS:
        raise BadInput(f"{show} is none of {', '.join(FILTERS)}", field="show")
    with doors.desk.store.read() as uow:
        items = ranked(uow, doors, show)
    table = Table(Column("claim", no_wrap=True), "supplier", "what", box=None, header_style="dim")
    for heading in ("asked", "expected", "days left", "state"):
        table.add_column(heading, no_wrap=True)
    for one in items:
        row = one.row
        what = "; ".join([f"{row.quantity} x {row.sku}", *row.missing])
        left = "unknown" if one.left is None else str(one.left)
        amounts = (_dollars(one.asked_minor), _dollars(one.expected_minor))
        cells = (row.id, one.supplier_name, what, *amounts, left, row.state)
        table.add_row(*(escape(cell) for cell in cells))
    console.print(table if items else f"nothing under '{FILTERS[show][0]}'")


def show_suppliers(console: Console, doors: "Doors") -> None:
    """Recovery by supplier as a table; a rate is recovered of claimed."""
    from rich.markup import escape
    from rich.table import Table

    from web.claims_view import suppliers as paying

    with doors.desk.store.read() as uow:
        found = paying(uow, doors)
    table = Table("supplier", "answered", "claimed", "recovered", "rate", box=None, header_style="dim")
    for one in found:
        record = one.record
        rate = "not measured" if record.rate_permille is None else f"{record.rate_permille / 10:.1f} %"
        amounts = (_dollars(record.claimed_minor), _dollars(record.recovered_minor))
        table.add_row(escape(one.name), str(record.answered), *amounts, rate)
    console.print(table if found else "no supplier has answered a claim yet")


def _dollars(minor: int) -> str:
    return f"{minor / 100:,.2f}"
