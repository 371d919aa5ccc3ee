"""`backhaul webhook`: programs that are told of news. Heavy imports wait for a command, see main.py."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from backhaul.cli.acting import open_ready_store
from backhaul.cli.key import Account, known_account
from backhaul.settings import Settings

if TYPE_CHECKING:
    from backhaul.store.webhook_tables import WebhookEndpointRow

app = typer.Typer(help="Programs that are told of news.", no_args_is_help=True)
_WIDTH = 200
"""Where no terminal says how wide it is: what a program reads is not cut"""
console = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else _WIDTH)

Endpoint = Annotated[str, typer.Argument(metavar="ID", help="Such as WE-7KQ2M9XA4B6C; see `list`.")]
Types = Annotated[
    list[str] | None, typer.Option("--type", help="rma.issued, label.ready, ...; may be repeated; else all.")
]


def register(parent: typer.Typer) -> None:
    """Add these commands to the command line."""
    parent.add_typer(app, name="webhook")


@app.command()
def add(
    url: Annotated[str, typer.Argument(help="Where to send: https://...")],
    type_: Types = None,
    account: Account = "",
) -> None:
    """Tell a program of what happens from now on; prints the secret that its messages are signed with."""
    from backhaul.bootstrap import stores
    from backhaul.bootstrap.operator import operator_name
    from backhaul.bootstrap.webhook_side import secret_of
    from backhaul.connectors.webhook_post import checked_url
    from backhaul.store import webhooks

    settings = Settings()
    checked = checked_url(url, demo=settings.demo)
    with open_ready_store(settings) as store:
        known_account(settings, account)
        with store.begin() as uow:
            row = webhooks.add(
                uow,
                stores.ids(),
                url=checked,
                types=type_ or (),
                account_id=account or None,
                actor=f"cli:{operator_name()}",
            )
    console.print(f"{row.id}  {secret_of(settings, row.id)}", markup=False)
    Console(stderr=True).print("Check with that secret who sent a message, as Standard Webhooks says.")


@app.command("list")
def list_() -> None:
    """Show every endpoint, what waits for it and what it answered last."""
    from backhaul.store import webhooks

    with open_ready_store(Settings()) as store, store.read() as uow:
        rows, counts = webhooks.endpoints(uow, in_use=False), webhooks.counts(uow)
        answers = webhooks.last_answers(uow)
    table = Table(
        "id", "address", "told of", "for", "taken", "waiting", "given up", "", box=None, header_style="dim"
    )
    for row in rows:
        states = (webhooks.DELIVERED, webhooks.WAITING, webhooks.GIVEN_UP)
        numbers = [str(counts.get((row.id, state), 0)) for state in states]
        last = f"ended: {row.ended_why}" if row.ended_at else answers.get(row.id, "")
        told = ", ".join(row.types) or "all"
        table.add_row(row.id, row.url, told, row.account_id or "all", *numbers, last)
    console.print(table if rows else "none yet; make one with `backhaul webhook add`")


@app.command()
def remove(endpoint: Endpoint) -> None:
    """Tell it nothing more; what still waits is dropped."""
    from backhaul.bootstrap.operator import operator_name
    from backhaul.store import webhooks

    with open_ready_store(Settings()) as store, store.begin() as uow:
        webhooks.end(uow, endpoint, why="removed", actor=f"cli:{operator_name()}")
    console.print(f"{endpoint} is told nothing more", markup=False)


@app.command("send-test")
def send_test(endpoint: Endpoint) -> None:
    """Send a message of the type `webhook.test` now, and say what came of it."""
    from backhaul.store import webhooks

    settings = Settings()
    with open_ready_store(settings) as store, store.read() as uow:
        row = webhooks.endpoint(uow, endpoint)
    if not _handed_over(settings, row):
        raise typer.Exit(1)


def _handed_over(settings: Settings, row: "WebhookEndpointRow") -> bool:
    from backhaul.bootstrap import stores
    from backhaul.bootstrap.webhook_side import secret_of
    from backhaul.connectors import webhooks as signing
    from backhaul.connectors.webhook_post import post
    from backhaul.domain.clock import SystemClock
    from backhaul.domain.webhook_news import TEST
    from backhaul.store.webhooks import body_of

    now = SystemClock().now()
    body = body_of(TEST, now, {"endpoint": row.id}).encode()
    headers = signing.signed(
        secret_of(settings, row.id), stores.ids().new("WM", 16), int(now.timestamp()), body
    )
    answer = post(row.url, headers, body, demo=settings.demo)
    console.print(f"{row.url} {answer.words}", markup=False)
    return answer.taken
