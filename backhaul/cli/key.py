"""`backhaul key`: programs that may send things in. Heavy imports wait until a command runs, see main.py."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from backhaul.cli.acting import open_ready_store
from backhaul.settings import Settings

app = typer.Typer(help="Keys of programs that use the API.", no_args_is_help=True)
console = Console(highlight=False, soft_wrap=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="Whose key it is, such as field-service.")]


def register(parent: typer.Typer) -> None:
    """Add these commands to the command line."""
    parent.add_typer(app, name="key")


Account = Annotated[
    str, typer.Option(metavar="NUMBER", help="The one account it is for; without it, for all of them.")
]


@app.command()
def add(
    name: Name,
    scope: Annotated[list[str], typer.Option(help="notes:write, rmas:read, ...; may be repeated.")],
    account: Account = "",
) -> None:
    """Make a key and print its secret, this once: it is stored nowhere."""
    from backhaul.bootstrap.operator import operator_name
    from backhaul.store import api_keys

    settings = Settings()
    with open_ready_store(settings) as store:
        known_account(settings, account)
        with store.begin() as uow:
            by = f"cli:{operator_name()}"
            secret = api_keys.add(uow, name=name, scopes=scope, actor=by, account_id=account or None)
    console.print(secret, markup=False)
    Console(stderr=True).print(f"Send it as `Authorization: Bearer {api_keys.PREFIX}...`; keep it safe.")


def known_account(settings: Settings, account: str) -> None:
    """NotFound for an account that the ERP does not have."""
    from backhaul.bootstrap import outside
    from backhaul.domain.errors import NotFound

    if account and outside.erp_reads(settings).account(account) is None:
        raise NotFound("account", account)


@app.command("list")
def list_() -> None:
    """Show every key, in use or revoked."""
    from backhaul.store import api_keys

    with open_ready_store(Settings()) as store, store.read() as uow:
        rows = api_keys.all_keys(uow)
    table = Table("name", "may", "for", "since", "", box=None, header_style="dim")
    for row in rows:
        ended = f"revoked {row.revoked_at:%Y-%m-%d}" if row.revoked_at else ""
        whom = row.account_id or "all"
        table.add_row(row.name, ", ".join(row.scopes), whom, f"{row.added_at:%Y-%m-%d}", ended)
    console.print(table if rows else "none yet; make one with `backhaul key add`")


@app.command()
def revoke(name: Name) -> None:
    """End a key at once. What it sent stays."""
    from backhaul.bootstrap.operator import operator_name
    from backhaul.store import api_keys

    with open_ready_store(Settings()) as store, store.begin() as uow:
        api_keys.revoke(uow, name, actor=f"cli:{operator_name()}")
    console.print(f"{name} can no longer be used", markup=False)
