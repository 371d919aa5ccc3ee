"""`autonomy report | propose | lift` in a terminal."""

import json
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Column, Table

from backhaul.analytics.autonomy import Line, Report
from backhaul.analytics.floors import draft_floors
from backhaul.analytics.on_record import report_of
from backhaul.bootstrap.doors import WebSide
from backhaul.cli.acting import member_named, open_ready_store, password_for
from backhaul.cli.policy_books import day as day_of
from backhaul.domain.clock import today
from backhaul.domain.errors import BadInput
from backhaul.settings import Settings
from backhaul.store import autonomy
from backhaul.store.autonomy_tables import AutonomyHoldRow
from web.autonomy_words import (
    EMPTY,
    bound_words,
    coverage_words,
    earned_words,
    floor_words,
    missing_words,
    promise_words,
)


def _read(side: WebSide, settings: Settings) -> tuple[Report, list[AutonomyHoldRow]]:
    with side.store.read() as uow:
        found = report_of(uow, side.desk.policies().bundle, wrong_permille=settings.wrong_automatic_permille)
        return found, list(autonomy.holds(uow))


def report(console: Console, *, every: bool, as_json: bool) -> None:
    """What the labels on record say of each segment."""
    from backhaul.cli.house import open_side

    settings = Settings()
    with open_side(settings) as side:
        found, holds = _read(side, settings)
    if as_json:
        print(json.dumps(_json(found, holds), indent=2))  # noqa: T201 - the answer itself
        return
    _tell(console, found, holds, every=every)


def _tell(console: Console, found: Report, holds: list[AutonomyHoldRow], *, every: bool) -> None:
    if not found.drawn:
        console.print(EMPTY)
    else:
        console.print(
            f"{found.drawn:,} decisions drawn, {found.waiting:,} of them not read yet; {found.counted:,} "
            f"labels count. To be proved: {promise_words(found)}."
        )
    for one in holds:
        segment = autonomy.segment_of(one).words
        console.print(
            f"Hold {one.id}: {segment} decides nothing by itself since {one.set_at:%Y-%m-%d}: {one.why}"
        )
    shown = [line for line in found.lines if every or line.labels]
    if shown:
        console.print(_table(found, shown))
    if found.denials.labels:
        of = found.denials
        console.print(
            f"Automatic refusals: {of.wrong} of {of.labels} read otherwise, at most {of.bound:.1%} at 95 %."
        )
    if found.changes:
        console.print("`backhaul autonomy propose` drafts the edition with the floors that are borne out.")


def _table(found: Report, shown: list[Line]) -> Table:
    table = Table(
        "Segment",
        Column("Labels", justify="right"),
        Column("Wrong", justify="right"),
        Column("Floor", justify="right"),
        Column("Let through", justify="right"),
        Column("Wrong at most", justify="right"),
        "Rests on",
        "Could have",
        "Missing",
        box=None,
    )
    for line in shown:
        table.add_row(
            line.segment.words,
            f"{line.labels:,}",
            f"{line.wrong:,}",
            floor_words(line.floor),
            coverage_words(line),
            bound_words(line),
            line.basis.value,
            earned_words(line),
            missing_words(line, found),
        )
    return table


def _json(found: Report, holds: list[AutonomyHoldRow]) -> dict[str, Any]:
    return {
        "alpha": found.plan.alpha,
        "delta": found.plan.delta,
        "drawn": found.drawn,
        "waiting": found.waiting,
        "labels": found.counted,
        "holds": [
            {"hold": one.id, "segment": autonomy.segment_of(one).words, "why": one.why} for one in holds
        ],
        "denials": asdict(found.denials),
        "segments": [
            {
                "product_class": line.segment.product_class,
                "value_band": line.segment.band,
                "labels": line.labels,
                "wrong": line.wrong,
                "floor": line.floor,
                "covered": line.covered,
                "bound": line.bound,
                "basis": line.basis.value,
                "earned_floor": line.earned.floor if line.earned else None,
                "earned_by": line.earned.by.words if line.earned else None,
                "needs": line.needs,
            }
            for line in found.lines
        ],
    }


def propose(console: Console, out: Path, *, first: str | None) -> None:
    """Write the documents with the floors that are borne out into a new folder.

    Raises:
        BadInput: The folder holds something, or the day has begun already.
    """
    from backhaul.cli.house import open_side

    settings = Settings()
    with open_side(settings) as side:
        found, _ = _read(side, settings)
        bundle, now = side.desk.policies().bundle, today(side.desk.clock)
    if not found.changes:
        console.print(
            "Nothing is proposed: no label proves a lower floor than there is, and none contradicts one. "
            + ("`backhaul autonomy report` says what is missing." if found.drawn else EMPTY)
        )
        return
    if out.exists() and any(out.iterdir()):
        raise BadInput(f"{out} holds something already; name a new folder", field="out")
    begins = day_of(first, option="from") if first else now + timedelta(days=1)
    draft = draft_floors(bundle, found.changes, found, first=begins, today=now)
    out.mkdir(parents=True, exist_ok=True)
    for name, text in draft.over(bundle.texts).items():
        (out / name).write_text(text, encoding="utf-8")
    for leaf, floor in found.changes.items():
        console.print(f"{leaf.words}: {floor_words(found.floors[leaf])} -> {floor_words(floor)}")
    console.print(
        f"{draft.label} from {draft.first} is in {out}. It is in force for nobody until its owner signs it: "
        f"`backhaul policy check {out}`, `backhaul policy backtest --against {out} --on {draft.first}`, "
        f"`backhaul policy sign {out / next(iter(draft.files))} --owner operations --by NAME`."
    )


def lift(console: Console, hold_id: int, email: str, *, why: str, password_stdin: bool) -> None:
    """Lift a hold in the name of a policy owner."""
    settings = Settings()
    password = password_for(settings, email, from_stdin=password_stdin)
    with open_ready_store(settings) as store, store.begin() as uow:
        who = member_named(uow, email, password)
        segment = autonomy.segment_of(autonomy.lift(uow, hold_id, by=who.id, why=why)).words
    console.print(
        f"Hold {hold_id} is lifted: {segment} decides by itself again, from the floors of the policy."
    )
