"""`backhaul release`: which version decides. Heavy imports wait until a command runs, see main.py."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

app = typer.Typer(
    help="Which version decides: propose what runs here, have somebody else sign it, or go back.",
    no_args_is_help=True,
)
console = Console(highlight=False, soft_wrap=True, emoji=False)

Hash = Annotated[str, typer.Argument(metavar="HASH", help="Hash of a release, or how it begins.")]
As = Annotated[str, typer.Option("--as", metavar="EMAIL", help="Who does it; four eyes need two names.")]
PasswordStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read that person's password from stdin (not in demo).")
]


def register(parent: typer.Typer) -> None:
    """Add these commands to the command line."""
    parent.add_typer(app, name="release")


@app.command()
def propose(
    as_: As,
    note: Annotated[str, typer.Option(help="What is new in it, for whoever signs.")] = "",
    gate: Annotated[
        Path | None, typer.Option(metavar="FILE", help='{"result": ..., "run": ..., "figures": {...}}')
    ] = None,
    *,
    password_stdin: PasswordStdin = False,
) -> None:
    """Put what runs here on record: code, reader, exemplars, prompts, model and policies, with its gate.

    Its author may do so again until it is signed, such as once the gate has an answer.

    Example: backhaul release propose --as petra.policy@halden.example --note "wider windows" --gate gate.json
    """
    from backhaul.cli import releasing

    releasing.propose(console, as_, note=note, gate=gate, password_stdin=password_stdin)


@app.command()
def sign(hash_: Hash, as_: As, *, password_stdin: PasswordStdin = False) -> None:
    """Put a second name under a release whose gate has passed; from then on it decides by itself.

    Example: backhaul release sign 3f2a91c07b44 --as arne.approver@halden.example
    """
    from backhaul.cli import releasing

    releasing.sign(console, hash_, as_, password_stdin=password_stdin)


@app.command()
def rollback(hash_: Hash, as_: As, *, password_stdin: PasswordStdin = False) -> None:
    """Put a release in force that was in force before. What runs must be brought back to it as well.

    Example: backhaul release rollback 3f2a91c07b44 --as arne.approver@halden.example
    """
    from backhaul.cli import releasing

    releasing.roll_back(console, hash_, as_, password_stdin=password_stdin)


@app.command()
def show(
    hash_: Annotated[
        str, typer.Argument(metavar="[HASH]", help="Hash of a release; what runs here when left out.")
    ] = "",
) -> None:
    """Show a release, part by part, beside the one in force."""
    from backhaul.cli import releasing

    releasing.show(console, hash_)


@app.command("list")
def list_() -> None:
    """Show every release on record, the newest first."""
    from backhaul.cli import releasing

    releasing.list_all(console)
