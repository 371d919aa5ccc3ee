"""The tables of the house as anybody reads them who knows SQL, and the sums a bookkeeper takes from them."""

import sqlite3
from collections import Counter
from collections.abc import Container, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from tests.tools.bypass_peers import Place

_PERMITS = "SELECT id, action, command, spent_at FROM permit"
_ENTRIES = """
    SELECT id, order_number, order_line, kind, quantity, amount_minor, currency, permit_id, rma_line_id, cause
    FROM ledger_entry WHERE id > ? ORDER BY id
"""
_LABEL = "SELECT rma_id FROM label WHERE id = ?"
_OUTBOX = "SELECT key, op, permit_id, request FROM integration_command"


class Entry(NamedTuple):
    """A row of the ledger."""

    id: int
    order: str
    line: int
    kind: str
    quantity: int
    amount: int
    currency: str
    permit: str
    rma_line: str | None
    cause: str | None


@dataclass
class Books:
    """The ledger as far as it was looked at."""

    entries: list[Entry] = field(default_factory=list)

    def read(self, path: Path) -> tuple[list[Any], list[Entry], list[Any]]:
        """Permits, new ledger entries, and the outbox."""
        newest = self.entries[-1].id if self.entries else 0
        with closing(sqlite3.connect(path)) as connection:
            permits = connection.execute(_PERMITS).fetchall()
            entries = [Entry(*row) for row in connection.execute(_ENTRIES, (newest,))]
            outbox = connection.execute(_OUTBOX).fetchall()
        return permits, entries, outbox

    def rma_of_label(self, path: Path, label_id: str) -> str:
        """The RMA that a label was bought for; empty when there is no such label."""
        with closing(sqlite3.connect(path)) as connection:
            found = connection.execute(_LABEL, (label_id,)).fetchone()
        return str(found[0]) if found else ""

    def net(self, place: Place, kind: str, permits: Container[str] | None = None) -> int:
        """Pieces of a line, under these permits or under any."""
        here = [one for one in self.entries if (one.order, one.line) == place]
        counted = (one for one in here if permits is None or one.permit in permits)
        return _balance((one.quantity, one.kind) for one in counted)[kind]

    def on_line(self, rma_line: str | None, kind: str) -> int:
        """Pieces entered on one line of an RMA."""
        return sum(one.quantity for one in self.entries if (one.rma_line, one.kind) == (rma_line, kind))

    def still_authorised(self, order: str) -> int:
        """Value in cents."""
        return _balance((one.amount, one.kind) for one in self.entries if one.order == order)["authorised"]

    def moves(self, order: str) -> int:
        """What was done on an order by permits; that goods came is no such thing."""
        return sum(one.order == order and bool(one.permit) for one in self.entries)


def _balance(figures: Iterable[tuple[int, str]]) -> Counter[str]:
    """Sums by kind; what was released is authorised no longer."""
    found: Counter[str] = Counter()
    for figure, kind in figures:
        found["authorised" if kind == "released" else kind] += -figure if kind == "released" else figure
    return found
