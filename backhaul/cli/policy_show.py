"""`policy show`: the documents as tables in a terminal."""

import json
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from backhaul.cli.policy_books import book, day
from backhaul.domain.canonical import plain
from backhaul.domain.errors import NotFound
from web.policies_tables import TableCell, TableShown
from web.policies_view import PolicyRead, RuleRead, read_policies


def show(
    console: Console,
    documents: Path | None,
    *,
    on: str | None,
    rule: str | None,
    table: str | None,
    as_json: bool,
) -> None:
    """Everything in force on a day, or one rule or table of it."""
    read = read_policies(book(documents).bundle, day(on, option="on"))
    rules = _named_rules(read, rule) if rule else ()
    tables = _named_tables(read, table) if table else ()
    if as_json:
        chosen = {"rules": rules, "tables": tables} if rule or table else asdict(read)
        print(json.dumps(plain(chosen), ensure_ascii=False, indent=2))  # noqa: T201 - the answer itself
        return
    if not (rule or table):
        _overview(console, read)
    for one in tables:
        show_table(console, one)
    for found in rules:
        show_rule(console, found)


def _named_rules(read: PolicyRead, name: str) -> tuple[RuleRead, ...]:
    found = tuple(one for one in read.rules if one.id == name.upper())
    if not found:
        raise NotFound("rule in force", f"{name}; `backhaul policy show` lists them")
    return found


def _named_tables(read: PolicyRead, name: str) -> tuple[TableShown, ...]:
    found = tuple(one for one in read.tables if one.name == name)
    if not found:
        raise NotFound("table in force", f"{name}; `backhaul policy show` lists them")
    return found


def _overview(console: Console, read: PolicyRead) -> None:
    console.print(f"Policies on {read.day}, bundle [bold]{read.bundle_hash[:12]}[/]")
    editions = Table(
        Column("document", no_wrap=True),
        Column("state", no_wrap=True),
        "when",
        "what",
        box=None,
        header_style="dim",
    )
    for one in (*read.editions, *read.overlays):
        editions.add_row(*map(escape, (one.label, one.state, one.time, one.about)))
    console.print(editions)
    for grant in read.grants:
        ends = "ended" if grant.over else "until"
        console.print(
            f"grant {grant.id}, {ends} {grant.until}, by {grant.by}: {grant.overlay} may loosen "
            f"{'; '.join(grant.cells)} ({grant.clause})",
            markup=False,
        )
    for owner in read.owners:
        console.print(f"\n[bold]{owner}[/]")
        _owned_tables(console, read, owner)
        _owned_rules(console, read, owner)
    console.print("\nOne in full: backhaul policy show --table NAME, or --rule ID")


def _owned_tables(console: Console, read: PolicyRead, owner: str) -> None:
    shown = Table(
        Column("table", no_wrap=True),
        Column("clause", no_wrap=True),
        "unit",
        "what it says",
        box=None,
        header_style="dim",
    )
    for one in read.tables:
        if one.owner == owner:
            shown.add_row(*map(escape, (one.name, one.clause, one.unit, one.doc)))
    if shown.row_count:
        console.print(shown)


def _owned_rules(console: Console, read: PolicyRead, owner: str) -> None:
    shown = Table(
        Column("rule", no_wrap=True),
        Column("clause", no_wrap=True),
        "if not met",
        "what it asks for",
        box=None,
        header_style="dim",
    )
    for one in read.rules:
        if one.owner == owner:
            place = f" ({one.where})" if one.where else ""
            shown.add_row(*map(escape, (one.id, one.clause, one.on_fail, one.title + place)))
    if shown.row_count:
        console.print(shown)


def show_table(console: Console, table: TableShown) -> None:
    """One table with its cells; what an overlay makes of a cell stands under it."""
    console.print(f"[bold]{escape(table.title)}[/]  {table.clause}, {table.owner}, {table.document}")
    console.print(f"{table.doc} ({table.unit})", markup=False)
    shown = Table(*table.heads, *(table.columns or ("value",)), box=None, header_style="dim")
    for heads, cells in table.rows:
        shown.add_row(*map(escape, (*heads, *map(_cell, cells))))
    console.print(shown)


def _cell(cell: TableCell) -> str:
    return "\n".join((cell.value, *(f"{one.where}: {one.value} ({one.written_in})" for one in cell.marks)))


def show_rule(console: Console, rule: RuleRead) -> None:
    """One rule in full."""
    where = f", only {rule.where}" if rule.where else ""
    console.print(f"[bold]{rule.id}[/]  {rule.clause}, {rule.owner}, {rule.document}{where}")
    console.print(rule.title, markup=False)
    shown = Table("", "", box=None, show_header=False)
    lines = [
        ("asked for", ", ".join(rule.actions)),
        ("applies when", rule.when or "always"),
        ("asks that", rule.require),
        ("if not met", rule.on_fail + (", and only watches until then" if rule.shadow else "")),
        ("it says", rule.say),
        *((f"{name} is claimed", why) for name, why in rule.claims),
        *(("example", f"{given} -> {found}") for given, found in rule.examples),
    ]
    for name, words in lines:
        shown.add_row(escape(name), escape(words), style=None)
    console.print(shown)
