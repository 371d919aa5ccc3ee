"""`backhaul classify`: scope and reason of many texts, offline. Heavy imports wait, see main.py."""

import json
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any

import typer
from pydantic import BaseModel, ConfigDict, ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

from backhaul.domain.errors import BadInput
from backhaul.settings import Settings

if TYPE_CHECKING:
    from agent.understanding.offline import OfflineReader

_STDIN = "-"


class Labelled(BaseModel):
    """One line of the input. Other keys, such as a label to compare with, may stand beside these two."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)
    id: str | int
    text: str


def register(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command()(classify)


def classify(
    file: Annotated[
        str, typer.Argument(metavar="FILE.jsonl", help='Lines of {"id", "text"}; - reads stdin.')
    ],
    out: Annotated[Path | None, typer.Option(help="Where the answers go; stdout when left out.")] = None,
) -> None:
    """Say for each text whether it is about a return, and why goods come back.

    Writes {"id", "in_scope", "reason", "confidence"}. A line that cannot be read is named on stderr, the
    others are answered all the same, and the command ends with status 2.
    """
    from agent.understanding.offline import OfflineReader
    from backhaul.bootstrap import stores
    from backhaul.bootstrap.doors import silence_telemetry
    from backhaul.bootstrap.teaching import heads_at_start

    silence_telemetry()
    given, settings = _lines(file), Settings()
    reader = OfflineReader(stores.cache_folder(settings), heads_at_start(settings))
    notes = Console(stderr=True, highlight=False, soft_wrap=True)
    bad = 0
    with ExitStack() as open_things:
        target = open_things.enter_context(_open_out(out)) if out else sys.stdout
        for answer in open_things.enter_context(_progress(notes)).track(
            (_answered(reader, number, line) for number, line in given), total=len(given)
        ):
            if isinstance(answer, str):
                bad += 1
                notes.print(answer, markup=False)
            else:
                target.write(json.dumps(answer, ensure_ascii=False) + "\n")
    if bad:
        raise BadInput(f"{bad} of {len(given)} lines of {file} could not be read and have no answer")


def _lines(file: str) -> list[tuple[int, bytes]]:
    """Lines with their numbers; empty ones are passed over."""
    try:
        content = sys.stdin.buffer.read() if file == _STDIN else Path(file).read_bytes()
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}") from error
    numbered = enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1)
    return [(number, line) for number, line in numbered if line.strip()]


def _open_out(path: Path) -> IO[str]:
    try:
        return path.open("w", encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}") from error


def _progress(notes: Console) -> Progress:
    return Progress(
        "classify", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=notes, transient=True
    )


def _answered(reader: "OfflineReader", number: int, line: bytes) -> dict[str, Any] | str:
    """The answer, or in words what is wrong with the line."""
    try:
        given = Labelled.model_validate_json(line)
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(str(part) for part in problem["loc"])
        return f"line {number}: {f'{where}: ' if where else ''}{problem['msg']}"
    found = reader.classify(given.text)
    return {
        "id": given.id,
        "in_scope": found.in_scope,
        "reason": found.reason.value if found.reason else None,
        "confidence": round(found.confidence, 4),
    }
