"""`policy diff`: what one set of documents decides and says otherwise than another, in a terminal."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from backhaul.cli.policy_books import pair
from backhaul.domain.canonical import plain
from web.policies_changes import EditionChange, bundle_changes, labels_gone

_COLOURS = {"looser": "yellow", "tighter": "cyan", "changed": "white"}


def diff(console: Console, before: str, after: str, documents: Path | None, *, as_json: bool) -> None:
    """Tell what `after` decides otherwise, and which cells and rules were changed for it."""
    from policies.proofs import difference
    from policies.proofs.solver import HOW_TO_INSTALL, is_installed

    old, new = pair(before, after, documents)
    with Console(stderr=True).status("comparing ..."):
        found = difference(old, new) if is_installed() else ()
    changes = bundle_changes(old.bundle, new.bundle)
    gone = labels_gone(old.bundle, new.bundle)
    if as_json:
        told = {
            "before": old.bundle_hash,
            "after": new.bundle_hash,
            "proved": is_installed(),
            "differences": [_told(one) for one in found],
            "amendments": [_told_change(change) for change in changes],
            "gone": gone,
        }
        print(json.dumps(plain(told), ensure_ascii=False, indent=2))  # noqa: T201 - the answer itself
        return
    if not is_installed():
        console.print(HOW_TO_INSTALL, markup=False)
    elif not found:
        console.print("Every case is decided in the same way.")
    for direction, colour in _COLOURS.items():
        _decided_otherwise(console, [one for one in found if one.direction.value == direction], colour)
    for change in changes:
        _amended(console, change)
    if gone:
        console.print(f"Not there any more: {', '.join(gone)}", markup=False)


def _decided_otherwise(console: Console, found: list[Any], colour: str) -> None:
    """The differences of one direction, as sentences under their heading."""
    if not found:
        return
    shown = Table(box=None, show_header=False, padding=(0, 1, 0, 0))
    for one in found:
        _, _, words = one.words.partition(": ")
        shown.add_row("-", escape(words[:1].upper() + words[1:]))
    console.print(f"[bold {colour}]{found[0].direction.value.capitalize()}[/] ({len(found)})")
    console.print(shown)


def _told(one: Any) -> dict[str, Any]:
    return {
        "direction": one.direction.value,
        "action": one.action.value,
        "rule": one.rule,
        "clause": one.clause,
        "words": one.words,
        "example": dict(one.example),
        "cells": [
            {"table": cell.table, "key": cell.key, "before": cell.before, "after": cell.after}
            for cell in one.cells
        ],
        "order_date": one.days.order_date,
        "decision_date": one.days.decision_date,
        "facility": one.facility,
    }


def _told_change(change: EditionChange) -> dict[str, Any]:
    names = [
        {**one.model_dump(mode="json", exclude={"digest"}), "stands": one in change.signed}
        for one in change.names
    ]
    told = {**asdict(change), "names": names, "not_signed_by": change.unsigned}
    del told["digest"]
    return told


def _amended(console: Console, change: EditionChange) -> None:
    since = f" since {change.since}" if change.since and change.since != change.label else ""
    console.print(f"\n[bold]{change.label}[/], {change.time}: {len(change.amendments)} changed{since}")
    table = Table(
        "what", "before", "now", "", Column("owner, clause", no_wrap=True), box=None, header_style="dim"
    )
    for one in change.amendments:
        shown = (one.what, one.before, one.after, one.direction, f"{one.owner}, {one.clause}")
        table.add_row(*map(escape, shown))
    console.print(table)
