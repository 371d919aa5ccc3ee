"""`backhaul case`: the desk by terminal. Heavy imports wait until a command runs, see main.py."""

from typing import Annotated

import typer
from rich.console import Console

from backhaul.cli.acting import password_for
from backhaul.settings import Settings

app = typer.Typer(
    help="The desk by terminal: what waits for a person, and deciding it.", no_args_is_help=True
)
console = Console(highlight=False)

Id = Annotated[str, typer.Argument(metavar="ID", help="Review (RV-...) or case (RC-...).")]
As = Annotated[
    str | None, typer.Option("--as", metavar="EMAIL", help="Who decides; in demo somebody who may.")
]
PasswordStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read that person's password from stdin (not in demo).")
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask again.")]


def register(parent: typer.Typer) -> None:
    """Add these commands to the command line."""
    parent.add_typer(app, name="case")


@app.command("list")
def list_(
    show: Annotated[str, typer.Option(help="open, waiting (for the customer) or decided.")] = "open",
) -> None:
    """Show the queue, most urgent first."""
    from backhaul.cli import deciding
    from backhaul.cli.house import open_side

    settings = Settings()
    with open_side(settings) as side:
        deciding.show_queue(console, deciding.desk_doors(side), show)


@app.command()
def show(id_: Id) -> None:
    """Show one case: words, facts, verdict, what it waits for."""
    from backhaul.cli import deciding
    from backhaul.cli.house import open_side

    settings = Settings()
    with open_side(settings) as side:
        deciding.show_case(console, deciding.desk_doors(side), id_)


@app.command()
def approve(
    id_: Id,
    note: Annotated[str, typer.Option(help="For the record.")] = "",
    as_: As = None,
    *,
    password_stdin: PasswordStdin = False,
    yes: Yes = False,
) -> None:
    """Say yes to exactly the command shown. The worker decides on today's facts before anything happens."""
    _decide("approve", id_, note, as_, password_stdin=password_stdin, yes=yes)


@app.command()
def reject(
    id_: Id,
    note: Annotated[str, typer.Option(help="Why; the customer is told.")],
    as_: As = None,
    *,
    password_stdin: PasswordStdin = False,
    yes: Yes = False,
) -> None:
    """Say no, with a note that the customer's answer rests on."""
    _decide("reject", id_, note, as_, password_stdin=password_stdin, yes=yes)


@app.command()
def ask(
    id_: Id,
    question: Annotated[str, typer.Argument(help="What the customer should answer.")],
    as_: As = None,
    *,
    password_stdin: PasswordStdin = False,
) -> None:
    """Put a question to the customer; the review waits for the answer."""
    _decide("ask", id_, question, as_, password_stdin=password_stdin, yes=True)


def _decide(act: str, id_: str, note: str, email: str | None, *, password_stdin: bool, yes: bool) -> None:
    from backhaul.cli import deciding
    from backhaul.cli.house import open_house

    settings = Settings()
    with open_house(settings) as house:
        doors = deciding.desk_doors(house.side)
        case = deciding.take_up(
            doors,
            id_,
            act=act,
            email=email,
            password=password_for(settings, email, from_stdin=password_stdin),
        )
        if not yes:
            deciding.show_page(console, case)
            typer.confirm(f"{act} {case.review.id}?", abort=True, err=True)
        deciding.decide(doors, case, act=act, note=note)
        if act != "ask":
            house.wait_for_worker()
        with Console(stderr=True).status("being decided ..."):
            said = deciding.what_followed(house.side, case, act=act)
        console.print(said, markup=False)
