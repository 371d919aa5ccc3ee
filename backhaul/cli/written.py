"""Files that commands write: that they cannot be is told in a line, and before any work for them."""

import os
from pathlib import Path

from backhaul.domain.errors import BadInput


def place(path: Path) -> Path:
    """The same path, with its folder made.

    Raises:
        BadInput: No file can be written there.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}", field="path") from error
    if path.is_dir():
        raise BadInput(f"{path} cannot be written: it is a folder; name a file in it", field="path")
    if not os.access(path.parent, os.W_OK):
        raise BadInput(f"{path} cannot be written: its folder may not be changed", field="path")
    return path


def write(path: Path, text: str) -> None:
    """Write a text, in a folder that is made for it. BadInput as for its place."""
    try:
        place(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}", field="path") from error
