"""Orders of an account that were read before, given again for as long as the ERP's file has not changed."""

import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

from backhaul.connectors.embedded.erp_columns import PEER
from backhaul.connectors.embedded.sqlite import open_to_read
from backhaul.domain.errors import ConnectorUnavailable
from backhaul.domain.orders import Order

_MOST_ACCOUNTS = 64
"""Kept at once, some hundred kilobytes each."""

Orders = tuple[Order, ...]


class OrdersSeen:
    """Never stale: SQLite counts the commits of others, and every commit empties it.

    A customer's orders are looked up in each turn of a conversation, and building some hundred records takes
    longer than everything else a turn looks up.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._probe: sqlite3.Connection | None = None
        self._version = 0
        self._seen: OrderedDict[tuple[object, ...], Orders] = OrderedDict()

    def get(self, asked: tuple[object, ...], read: Callable[[], Orders]) -> Orders:
        """What was read for `asked` before, or now. ConnectorUnavailable when the file does not answer."""
        with self._lock:
            version = self._count_commits()
            if version != self._version:
                self._version = version
                self._seen.clear()
            if asked in self._seen:
                self._seen.move_to_end(asked)
                return self._seen[asked]
        orders = read()
        with self._lock:
            # Somebody may have written while we read: then the next look has to read again.
            if self._version == version == self._count_commits():
                self._seen[asked] = orders
                if len(self._seen) > _MOST_ACCOUNTS:
                    self._seen.popitem(last=False)
        return orders

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._probe is not None:
                self._probe.close()
            self._probe = None

    def _count_commits(self) -> int:
        """Commits of others, as this one connection sees them; it never writes itself."""
        try:
            self._probe = self._probe or open_to_read(self._path)
            (count,) = self._probe.execute("PRAGMA data_version").fetchone()
        except sqlite3.OperationalError as error:
            raise ConnectorUnavailable(PEER, f"its file does not answer ({error})") from error
        return int(count)
