"""`backhaul propose`: a return before the policy, without the agent. Heavy imports wait, see main.py."""

from typing import Annotated

import typer
from rich.console import Console

from backhaul.domain.codes import Reason, Resolution
from backhaul.settings import Settings

console = Console(highlight=False)


def register(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command()(propose)


def propose(
    account: Annotated[str, typer.Option(help="Account to speak for, such as A-1001.")],
    order: Annotated[str, typer.Option(help="Order of that account, such as SO-15157.")],
    line: Annotated[int, typer.Option(min=1, help="Line of the order.")],
    quantity: Annotated[int, typer.Option(min=1, help="Pieces to send back.")],
    reason: Annotated[Reason, typer.Option(help="Why they come back.")],
    resolution: Annotated[Resolution, typer.Option(help="What is wanted for them.")] = Resolution.CREDIT,
    words: Annotated[
        str, typer.Option(help="The customer's words; the worker reads the reason from them again.")
    ] = "",
    serial: Annotated[list[str] | None, typer.Option(help="Serial number; one for each piece.")] = None,
    received: Annotated[str, typer.Option(help="For a wrong item: SKU or words of what arrived.")] = "",
    *,
    yes: Annotated[bool, typer.Option("--yes", help="The customer has agreed; do not ask.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Propose one line's return and show the verdict: rules, clauses, what would change it, RMA and label."""
    from backhaul.cli import proposing
    from backhaul.cli.house import open_house
    from backhaul.cli.talk import prints_of

    settings = Settings()
    asked = proposing.Asked(
        account_id=account,
        order_number=order,
        line=line,
        quantity=quantity,
        reason=reason,
        resolution=resolution,
        words=words,
        serials=tuple(serial or ()),
        received=received,
    )
    with open_house(settings) as house:
        read_back = proposing.read_back(house.side.desk, asked)
        if not yes:
            typer.confirm(f"{read_back.shown}\nHas the customer agreed?", abort=True, err=True)
        submitted = proposing.submit(house.side.desk, asked, read_back)
        house.wait_for_worker()
        with Console(stderr=True).status("being decided ..."):
            answer = proposing.answer(house.side, submitted)
        prints = prints_of(settings)
        if as_json:
            typer.echo(proposing.as_json(answer, prints))
        else:
            proposing.show(console, answer, prints)
