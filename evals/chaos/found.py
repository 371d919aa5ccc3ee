"""What stands in the books of the peers, read from their own tables and not from ours."""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

from backhaul.connectors.embedded.sqlite import open_to_read
from backhaul.settings import Settings
from evals.chaos.kinds import Effects


def effects_found(settings: Settings, order_number: str, dispositions: Sequence[str]) -> Effects:
    """Every effect for one case. Its order is no other's; moves of stock are found by disposition."""
    with closing(open_to_read(settings.erp_path)) as erp:
        rmas = _rows(
            erp,
            "SELECT DISTINCT r.number, r.cancelled FROM rma r JOIN rma_line l ON l.rma_number = r.number"
            " WHERE l.order_number = ?",
            order_number,
        )
        numbers = [str(number) for number, _ in rmas]
        found = Counter({"RMA": len(rmas), "cancelled RMA": sum(bool(one) for _, one in rmas)})
        for number in numbers:
            found += _sums(erp, "goods_receipt", "rma_number", number, "receipt", "received pieces")
        for disposition in dispositions:
            found += _sums(erp, "stock_entry", "reference", disposition, "stock move", "moved pieces")
        found += _sums(erp, "credit_memo", "order_number", order_number, "credit memo", "credited pieces")
        found += _sums(erp, "replacement", "for_order", order_number, "replacement", "replaced pieces")
        found += _sums(erp, "repair_order", "for_order", order_number, "repair order", "repaired pieces")
        cents = "SELECT coalesce(sum(amount_minor), 0) FROM credit_memo WHERE order_number = ?"
        found += Counter({"credited cents": int(erp.execute(cents, (order_number,)).fetchone()[0])})
    return found + Counter({"live label": sum(_live_labels(settings, numbers))})


def _sums(
    erp: sqlite3.Connection, table: str, column: str, value: str, documents: str, pieces: str
) -> Effects:
    query = f"SELECT count(*), coalesce(sum(quantity), 0) FROM {table} WHERE {column} = ?"  # noqa: S608 - our own names
    count, total = erp.execute(query, (value,)).fetchone()
    return Counter({documents: int(count), pieces: int(total)})


def _live_labels(settings: Settings, references: Sequence[str]) -> Iterable[int]:
    for path in (settings.carrier_path, settings.second_carrier_path, settings.drop_off_path):
        yield from (_live(path, reference) for reference in references)


def _live(path: Path, reference: str) -> int:
    with closing(open_to_read(path)) as carrier:
        query = "SELECT count(*) FROM label WHERE reference = ? AND NOT voided"
        return int(carrier.execute(query, (reference,)).fetchone()[0])


def _rows(erp: sqlite3.Connection, query: str, value: str) -> list[tuple[str, int]]:
    return list(erp.execute(query, (value,)).fetchall())
