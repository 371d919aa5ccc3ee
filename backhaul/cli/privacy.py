"""`backhaul privacy`: what is stored of a person. Heavy imports wait until a command runs, see main.py."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from backhaul.cli.acting import member_named, open_ready_store, password_for
from backhaul.domain.errors import BadInput
from backhaul.settings import Settings

app = typer.Typer(help="What is stored of a person: give it out, or erase it.", no_args_is_help=True)
console = Console(highlight=False, soft_wrap=True)

Who = Annotated[
    str,
    typer.Argument(metavar="ACCOUNT|CONTACT", help="An account, a contact, or a contact's e-mail address."),
]
As = Annotated[str, typer.Option("--as", metavar="EMAIL", help="An administrator, who answers for it.")]
PasswordStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from the first line of stdin.")
]


def register(parent: typer.Typer) -> None:
    """Add these commands to the command line."""
    parent.add_typer(app, name="privacy")


@app.command()
def export(
    who: Who,
    as_: As,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE.zip", help="Where to; by default their id.")
    ] = None,
    *,
    password_stdin: PasswordStdin = False,
) -> None:
    """Write a zip with all that is stored of a person. Keep it safe: it holds everything."""
    from backhaul.bootstrap import privacy

    settings = Settings()
    password = password_for(settings, as_, from_stdin=password_stdin)
    with open_ready_store(settings) as store:
        with store.read() as uow:
            by = member_named(uow, as_, password).id
        person = privacy.person_called(settings, store, who)
        content = privacy.export(settings, store, person, by=by)
    file = out or Path(f"{person.id}.zip")
    try:
        file.touch(mode=0o600, exist_ok=False)
        file.write_bytes(content)
    except OSError as wrong:
        raise BadInput(f"{file} cannot be written: {wrong.strerror}", field="out") from wrong
    console.print(f"{file}: {len(content):,} bytes", markup=False)


@app.command()
def erase(
    who: Who,
    as_: As,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do it, and do not ask.")] = False,
    password_stdin: PasswordStdin = False,
) -> None:
    """Erase a person: words, photos, letters, what they taught the reader. The books and the log stay.

    What the ERP holds is deleted in the ERP. Backups made before still hold everything: throw them away too.
    """
    from backhaul.bootstrap import privacy

    settings = Settings()
    password = password_for(settings, as_, from_stdin=password_stdin)
    with open_ready_store(settings) as store:
        with store.read() as uow:
            by = member_named(uow, as_, password).id
        person = privacy.person_called(settings, store, who)
        if not yes:
            typer.confirm(
                f"Erase {person.id} ({', '.join(person.names) or 'no longer in the ERP'})?", abort=True
            )
        done = privacy.erase(settings, store, person, by=by)
    console.print(
        f"erased {person.id}: {done.conversations} conversations, {done.cases} cases, {done.photos} "
        f"photos, {done.heads} trained heads. Orders, decisions, money and the log stay.",
        markup=False,
    )
