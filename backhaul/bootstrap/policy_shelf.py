"""The policy documents on disk, and the last bundle that could be loaded."""

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from textwrap import shorten
from threading import Lock
from time import monotonic, time_ns

import structlog

import policies
from backhaul.bootstrap.policy_copy import PolicyCopy
from backhaul.domain.errors import PolicyError
from backhaul.settings import Settings
from policies.book import PolicyBook
from policies.limits import check_count, check_size
from policies.source import decoded

SHIPPED = Path(policies.__file__).parent / "documents"
_SETTLE_SECONDS = 1.0
_MOST_SHOWN = 600
"""Characters of a problem; a document may hold a word of any length"""

log = structlog.get_logger("backhaul.policies")

_State = tuple[tuple[str, int, int, int], ...]
"""Of each document: its name, when it was written, when it or the right to read it changed, and its size"""


def policy_folder(settings: Settings) -> Path:
    """Where the documents in force stand."""
    return settings.policies or SHIPPED


def policy_copy(settings: Settings) -> PolicyCopy:
    """Where the worker keeps the last good documents."""
    return PolicyCopy(settings.home / "worker")


def source_of(folder: Path) -> str:
    """How a folder of documents is remembered; those that come with Backhaul move with it."""
    return "" if folder == SHIPPED else str(folder.resolve())


def source_words(source: str) -> str:
    """A folder of documents in a sentence."""
    return f"the policies in {source}" if source else "the policies that come with Backhaul"


@dataclass(slots=True)
class PolicyShelf:
    """Reads the documents again when one changes; the last good bundle stays when the new one has a fault."""

    folder: Path
    settle_seconds: float = _SETTLE_SECONDS
    """How long files must have been left alone: one that is half written may load, without its last rules"""
    copy: PolicyCopy | None = None
    """Where the last good set is kept across a restart; only the worker has one"""
    problem: str | None = None
    """Why the newest files were not taken, naming file, line and clause"""
    _book: PolicyBook | None = None
    _state: _State = ()
    _coming: _State = ()
    _coming_since: float = 0.0
    _lock: Lock = field(default_factory=Lock)

    def current(self) -> PolicyBook:
        """The bundle in force.

        Raises:
            PolicyError: No good bundle was ever loaded; nothing can be decided.
        """
        with self._lock:
            try:
                self._look_again()
            except PolicyError as fault:
                self._refuse(str(fault))
            except Exception as unforeseen:  # noqa: BLE001 - no document may end the process that reads it
                self._refuse(f"the documents cannot be read ({type(unforeseen).__name__}: {unforeseen})")
            if self._book is None:
                self._book = self._kept_book()
            return self._book

    def _look_again(self) -> None:
        state = self._look()
        if state == self._state or not self._has_settled(state):
            return
        self._state = state
        read = _book_of(tuple(read_documents(self.folder).items()))
        if self._book is not None:
            log.info("policy documents taken", bundle=read.bundle_hash[:12])
        self._book, self.problem = read, None
        if self.copy is not None:
            self._keep(read, self.copy)

    def _keep(self, book: PolicyBook, copy: PolicyCopy) -> None:
        """A full disk is no reason to stop deciding; a start on broken documents would then find no copy."""
        try:
            copy.keep(book, source=source_of(self.folder))
        except OSError as wrong:
            log.warning("the last good documents could not be kept", problem=str(wrong))

    def _kept_book(self) -> PolicyBook:
        """What was last good before a restart."""
        problem = self.problem or _nothing_in(self.folder)
        if self.copy is None:
            raise PolicyError(problem)
        try:
            kept = self.copy.read()
        except PolicyError as wrong:
            raise PolicyError(f"{problem}; and {wrong}") from wrong
        log.warning("deciding by the copy of the last good documents", bundle=kept.bundle_hash[:12])
        return kept

    def _look(self) -> _State:
        try:
            return tuple(map(_mark, _documents(self.folder)))
        except (PolicyError, ValueError) as wrong:
            return ((str(wrong), 0, 0, 0),)  # reading the folder will say the same

    def _has_settled(self, state: _State) -> bool:
        if self._book is None or _lie_still(self.folder, state, self.settle_seconds):
            return True
        if state != self._coming:
            self._coming, self._coming_since = state, monotonic()
        return monotonic() - self._coming_since >= self.settle_seconds

    def _refuse(self, problem: str) -> None:
        shown = shorten(problem, _MOST_SHOWN, placeholder=" ...")
        # What a document says may be no text that a database takes.
        told = "".join(sign if sign.isprintable() else "?" for sign in shown)
        if told != self.problem:
            log.warning("policy documents not taken", problem=told)
        self.problem = told


def read_documents(folder: Path) -> dict[str, str]:
    """The texts of a policy folder by file name.

    Raises:
        PolicyError: There are none, or one cannot be read or is not UTF-8; names the file.
    """
    found = _documents(folder)
    if not found:
        raise PolicyError(_nothing_in(folder))
    check_count([path.name for path in found])
    return {path.name: decoded(path.name, _bytes_of(path)) for path in found}


def _documents(folder: Path) -> list[Path]:
    """The documents by name. A name that begins with a dot is an editor's or a system's, not an owner's."""
    try:
        found = [path for path in folder.iterdir() if path.name.endswith(".yaml")]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as wrong:
        raise PolicyError(f"{folder} cannot be read: {wrong.strerror}") from wrong
    return sorted(path for path in found if not path.name.startswith("."))


def _lie_still(folder: Path, state: _State, seconds: float) -> bool:
    """Whether nothing was written, put here or taken away for so long, by the clock of the files."""
    try:
        touched = [folder.stat().st_ctime_ns, *(changed for _, _, changed, _ in state)]
    except (OSError, ValueError):
        return False
    return max(touched) + seconds * 1e9 <= time_ns()


def _mark(path: Path) -> tuple[str, int, int, int]:
    try:
        seen = path.stat()
    except OSError:
        # A link to nothing, which reading will tell; or gone since the folder was looked at.
        return (path.name, 0, 0, 0)
    return (path.name, seen.st_mtime_ns, seen.st_ctime_ns, seen.st_size)


def _nothing_in(folder: Path) -> str:
    return f"there are no policy documents (*.yaml) in {folder}"


def _bytes_of(path: Path) -> bytes:
    if not path.name.isprintable():
        raise PolicyError(f"the file name {path.name!a} holds a character that cannot be shown; rename it")
    try:
        if path.is_symlink() and not path.exists():
            raise PolicyError(
                "is a link to a file that is not there; mend it or take it away", file=path.name
            )
        if not path.is_file():
            raise PolicyError("is no file; move it to another place or give it another name", file=path.name)
        check_size(path.name, path.stat().st_size)
        return path.read_bytes()
    except OSError as wrong:
        raise PolicyError(f"cannot be read: {wrong.strerror}", file=path.name) from wrong


@lru_cache(maxsize=4)
def _book_of(documents: tuple[tuple[str, str], ...]) -> PolicyBook:
    """A process that opens many homes, as an evaluation does, reads the same documents once."""
    return PolicyBook.load(dict(documents))
