"""Which heads the reader of a process reads with, and what it learns beside the shipped exemplars."""

import hashlib
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog

from agent.understanding.claim import Act
from agent.understanding.exemplar import Exemplar, load_exemplars
from agent.understanding.promoted import Promoted, name_of
from backhaul.bootstrap import stores
from backhaul.domain.codes import Reason
from backhaul.settings import Settings
from backhaul.store import corrections, reader_heads
from backhaul.store.reader_tables import CorrectionRow, HeadsRow, PromotionRow
from backhaul.store.unit_of_work import Store, UnitOfWork

log = structlog.get_logger("backhaul.reader")
_LOOK_AGAIN_SECONDS = 1.0
_ANEW = "make it anew with `backhaul reader train --again`"
_Seen = tuple[int, tuple[int, int] | None]
"""The entry that holds, with size and time of the heads' file: while both stay, nothing is read again"""


@dataclass(frozen=True, slots=True)
class HeadsAtStart:
    """The heads that a process reads with to its end, whatever is promoted meanwhile; `mark` names them."""

    promoted: Promoted | None
    mark: str

    def __call__(self) -> Promoted | None:
        """What the reader reads with; None is the shipped heads."""
        return self.promoted


def heads_at_start(settings: Settings) -> HeadsAtStart:
    """What is promoted in a home just now; nothing where there is no database yet, or one of another version.

    For an examination and the terminal: one run reads with one set of heads.
    """
    if not settings.database_url and not settings.sqlite_path.exists():
        return HeadsAtStart(None, "")
    store = stores.open_store(settings)
    try:
        from backhaul.store import migrate  # noqa: PLC0415 - loads what the first page must not wait for

        if not migrate.is_current(store.engine):
            return HeadsAtStart(None, "")
        heads = HeadsInUse(settings, store)
        with store.read() as uow:
            mark = heads.mark(uow)
        return HeadsAtStart(heads(), mark)
    finally:
        store.close()


def heads_file(settings: Settings, name: str) -> Path:
    """Where heads of that name are kept."""
    return stores.cache_folder(settings) / "reader" / f"{name}.npz"


def taught(rows: Sequence[CorrectionRow]) -> tuple[Exemplar, ...]:
    """The shipped exemplars, and after them what these corrections teach; nothing is said twice."""
    shipped = load_exemplars()
    learnt = {
        (row.words.lower(), row.reason_right): Exemplar(
            row.words, Act.RETURN_REQUEST, Reason(row.reason_right)
        )
        for row in rows
        if row.words
    }
    known = {(item.text.lower(), item.reason) for item in shipped}
    return (*shipped, *(item for key, item in learnt.items() if key not in known))


class HeadsInUse:
    """The promoted heads, looked up again once a second: a promotion or an erasure needs no restart.

    Without a promotion, and where the promoted heads cannot be used, it is the shipped ones: the file is
    missing or is not what was promoted, other code or other exemplars trained it, or words that it learnt
    from were erased. The log says which; the release that runs is another one then, see `mark`.
    """

    def __init__(
        self, settings: Settings, store: Store, *, look_again_seconds: float = _LOOK_AGAIN_SECONDS
    ) -> None:
        self._settings, self._store, self._pause = settings, store, look_again_seconds
        self._lock = threading.Lock()
        self._looked = float("-inf")
        self._seen: _Seen | None = None
        self._found: Promoted | None = None
        self._sha256 = ""

    def __call__(self) -> Promoted | None:
        """What the reader reads with; None is the shipped heads."""
        with self._lock:
            is_recent = time.monotonic() - self._looked < self._pause
        if not is_recent:
            with self._store.read() as uow:
                self._look(uow)
        return self._found

    def mark(self, uow: UnitOfWork) -> str:
        """What the release of this process says of it: the SHA-256 of the promoted file, or empty."""
        self._look(uow)
        return self._sha256

    def _look(self, uow: UnitOfWork) -> None:
        entry = reader_heads.newest(uow)
        with self._lock:
            self._looked = time.monotonic()
            seen = self._as_seen(entry)
            if seen == self._seen:
                return
            self._seen, self._found, self._sha256 = seen, None, ""
            if entry is None or entry.heads is None:
                return
            row = reader_heads.named(uow, entry.heads)
            content = self._content(row)
            if why := _why_unusable(uow, row, content):
                log.error("promoted heads are not used, the shipped ones read", heads=row.name, why=why)
            elif content is not None:
                self._found, self._sha256 = Promoted(row.name, content), row.sha256

    def _as_seen(self, entry: PromotionRow | None) -> _Seen:
        if entry is None or entry.heads is None:
            return (entry.id if entry else 0, None)
        try:
            found = heads_file(self._settings, entry.heads).stat()
        except OSError:
            return (entry.id, None)
        return (entry.id, (found.st_size, found.st_mtime_ns))

    def _content(self, row: HeadsRow) -> bytes | None:
        try:
            return heads_file(self._settings, row.name).read_bytes()
        except OSError:
            return None


def _why_unusable(uow: UnitOfWork, row: HeadsRow, content: bytes | None) -> str:
    if row.withdrawn_at is not None:
        return "words it learnt from were erased"
    if name_of(taught(corrections.named(uow, row.corrections))) != row.name:
        return "other code or other exemplars trained it; train, compare and promote again"
    if content is None:
        return f"its file is missing; {_ANEW} {row.name}"
    if hashlib.sha256(content).hexdigest() != row.sha256:
        return f"its file is not what was promoted; {_ANEW} {row.name}"
    return ""
