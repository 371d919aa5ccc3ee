"""Trained heads held against those that read now, on messages that say what is right."""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from backhaul.bootstrap import stores
from backhaul.bootstrap.teaching import heads_at_start, taught
from backhaul.cli.acting import open_ready_store
from backhaul.cli.teaching import check_file
from backhaul.domain.codes import Reason
from backhaul.domain.errors import BadInput
from backhaul.domain.release import SHORT
from backhaul.settings import Settings
from backhaul.store import corrections, reader_heads

if TYPE_CHECKING:
    from agent.understanding.exemplar import Exemplar
    from agent.understanding.promoted import Promoted
    from evals.reader_compared import HeldAgainst, Message

_WIDTH = 100


def compare(console: Console, hash_: str, files: Sequence[Path]) -> None:
    """Compare, keep how it came out for `promote`, and end with status 1 when the candidate is not cleared.

    Raises:
        BadInput: A file has a line that is no labelled message, or the heads' file is not what was trained.
    """
    from agent.understanding.promoted import Promoted

    settings = Settings()
    asked = [(str(file), _messages(file)) for file in files]
    with open_ready_store(settings) as store:
        with store.read() as uow:
            row = reader_heads.named(uow, hash_)
            candidate = Promoted(row.name, check_file(settings, row.name, row.sha256))
            after = taught(corrections.named(uow, row.corrections))
            current = reader_heads.in_use(uow)
            learnt = reader_heads.named(uow, current).corrections if current else []
            before = taught(corrections.named(uow, learnt))
        found = list(_held(settings, candidate, before, after, asked))
        worse = [why for one in found if (why := one.why_worse)]
        told = "; ".join(worse) or "not worse"
        with store.begin() as uow:
            reader_heads.keep_comparison(
                uow,
                reader_heads.named(uow, hash_),
                against=current or reader_heads.SHIPPED,
                is_worse=bool(worse),
                told=told,
                figures=[one.figures() for one in found],
            )
    console.print(f"{row.name[:SHORT]} against {(current or reader_heads.SHIPPED)[:SHORT]}", markup=False)
    _tell(console, found)
    if worse:
        console.print(f"not cleared: {told}", markup=False)
        raise typer.Exit(1)
    console.print(f"cleared; next: backhaul reader promote {row.name[:SHORT]} --as EMAIL", markup=False)


def _messages(file: Path) -> "list[Message]":
    from evals.reader_compared import OUT_OF_SCOPE

    labels = {*Reason, OUT_OF_SCOPE}
    try:
        lines = file.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as wrong:
        raise BadInput(f"{file} cannot be read: {wrong}", field="on") from wrong
    read = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            said = json.loads(line)
            read.append((str(said["text"]), str(said["label"])))
        except (ValueError, KeyError, TypeError) as wrong:
            raise BadInput(f'{file}, line {number}: give {{"text", "label"}}', field="on") from wrong
        if read[-1][1] not in labels:
            raise BadInput(f"{file}, line {number}: no label {read[-1][1]}; see --help", field="on")
    return read


def _held(
    settings: Settings,
    candidate: "Promoted",
    before: "Sequence[Exemplar]",
    after: "Sequence[Exemplar]",
    asked: "Sequence[tuple[str, list[Message]]]",
) -> "Iterator[HeldAgainst]":
    from agent.understanding.encoder import Encoder
    from agent.understanding.unseen import read_unseen
    from evals.reader_compared import first_messages, held_against, read_by_both

    sources = [*asked, ("the suites' first messages", first_messages())]
    reads = (_reads(settings, heads_at_start(settings)), _reads(settings, lambda: candidate))
    with _progress() as progress:
        bar = progress.add_task("in folds", total=None)
        yield held_against("exemplars in folds", read_unseen(before, after, Encoder()), is_unseen=True)
        for name, messages in sources:
            progress.reset(bar, description=name, total=len(messages))
            twice = [
                one
                for message in progress.track(messages, task_id=bar)
                for one in read_by_both([message], *reads)
            ]
            yield held_against(name, twice)


def _reads(settings: Settings, promoted: "Callable[[], Promoted | None]") -> Callable[[str], str]:
    from agent.understanding.offline import OfflineReader
    from evals.reader_compared import OUT_OF_SCOPE

    reader = OfflineReader(stores.cache_folder(settings), promoted)

    def read(text: str) -> str:
        found = reader.classify(text)
        return found.reason.value if found.reason else OUT_OF_SCOPE

    return read


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=Console(stderr=True),
        transient=True,
    )


def _tell(console: Console, found: "Sequence[HeldAgainst]") -> None:
    table = Table("read", "n", "now", "candidate", "difference", "interval", box=None, header_style="dim")
    for one in found:
        apart = one.difference
        cells = (f"{one.before.value:.1%}", f"{one.after.value:.1%}") if apart.is_measured else ("", "")
        interval = f"{apart.low:+.1%} to {apart.high:+.1%}" if apart.is_measured else "not measured"
        difference = f"{apart.value:+.1%}" if apart.is_measured else ""
        table.add_row(one.name, str(apart.n), *cells, difference, interval)
    console.print(table)
    for one in found:
        for title, flips in (("mends", one.mended), ("breaks", one.broke), ("also", one.else_changed)):
            for flip in flips:
                console.print(
                    f"{title} ({one.name}): {flip.text[:_WIDTH]}\n"
                    f"  is {flip.expected}, read as {flip.before}, candidate {flip.after}",
                    markup=False,
                )
