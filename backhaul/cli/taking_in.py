"""Taking a file in at the terminal: plan, progress, and what became of every row."""

import json
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from backhaul.bootstrap.doors import WebSide
from backhaul.bootstrap.operator import operator_name
from backhaul.cli import written
from backhaul.cli.house import open_side
from backhaul.domain.errors import ConnectorUnavailable
from backhaul.intake import files
from backhaul.intake.columns import NOTE_FIELDS, OPEN_RMA_FIELDS, Field
from backhaul.intake.entering import State
from backhaul.intake.files import Done, Tally
from backhaul.intake.mended import write_bad_rows
from backhaul.intake.rows import Sheet
from backhaul.settings import Settings

_SOME_BAD, _CANNOT, _STOPPED = 1, 2, 130
_SHOWN = 20
_PLANNED = 5

console = Console(highlight=False, soft_wrap=True)
beside = Console(stderr=True, highlight=False, soft_wrap=True)


@dataclass(frozen=True, slots=True)
class Kind:
    """What the rows of a file are, and how they are taken in."""

    name: str
    fields: Sequence[Field]
    take: Callable[[WebSide, str, "Job"], Iterator[Done]]


@dataclass(frozen=True, slots=True)
class Job:
    """A file to be taken in. `columns` is the heading of each field."""

    kind: Kind
    file: Path
    sheet: Sheet
    columns: Mapping[str, str]
    errors: Path | None


def _notes(side: WebSide, actor: str, job: Job) -> Iterator[Done]:
    from backhaul.bootstrap.intake_side import notes_intake

    intake = notes_intake(side, actor=actor)
    with beside.status("loading the reader ..."):
        intake.reader.warm_up()
    return files.take_notes(intake, job.sheet, job.columns)


def _open_rmas(side: WebSide, actor: str, job: Job) -> Iterator[Done]:
    from backhaul.bootstrap.intake_side import open_rmas_intake

    return files.take_open_rmas(open_rmas_intake(side, actor=actor), job.sheet, job.columns)


NOTES = Kind("notes", NOTE_FIELDS, _notes)
OPEN_RMAS = Kind("rmas", OPEN_RMA_FIELDS, _open_rmas)


@dataclass(slots=True)
class _Run:
    """How far the file is, and why it went no further."""

    tally: Tally = field(default_factory=Tally)
    told: list[Done] = field(default_factory=list)
    """Bad rows and duplicates; cases are on the desk"""
    stopped: str = ""
    interrupted: bool = False

    @property
    def bad(self) -> list[Done]:
        return [done for done in self.told if done.outcome.state is State.BAD]


def show_plan(job: Job, *, as_json: bool) -> None:
    """Which column holds what, and what the first rows say by it. Nothing is looked up or kept."""
    first = job.sheet.rows[:_PLANNED]
    unused = [name for name in job.sheet.headings if name not in job.columns.values()]
    if as_json:
        rows = [{"line": row.line, "wrong": row.wrong, **files.values_of(row, job.columns)} for row in first]
        plan = {"rows": len(job.sheet.rows), "columns": dict(job.columns), "not_read": unused, "first": rows}
        typer.echo(json.dumps(plan, ensure_ascii=False))
        return
    console.print(
        "columns: " + ", ".join(f"{name} = {job.columns[name]}" for name in job.columns), markup=False
    )
    table = Table("line", *job.columns, box=None, header_style="dim")
    for column in table.columns[1:]:
        column.no_wrap, column.overflow = True, "ellipsis"
    for row in first:
        cells = [row.wrong] if row.wrong else files.values_of(row, job.columns).values()
        table.add_row(str(row.line), *(escape(" ".join(cell.split())) for cell in cells))
    console.print(table)
    if unused:
        console.print(f"not read: {', '.join(unused)}", markup=False)
    console.print(f"{len(job.sheet.rows)} rows. Nothing was taken in; run it again without --dry-run.")


def take_in(job: Job, settings: Settings, *, as_json: bool) -> int:
    """Take the file in, show what became of it, and give the status to end with."""
    if job.errors is not None:
        written.place(job.errors)
    run = _Run()
    with open_side(settings) as side, _stopping(run):
        try:
            for done in _watched(job.kind.take(side, f"cli:{operator_name()}", job), len(job.sheet.rows)):
                run.tally.count(done.outcome)
                if done.outcome.state is not State.CREATED:
                    run.told.append(done)
                if run.interrupted:
                    run.stopped = "stopped"
                    break
        except ConnectorUnavailable as silent:
            run.stopped = str(silent)
    if job.errors is not None and run.bad:
        write_bad_rows(job.errors, job.sheet, run.bad)
    typer.echo(_as_json(job, run)) if as_json else _show(job, run)
    return (
        _STOPPED
        if run.interrupted and run.stopped
        else _CANNOT
        if run.stopped
        else int(bool(run.bad)) * _SOME_BAD
    )


@contextmanager
def _stopping(run: _Run) -> Iterator[None]:
    """Ctrl-C lets the row under way end: it is in, or it is not."""

    def stop(*_: Any) -> None:
        run.interrupted = True

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class _Rate(ProgressColumn):
    """Rows a second."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:.1f} a second" if task.speed else "", style="dim")


def _watched(rows: Iterator[Done], total: int) -> Iterator[Done]:
    """The rows, with a bar of how many are done, how fast, and how long it will still take."""
    columns = (TextColumn("taking in"), BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn())
    with Progress(*columns, console=beside, transient=True) as bar:
        task = bar.add_task("", total=total)
        for done in rows:
            bar.advance(task)
            yield done


def _as_json(job: Job, run: _Run) -> str:
    tally = run.tally
    return json.dumps(
        {
            "file": job.file.name,
            "rows": len(job.sheet.rows),
            "done": tally.rows,
            "cases": tally.cases,
            "items": tally.items,
            "clear": tally.clear,
            "urgent": tally.urgent,
            "duplicates": tally.duplicates,
            "bad": tally.bad,
            "stopped": run.stopped,
            "told": [{"line": done.row.line, **_plain(done)} for done in run.told],
        },
        ensure_ascii=False,
    )


def _plain(done: Done) -> dict[str, Any]:
    kept = asdict(done.outcome)
    return {name: kept[name] for name in ("state", "why", "field", "to_do", "case_id") if kept[name]}


def _show(job: Job, run: _Run) -> None:
    for remark in job.sheet.remarks:
        console.print(remark, markup=False)
    _show_rows("bad row", [(str(d.row.line), d.outcome.why, d.outcome.to_do) for d in run.bad], "what to do")
    again = [done for done in run.told if done.outcome.state is State.DUPLICATE]
    _show_rows("in already", [(str(d.row.line), d.outcome.why, d.outcome.case_id) for d in again], "case")
    tally = run.tally
    counted = (
        f"{tally.cases} cases with {tally.items} things, {tally.clear} of them clear, {tally.urgent} urgent"
    )
    console.print(f"{counted}; {tally.duplicates} in already; {tally.bad} bad rows.")
    if tally.cases:
        console.print("They are on the desk under To decide. Nobody was told anything.")
    if run.bad and job.errors:
        console.print(f"The bad rows are in {job.errors}: mend them, and run that file.", markup=False)
    if run.stopped:
        done = f"{tally.rows} of {len(job.sheet.rows)} rows are done"
        again_by = f"backhaul intake {job.kind.name} {job.file}"
        console.print(f"{run.stopped}: {done}. To go on: {again_by} (what is in is skipped).", markup=False)


def _show_rows(title: str, rows: Sequence[tuple[str, str, str]], last: str) -> None:
    if not rows:
        return
    table = Table("line", title, last, box=None, header_style="dim")
    for row in rows[:_SHOWN]:
        table.add_row(*(escape(cell) for cell in row))
    console.print(table)
    if len(rows) > _SHOWN:
        console.print(f"and {len(rows) - _SHOWN} more; --json tells all of them")
