"""`backhaul policy`: read, prove and replay the rules. Heavy imports wait, see main.py."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

app = typer.Typer(
    help="The rules: read them, check them, see what they decided and what a change would have done.",
    no_args_is_help=True,
)

Json = Annotated[bool, typer.Option("--json", help="JSON for programs instead of tables.")]
Documents = Annotated[
    Path | None,
    typer.Option(
        "--documents", metavar="DIR", help="Folder of policy documents; those in force when left out."
    ),
]
Since = Annotated[
    str | None, typer.Option(metavar="YYYY-MM-DD", help="Only decisions made on this day or later.")
]


def register(parent: typer.Typer) -> None:
    """Add these commands to the command line."""
    parent.add_typer(app, name="policy")


def console() -> Console:
    """Where tables go; made per command, so that it writes to the stdout of that moment."""
    return Console(highlight=False)


@app.command()
def show(
    on: Annotated[
        str | None, typer.Option("--on", metavar="YYYY-MM-DD", help="Read them as of this day; today.")
    ] = None,
    rule: Annotated[str | None, typer.Option(metavar="ID", help="One rule in full.")] = None,
    table: Annotated[str | None, typer.Option(metavar="NAME", help="One table in full.")] = None,
    documents: Documents = None,
    *,
    json: Json = False,
) -> None:
    """Read the rules: editions in force and coming, tables and rules by owner.

    Examples: backhaul policy show | backhaul policy show --rule RET-WINDOW |
    backhaul policy show --table window_days --on 2026-12-01
    """
    from backhaul.cli import policy_show

    policy_show.show(console(), documents, on=on, rule=rule, table=table, as_json=json)


@app.command()
def explain(
    case: Annotated[
        str, typer.Argument(metavar="CASE", help="Case (RC-...), review (RV-...) or verdict (VD-...).")
    ],
    *,
    json: Json = False,
) -> None:
    """Say why: every verdict of a case, rule by rule, with inputs, sources, tables and what would change it.

    Example: backhaul policy explain RC-7QK2M4
    """
    from backhaul.cli import policy_explain

    policy_explain.explain(console(), case, as_json=json)


@app.command()
def shadow(since: Since = None, *, json: Json = False) -> None:
    """Compare what the guard would have decided with what people did, where it only watches.

    Example: backhaul policy shadow --since 2026-09-01
    """
    from backhaul.cli import policy_shadow

    policy_shadow.shadow(console(), since=since, as_json=json)


@app.command()
def decide(
    facts: Annotated[
        str | None, typer.Argument(metavar="FACTS.json", help="The facts of one proposal; - reads stdin.")
    ] = None,
    order_date: Annotated[
        str | None, typer.Option(metavar="YYYY-MM-DD", help="Day of the order, for terms; today.")
    ] = None,
    decision_date: Annotated[
        str | None, typer.Option(metavar="YYYY-MM-DD", help="Day of deciding, for controls; today.")
    ] = None,
    facility: Annotated[
        str | None, typer.Option(metavar="ID", help="Facility whose overlays hold as well.")
    ] = None,
    example: Annotated[
        str | None,
        typer.Option(metavar="ACTION", help="Print ordinary facts of this action to start from, and stop."),
    ] = None,
    documents: Documents = None,
    *,
    json: Json = False,
) -> None:
    """Ask the rules about facts of your own. Nothing is stored and nothing happens.

    Example: backhaul policy decide --example create_rma > facts.json, change what you want to try,
    then backhaul policy decide facts.json --order-date 2026-05-04
    """
    from backhaul.cli import policy_explain

    if example:
        policy_explain.print_example(documents, example)
        return
    days = policy_explain.Days(order_date, decision_date, facility)
    policy_explain.decide(console(), documents, facts, days, as_json=json)


@app.command()
def check(
    documents: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="Folder of policy documents; those in force.")
    ] = None,
    *,
    json: Json = False,
) -> None:
    """Load the documents, run their examples and prove them: gaps, conflicts, rules that do nothing.

    Ends with status 1 when something is wrong that nobody has accepted.

    Example: backhaul policy check proposal
    """
    from backhaul.cli import policy_check

    policy_check.check(console(), documents, as_json=json)


@app.command()
def sign(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The edition or overlay, a *.yaml file.")],
    owner: Annotated[str, typer.Option(metavar="OWNER", help="operations, finance or compliance.")],
    by: Annotated[str, typer.Option(metavar="NAME", help='Who signs: "Name, Title".')],
    day: Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="The day of signing; today.")] = None,
) -> None:
    """Put a name under a document for an owner, bound to what decides in it. Nothing else in it changes.

    Example: backhaul policy sign proposal/controls-2027a.yaml --owner finance
    --by "Miriam Okafor, Chief Financial Officer"
    """
    from backhaul.cli import policy_sign

    policy_sign.sign(console(), file, owner=owner, by=by, day=day)


@app.command()
def diff(
    before: Annotated[
        str,
        typer.Argument(
            metavar="A", help="Folder, edition such as terms@2020a, or `current`: those in force."
        ),
    ],
    after: Annotated[str, typer.Argument(metavar="B", help="Folder, edition, or `current`.")],
    documents: Documents = None,
    *,
    json: Json = False,
) -> None:
    """Say in words what B makes looser, tighter or otherwise than A, each with the smallest case.

    Example: backhaul policy diff current proposal | backhaul policy diff terms@2020a terms@2026b
    """
    from backhaul.cli import policy_diff

    policy_diff.diff(console(), before, after, documents, as_json=json)


@app.command()
def backtest(
    against: Annotated[
        str,
        typer.Option(metavar="DIR", help="Folder with the proposed documents, all of them, changed or not."),
    ],
    since: Since = None,
    on: Annotated[
        str | None,
        typer.Option(
            "--on",
            metavar="YYYY-MM-DD",
            help="Judge as if all had been ordered and decided on this day: for an edition still to come.",
        ),
    ] = None,
    *,
    json: Json = False,
) -> None:
    """Ask a proposal about every decision on record, with the facts as seen: what would be otherwise.

    Example: cp -r policies/documents proposal, edit a file in it, then
    backhaul policy backtest --against proposal --since 2026-09-01
    """
    from backhaul.cli import policy_backtest

    policy_backtest.backtest(console(), Path(against), since=since, on=on, as_json=json)
