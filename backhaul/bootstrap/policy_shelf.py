"""The policy documents on disk, and the last bundle that could be loaded."""

from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from time import monotonic

import structlog

import policies
from backhaul.domain.errors import PolicyError
from backhaul.settings import Settings
from policies.book import PolicyBook
from policies.source import decoded

SHIPPED = Path(policies.__file__).parent / "documents"
_SETTLE_SECONDS = 1.0

log = structlog.get_logger("backhaul.policies")

_State = tuple[tuple[str, int, int], ...]


def policy_folder(settings: Settings) -> Path:
    """Where the documents in force stand."""
    return settings.policies or SHIPPED


@dataclass(slots=True)
class PolicyShelf:
    """Reads the documents again when one changes; the last good bundle stays when the new one has a fault."""

    folder: Path
    settle_seconds: float = _SETTLE_SECONDS
    """How long files must have been left alone: one that is half written may load, without its last rules"""
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
            state = self._look()
            if state != self._state and self._has_settled(state):
                self._state = state
                self._reload()
            if self._book is None:
                raise PolicyError(self.problem or _nothing_in(self.folder))
            return self._book

    def _look(self) -> _State:
        try:
            found = [(path, path.stat()) for path in sorted(self.folder.glob("*.yaml"))]
        except FileNotFoundError:
            # Gone between the two looks: an editor is just putting another one in its place.
            return self._state
        return tuple((path.name, stat.st_mtime_ns, stat.st_size) for path, stat in found)

    def _has_settled(self, state: _State) -> bool:
        if self._book is None:
            return True
        if state != self._coming:
            self._coming, self._coming_since = state, monotonic()
        return monotonic() - self._coming_since >= self.settle_seconds

    def _reload(self) -> None:
        try:
            self._book = PolicyBook.load(read_documents(self.folder))
        except PolicyError as fault:
            self.problem = str(fault)
            log.warning("policy documents not taken", problem=self.problem)
        else:
            self.problem = None
            log.info("policy documents taken", bundle=self._book.bundle_hash[:12])


def read_documents(folder: Path) -> dict[str, str]:
    """The texts of a policy folder by file name.

    Raises:
        PolicyError: There are none, or one cannot be read; names the file.
    """
    texts = {path.name: _read(path) for path in sorted(folder.glob("*.yaml"))}
    if not texts:
        raise PolicyError(_nothing_in(folder))
    return texts


def _nothing_in(folder: Path) -> str:
    return f"there are no policy documents (*.yaml) in {folder}"


def _read(path: Path) -> str:
    try:
        return decoded(path.name, path.read_bytes())
    except OSError as wrong:
        raise PolicyError(f"cannot be read: {wrong.strerror}", file=path.name) from wrong
