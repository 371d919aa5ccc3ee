"""Runs kept in files: written whole or not at all, and read strictly."""

import gzip
import zlib
from collections import Counter
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ValidationError

from backhaul.domain.errors import BadInput
from evals.played import Played, Run, RunHead
from evals.scenario import Sheet

FORMAT: Literal[1] = 1
"""Goes up with every change of what a run says; a file of another format is not guessed at"""
_GZIP = ".gz"
_AGAIN = "Run the evaluation again, or name another file."


class _RunFile(Sheet):
    """The whole of a file."""

    format: Literal[1]
    head: RunHead
    played: tuple[Played, ...]


class _Marked(BaseModel):
    """All that is asked of a file before it is read: which format it claims to have."""

    format: int


def save_run(run: Run, path: Path) -> None:
    """Write a run as JSON, compressed when the name ends in `.gz`.

    The file appears under its name once it is complete, so that a stopped program leaves no half of one.
    BadInput when the folder is not there or cannot be written to.
    """
    text = _RunFile(format=FORMAT, head=run.head, played=run.played).model_dump_json(indent=1).encode()
    body = gzip.compress(text, compresslevel=6, mtime=0) if path.name.endswith(_GZIP) else text
    unfinished = path.with_name(f"{path.name}.part")
    try:
        unfinished.write_bytes(body)
        unfinished.replace(path)
    except OSError as error:
        raise _trouble(path, f"the run cannot be written: {error.strerror}", "Name another place.") from error


def load_run(path: Path) -> Run:
    """Read what `save_run` wrote.

    BadInput, saying what, where and what to do: no such file, cut off, not a run, of another format, or with
    two runs of a scenario under one key.
    """
    body = _body(path)
    try:
        claimed = _Marked.model_validate_json(body).format
    except ValidationError as error:
        raise _unreadable(path, error) from error
    if claimed != FORMAT:
        raise _trouble(
            path,
            f"the run is kept in format {claimed}, and this version reads format {FORMAT}",
            "Run the evaluation again, or read it with the version that wrote it.",
        )
    try:
        found = _RunFile.model_validate_json(body)
    except ValidationError as error:
        raise _unreadable(path, error) from error
    _each_once(path, found.played)
    return Run(head=found.head, played=found.played)


def _body(path: Path) -> bytes:
    try:
        raw = path.read_bytes()
    except FileNotFoundError as error:
        raise _trouble(path, "there is no such file", "`eval run` writes one; look at its name.") from error
    except OSError as error:
        raise _trouble(path, f"it cannot be read: {error.strerror}", _AGAIN) from error
    if not path.name.endswith(_GZIP):
        return raw
    try:
        return gzip.decompress(raw)
    except EOFError as error:
        raise _trouble(path, "the file is cut off", _AGAIN) from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise _trouble(path, "the name ends in .gz, but it is not compressed so", _AGAIN) from error


def _each_once(path: Path, played: tuple[Played, ...]) -> None:
    twice = [key for key, times in Counter(one.key for one in played).items() if times > 1]
    if twice:
        raise _trouble(path, f"{twice[0]} stands in it more than once", _AGAIN)


def _unreadable(path: Path, error: ValidationError) -> BadInput:
    first = error.errors(include_url=False)[0]
    if first["type"] == "json_invalid":
        cut = "EOF" in first["msg"]
        return _trouble(path, "the file is cut off" if cut else "it is no JSON, so it is no run", _AGAIN)
    where = ".".join(str(part) for part in first["loc"])
    if first["loc"] in {(), ("format",)}:
        return _trouble(path, "it is no run of an evaluation: it names no format", _AGAIN)
    more = error.error_count() - 1
    rest = f" (and {more} more)" if more else ""
    return _trouble(path, f"it is no run as `eval run` writes it: {where}: {first['msg']}{rest}", _AGAIN)


def _trouble(path: Path, what: str, remedy: str) -> BadInput:
    return BadInput(f"{path}: {what}. {remedy}", field="path")
