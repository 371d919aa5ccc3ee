"""The policy documents on disk, and the last bundle that could be loaded."""

from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

import structlog

import policies
from backhaul.domain.errors import PolicyError
from policies.book import PolicyBook
from policies.source import decoded

SHIPPED = Path(policies.__file__).parent / "documents"

log = structlog.get_logger("backhaul.policies")


@dataclass(slots=True)
class PolicyShelf:
    """Reads the documents again when one changes; the last good bundle stays when the new one has a fault."""

    folder: Path
    problem: str | None = None
    """Why the newest files were not taken, naming file, line and clause"""
    _book: PolicyBook | None = None
    _state: tuple[tuple[str, int, int], ...] = ()
    _lock: Lock = field(default_factory=Lock)

    def current(self) -> PolicyBook:
        """The bundle in force.

        Raises:
            PolicyError: No good bundle was ever loaded; nothing can be decided.
        """
        with self._lock:
            state = self._look()
            if state != self._state:
                self._state = state
                self._reload()
            if self._book is None:
                raise PolicyError(self.problem or f"no policy documents in {self.folder}")
            return self._book

    def _look(self) -> tuple[tuple[str, int, int], ...]:
        found = ((path, path.stat()) for path in sorted(self.folder.glob("*.yaml")))
        return tuple((path.name, stat.st_mtime_ns, stat.st_size) for path, stat in found)

    def _reload(self) -> None:
        try:
            self._book = PolicyBook.load(read_documents(self.folder))
            self.problem = None
        except PolicyError as fault:
            self.problem = str(fault)
            log.warning("policy documents not taken", problem=self.problem)


def read_documents(folder: Path) -> dict[str, str]:
    """The texts of a policy folder by file name. PolicyError for a file that is not UTF-8."""
    return {path.name: decoded(path.name, path.read_bytes()) for path in sorted(folder.glob("*.yaml"))}
