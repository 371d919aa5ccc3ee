"""`backhaul autonomy`: what may decide by itself, and why. Heavy imports wait, see main.py."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

app = typer.Typer(
    help="What may decide by itself: how sure blind readings make of it, and the floors they bear out.",
    no_args_is_help=True,
)
_WIDTH = 200
# In a file there is no window to fit into, and a table of narrow columns cannot be read.
console = Console(highlight=False, soft_wrap=True, emoji=False, width=None if sys.stdout.isatty() else _WIDTH)


def register(parent: typer.Typer) -> None:
    """Add these commands to the command line."""
    parent.add_typer(app, name="autonomy")


@app.command()
def report(
    *,
    every: Annotated[bool, typer.Option("--all", help="Also segments without a label.")] = False,
    json: Annotated[bool, typer.Option("--json", help="JSON for programs instead of a table.")] = False,
) -> None:
    """Show each segment: labels, wrong ones, bound, what its floor lets through, and what is missing.

    Example: backhaul autonomy report --all
    """
    from backhaul.cli import earning

    earning.report(console, every=every, as_json=json)


@app.command()
def propose(
    out: Annotated[Path, typer.Option(metavar="DIR", help="New folder for the documents.")] = Path(
        "proposal"
    ),
    first: Annotated[
        str | None, typer.Option("--from", metavar="YYYY-MM-DD", help="Its first day; tomorrow.")
    ] = None,
) -> None:
    """Draft the edition with the floors that blind readings prove, for an owner to sign.

    A floor is lowered only to what is proved, and raised where labels contradict it; otherwise nothing is
    proposed.

    Example: backhaul autonomy propose --out proposal --from 2027-01-01
    """
    from backhaul.cli import earning

    earning.propose(console, out, first=first)


@app.command()
def lift(
    hold: Annotated[int, typer.Argument(metavar="HOLD", help="Number of a hold, see the report.")],
    as_: Annotated[str, typer.Option("--as", metavar="EMAIL", help="Who does it: a policy owner.")],
    why: Annotated[str, typer.Option("--why", help="Why it may decide by itself again; kept on record.")],
    *,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read that person's password from stdin (not in demo).")
    ] = False,
) -> None:
    """Let a segment that was closed by itself decide again. The watch over it begins anew.

    Example: backhaul autonomy lift 3 --as petra.policy@halden.example --why "new exemplars, see release 3f2a"
    """
    from backhaul.cli import earning

    earning.lift(console, hold, as_, why=why, password_stdin=password_stdin)
