"""`backhaul user`: people of the desk. Heavy imports wait until a command runs, see main.py."""

import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from backhaul.cli.acting import open_ready_store
from backhaul.domain.codes import Role
from backhaul.domain.errors import BadInput, NotFound
from backhaul.settings import Settings

app = typer.Typer(help="People of the desk and the dock.", no_args_is_help=True)
console = Console(highlight=False)

Email = Annotated[str, typer.Argument(metavar="EMAIL")]


def register(parent: typer.Typer) -> None:
    """Add these commands to the command line."""
    parent.add_typer(app, name="user")


@app.command()
def add(
    email: Email,
    name: Annotated[str, typer.Option(help="As colleagues know this person.")],
    role: Annotated[list[Role], typer.Option(help="May be given more than once.")],
    *,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from the first line of stdin.")
    ] = False,
) -> None:
    """Add somebody who signs in with a password."""
    from pwdlib import PasswordHash

    from backhaul.bootstrap import stores
    from backhaul.bootstrap.operator import operator_name
    from backhaul.store import staff

    password = _password(from_stdin=password_stdin)
    if "@" not in email:
        raise BadInput(f"{email} is no e-mail address", field="email")
    hashed = PasswordHash.recommended().hash(password)
    with open_ready_store(Settings()) as store, store.begin() as uow:
        row = staff.add_staff(
            uow,
            stores.ids(),
            email=email,
            name=name,
            roles=role,
            password_hash=hashed,
            actor=f"cli:{operator_name()}",
        )
    console.print(f"added {row.email} as {', '.join(row.roles)}", markup=False)


@app.command("list")
def list_() -> None:
    """Show everybody, active or not."""
    from backhaul.store import staff

    with open_ready_store(Settings()) as store, store.read() as uow:
        rows = staff.all_staff(uow)
    table = Table("name", "e-mail", "roles", "", box=None, header_style="dim")
    for row in rows:
        notes = [note for note, holds in (("demo", row.demo), ("deactivated", not row.active)) if holds]
        table.add_row(row.name, row.email, ", ".join(row.roles), ", ".join(notes))
    console.print(table if rows else "nobody yet; add somebody with `backhaul user add`")


@app.command()
def deactivate(email: Email) -> None:
    """End somebody's access at once. What they did stays on record under their name."""
    from backhaul.bootstrap.operator import operator_name
    from backhaul.store import staff, staff_changes

    with open_ready_store(Settings()) as store, store.begin() as uow:
        row = staff.staff_by_email(uow, email)
        if row is None:
            raise NotFound("member of staff", email)
        staff_changes.deactivate(uow, row.id, actor=f"cli:{operator_name()}")
    console.print(f"{row.email} can no longer sign in", markup=False)


@app.command()
def roles(
    email: Email, role: Annotated[list[Role], typer.Option(help="May be given more than once.")]
) -> None:
    """Give somebody these roles and no others; they are signed out."""
    from backhaul.bootstrap.operator import operator_name
    from backhaul.store import staff, staff_changes

    with open_ready_store(Settings()) as store, store.begin() as uow:
        row = staff.staff_by_email(uow, email)
        if row is None:
            raise NotFound("member of staff", email)
        staff_changes.change_roles(uow, row.id, role, actor=f"cli:{operator_name()}")
    console.print(f"{row.email} is now {', '.join(row.roles)}", markup=False)


def _password(*, from_stdin: bool) -> str:
    from backhaul.store.staff_changes import SHORTEST_PASSWORD

    if from_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    if len(password) < SHORTEST_PASSWORD:
        raise BadInput(f"a password needs at least {SHORTEST_PASSWORD} characters", field="password")
    return password
