"""Keys that are files of the home: whoever may read them holds the key, and nobody else may read them."""

import os
import secrets
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from pydantic import SecretStr

from backhaul.bootstrap.stores import make_home
from backhaul.domain.errors import NotAllowed
from backhaul.settings import Settings

LINK_KEY_FILE = "supplier-link.key"
_KEY_BYTES = 32
_FOR_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def link_key(settings: Settings) -> SecretStr:
    """The key that links to suppliers are made and checked with; made at the first call.

    Raises:
        NotAllowed: Others may read the file, so it proves nothing.
    """
    path = settings.home / LINK_KEY_FILE
    return ensure_key(
        settings, LINK_KEY_FILE, f"run `chmod 600 {path}`, or remove it: links sent so far end with it"
    )


def ensure_key(settings: Settings, file_name: str, cure: str) -> SecretStr:
    """The key in that file, made at the first call; two processes that make it at once get the same one.

    Raises:
        NotAllowed: Others may read the file; `cure` says what to do.
    """
    path = settings.home / file_name
    if not path.exists():
        make_home(settings)
        _create(path)
    return read_key(path, cure)


def read_key(path: Path, cure: str) -> SecretStr:
    """The key in a file that is its owner's alone; NotAllowed otherwise."""
    if path.stat().st_mode & _FOR_OTHERS:
        raise NotAllowed(f"others may read {path}; {cure}")
    return SecretStr(path.read_text(encoding="ascii").strip())


def _create(path: Path) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(_KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    # A link, unlike a rename, does not replace the key that another process has just made.
    with suppress(FileExistsError):
        os.link(temporary, path)
    Path(temporary).unlink()
