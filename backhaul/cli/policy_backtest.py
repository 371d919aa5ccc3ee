"""`policy backtest`: a proposal over the decisions on record, in a terminal."""

import json
from dataclasses import asdict
from datetime import UTC, datetime, time
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from backhaul.cli.policy_books import book, day
from backhaul.domain.canonical import plain
from backhaul.domain.money import Money
from backhaul.settings import Settings
from policies.backtest import backtest as compare
from tools.history import History
from web.policies_backtest import BacktestShown, KindShown, shown_backtest
from web.policies_figures import OtherFiguresShown

_LISTED = 20


def backtest(console: Console, against: Path, *, since: str | None, on: str | None, as_json: bool) -> None:
    """Decide everything on record again under the documents in force and under the proposal."""
    from backhaul.cli.house import open_side

    proposed = book(against)
    first = datetime.combine(day(since, option="since"), time(), UTC) if since else None
    judged_on = day(on, option="on") if on else None
    history = History()
    with open_side(Settings()) as side:
        in_force = side.desk.policies()
        with side.store.read() as uow:
            found = compare(history.replay(uow, since=first), in_force, proposed, on=judged_on)
    shown = shown_backtest(found, history, in_force, proposed)
    if as_json:
        told = {"in_force": in_force.bundle_hash, "proposed": proposed.bundle_hash, **asdict(shown)}
        print(json.dumps(plain(told), ensure_ascii=False, indent=2))  # noqa: T201 - the answer itself
        return
    _tell(console, shown)


def _tell(console: Console, shown: BacktestShown) -> None:
    console.print(shown.summary, markup=False)
    for title, colour, kinds in (("Looser", "yellow", shown.looser), ("Tighter", "cyan", shown.tighter)):
        if kinds:
            _kinds(console, f"[bold {colour}]{title}[/]", kinds)
    if shown.rules:
        _rules(console, shown)
        _cases(console, shown)
    if shown.other_figures.by_figure:
        _figures(console, shown.other_figures)
    for note in shown.notes:
        console.print(f"Note: {note}", markup=False)
    if shown.not_asked and not shown.flips:
        console.print("Add --on with its first day to judge as if everything had happened then.")


def _kinds(console: Console, title: str, kinds: tuple[KindShown, ...]) -> None:
    console.print(f"\n{title}")
    table = Table(
        "was -> would be",
        Column("cases", justify="right"),
        Column("value", justify="right", no_wrap=True),
        "for example",
        box=None,
        header_style="dim",
    )
    for kind in kinds:
        amount = str(Money(kind.amount_usd_minor))
        table.add_row(escape(kind.words), f"{kind.cases:,}", amount, ", ".join(kind.decision_ids))
    console.print(table)


def _rules(console: Console, shown: BacktestShown) -> None:
    console.print("\n[bold]By rule[/]")
    table = Table(
        "rule",
        Column("cases", justify="right"),
        Column("value", justify="right", no_wrap=True),
        "which way",
        box=None,
        header_style="dim",
    )
    for rule in shown.rules:
        table.add_row(rule.name, f"{rule.cases:,}", str(Money(rule.amount_usd_minor)), rule.direction)
    console.print(table)


def _cases(console: Console, shown: BacktestShown) -> None:
    console.print("\n[bold]Cases[/]")
    table = Table(
        Column("verdict", no_wrap=True),
        Column("case", no_wrap=True),
        Column("value", justify="right", no_wrap=True),
        "was -> would be",
        "because",
        box=None,
        header_style="dim",
    )
    for flip in shown.flips[:_LISTED]:
        value = "unknown" if flip.amount_usd_minor is None else str(Money(flip.amount_usd_minor))
        table.add_row(
            flip.decision, flip.case, value, escape(f"{flip.was} -> {flip.now}"), escape(flip.because)
        )
    console.print(table)
    if len(shown.flips) > _LISTED:
        console.print(f"and {len(shown.flips) - _LISTED:,} more; --json lists them all")


def _figures(console: Console, shown: OtherFiguresShown) -> None:
    console.print("\n[bold]Other figures[/], permitted as before")
    table = Table(
        "figure",
        "was -> would be",
        Column("cases", justify="right"),
        Column("kept from customers", justify="right", no_wrap=True),
        "for example",
        box=None,
        header_style="dim",
    )
    for one in shown.by_figure:
        table.add_row(
            escape(one.figure),
            escape(f"{one.was} -> {one.now}"),
            f"{one.cases:,}",
            one.kept,
            ", ".join(one.decision_ids),
        )
    console.print(table)
    if len(shown.changes) > len({name for one in shown.by_figure for name in one.decision_ids}):
        console.print("--json lists every case")
