"""`backhaul reader`: what the offline reader is taught here. Heavy imports wait, see main.py."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from backhaul.cli.release import As, PasswordStdin

app = typer.Typer(
    help="What the offline reader is taught here: corrections, trained heads, and which of them read.",
    no_args_is_help=True,
)
console = Console(highlight=False, soft_wrap=True, emoji=False)

Id = Annotated[str, typer.Argument(metavar="ID", help="Id of a correction, such as CX-RV-7KQ2M9XA.")]
Hash = Annotated[str, typer.Argument(metavar="HASH", help="Hash of trained heads, or how it begins.")]
Why = Annotated[str, typer.Option("--why", help="Why, for the record.")]


def register(parent: typer.Typer) -> None:
    """Add these commands to the command line."""
    parent.add_typer(app, name="reader")


@app.command()
def show() -> None:
    """Show which heads read, what was promoted before, and what was trained."""
    from backhaul.cli import teaching

    teaching.show(console)


@app.command()
def corrections(
    *, as_json: Annotated[bool, typer.Option("--json", help="One object a line.")] = False
) -> None:
    """List what waits for a second look: words that say another reason than was read."""
    from backhaul.cli import correcting

    correcting.list_noted(console, as_json=as_json)


@app.command()
def confirm(id_: Id, as_: As, *, password_stdin: PasswordStdin = False) -> None:
    """Agree that the words say what the correction says: they teach from now on.

    An inspector knows what came, which is not always what the words say: confirm what the words say.
    """
    from backhaul.cli import correcting

    correcting.confirm(console, id_, as_, password_stdin=password_stdin)


@app.command()
def dismiss(id_: Id, as_: As, *, password_stdin: PasswordStdin = False) -> None:
    """Disagree, or find words that lead to a person: they are erased."""
    from backhaul.cli import correcting

    correcting.dismiss(console, id_, as_, password_stdin=password_stdin)


@app.command()
def forget(
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="Such as A-1001.")],
    as_: As,
    *,
    password_stdin: PasswordStdin = False,
) -> None:
    """Erase what the words of a customer taught: corrections, and the heads that learnt from them."""
    from backhaul.cli import correcting

    correcting.forget(console, account, as_, password_stdin=password_stdin)


@app.command()
def train(
    as_: As,
    *,
    again: Annotated[
        str, typer.Option(metavar="HASH", help="Make the lost or damaged file of these heads anew.")
    ] = "",
    password_stdin: PasswordStdin = False,
) -> None:
    """Train heads on the shipped exemplars and the confirmed corrections; nothing reads with them yet."""
    from backhaul.cli import teaching

    teaching.train(console, as_, again=again, password_stdin=password_stdin)


@app.command()
def compare(
    hash_: Hash,
    on: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE.jsonl", help='Lines of {"text", "label"}: a reason or out_of_scope.'),
    ] = None,
) -> None:
    """Hold trained heads against those that read now, and list every answer that changes.

    Status 1 when they are not cleared for promotion.
    """
    from backhaul.cli import comparing_heads

    comparing_heads.compare(console, hash_, on or [])


@app.command()
def promote(
    hash_: Hash,
    as_: As,
    why: Why = "",
    *,
    force: Annotated[bool, typer.Option("--force", help="Against the comparison, or without one.")] = False,
    password_stdin: PasswordStdin = False,
) -> None:
    """Have both processes read with trained heads, at once. It is another release from then on."""
    from backhaul.cli import teaching

    teaching.promote(console, hash_, as_, why=why, force=force, password_stdin=password_stdin)


@app.command()
def rollback(as_: As, why: Why = "", *, password_stdin: PasswordStdin = False) -> None:
    """Go back to the heads that read before."""
    from backhaul.cli import teaching

    teaching.roll_back(console, as_, why=why, password_stdin=password_stdin)
