"""Turns as the terminal shows them: for people as words and tables, for programs as one JSON object."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from agent.turns import Turn, TurnLabel, TurnLine, turn_of
from backhaul.store import cases
from backhaul.store.blobs import BlobStore
from backhaul.store.tables import MessageRow
from backhaul.store.unit_of_work import UnitOfWork

_DECIDED = frozenset({"done", "pending", "review", "denied"})
_COLOUR = {"done": "green", "denied": "red", "review": "yellow", "pending": "yellow"}


@dataclass(frozen=True, slots=True)
class Prints:
    """Where labels are put for printing."""

    folder: Path
    blobs: BlobStore

    def pdf(self, label: TurnLabel) -> Path:
        """The label as a file, named by its tracking number; NotFound when its print is lost."""
        path = (self.folder / f"{label.tracking_number}.pdf").absolute()
        if not path.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            path.write_bytes(self.blobs.get(label.pdf_blob))
        return path


def told(uow: UnitOfWork, thread_id: str, rows: Sequence[MessageRow]) -> Turn:
    """What the agent said in these messages of its own, as one turn, with the lines as they stand now.

    Once the answer is there, "being decided" is left out.
    """
    rows = [row for row in rows if row.meta.get("outcome") != "pending"] or rows
    outcome = str(rows[0].meta.get("outcome", "help"))
    case_id = next((row.meta["case_id"] for row in rows if row.meta.get("case_id")), None)
    labels = [label for row in rows for label in row.meta.get("labels", ())]
    given = cases.proposals(uow, case_id=case_id) if case_id and outcome in _DECIDED else ()
    return turn_of(
        uow,
        thread_id,
        rows[0].seq,
        {
            "text": "\n\n".join(row.body for row in rows),
            "outcome": outcome,
            "meta": {"outcome": outcome, "cards": rows[0].meta.get("cards", []), "labels": labels},
        },
        case_id,
        given[-1].consent_id if given else None,
    )


def owed(turn: Turn) -> bool:
    """Whether the worker still has to say something that belongs to this turn."""
    labelled = {label.rma for label in turn.labels}
    unlabelled = any(line.verdict == "permit" and line.rma not in labelled for line in turn.lines)
    return turn.outcome == "pending" or (turn.outcome in _DECIDED and unlabelled)


def as_json(turn: Turn, prints: Prints) -> str:
    """One line for programs. Its keys are a promise to scripts."""
    return json.dumps(
        {
            "thread": turn.thread,
            "reply": turn.reply,
            "outcome": turn.outcome,
            "case": turn.case,
            "lines": [_line_json(line) for line in turn.lines],
            "labels": [label_json(label, prints) for label in turn.labels],
        },
        ensure_ascii=False,
    )


def _line_json(line: TurnLine) -> dict[str, Any]:
    return {
        "order_line": line.order_line,
        "quantity": line.quantity,
        "reason": line.reason,
        "confidence": round(line.confidence, 3),
        "resolution": line.resolution,
        "verdict": line.verdict,
        "rules": list(line.rules),
        "rma": line.rma,
    }


def label_json(label: TurnLabel, prints: Prints) -> dict[str, Any]:
    """A label for programs, with the path of its PDF."""
    return {
        "rma": label.rma,
        "tracking_number": label.tracking_number,
        "carrier": label.carrier,
        "ship_by": label.ship_by.isoformat(),
        "pdf": str(prints.pdf(label)),
    }


def show(console: Console, turn: Turn, prints: Prints) -> None:
    """A turn for people. What is said is shown as it is, never read as markup."""
    colour = _COLOUR.get(turn.outcome, "cyan")
    parts: list[RenderableType] = [Text.assemble(("Backhaul  ", f"bold {colour}"), (turn.outcome, colour))]
    parts.append(Text(turn.reply))
    if any(line.verdict for line in turn.lines):
        parts.append(_lines_table(turn.lines))
    parts += [Text.from_markup(f"[green]Label[/] {escape(words)}") for words in _labels(turn.labels, prints)]
    console.print(Padding(Group(*parts), (0, 0, 1, 0)))


def _lines_table(lines: Iterable[TurnLine]) -> Table:
    table = Table("line", "pieces", "reason", "verdict", "rules", "RMA", box=None, header_style="dim")
    for line in lines:
        cells = (
            line.order_line,
            str(line.quantity),
            line.reason,
            line.verdict,
            ", ".join(line.rules),
            line.rma,
        )
        table.add_row(*(escape(cell) for cell in cells))
    return table


def _labels(labels: Iterable[TurnLabel], prints: Prints) -> list[str]:
    return [
        f"{one.carrier} {one.tracking_number} for {one.rma}, hand in by {one.ship_by}: {prints.pdf(one)}"
        for one in labels
    ]
