"""What the demo distributor bought itself: purchase orders, and the serials and lots that came with them."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from backhaul.connectors.embedded import erp_schema as erp
from backhaul.connectors.embedded.seed_data import ArticleSheet

Row = dict[str, Any]
Rows = defaultdict[sa.Table, list[Row]]
"""The rows of every table."""

_FIRST_PURCHASE_ORDER = 40_001
_DAYS_BETWEEN_PURCHASES = 110
_OF_UNKNOWN_ORIGIN = "X"


class Purchases:
    """Writes purchase orders, serials and lots into the rows of the books, as goods are needed."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._received: dict[tuple[str, date], Row] = {}
        self._serials: Counter[str] = Counter()
        self._lots: set[str] = set()

    def received(self, article: ArticleSheet, needed_on: date, received_on: date | None = None) -> Row:
        """The purchase order that came in on that day, or last before the goods were needed."""
        if received_on is None:
            # Deliveries of one article come at a fixed rhythm, on days of its own.
            rhythm = needed_on.toordinal() - sum(map(ord, article.sku)) % _DAYS_BETWEEN_PURCHASES
            received_on = needed_on - timedelta(days=rhythm % _DAYS_BETWEEN_PURCHASES + 1)
        found = self._received.get((article.sku, received_on))
        if found is None:
            found = {
                "number": f"PO-{_FIRST_PURCHASE_ORDER + len(self._received)}",
                "supplier_id": article.family.supplier,
                "sku": article.sku,
                "quantity": 0,
                "received_on": received_on,
                "unit_cost_minor": article.list_price.share(article.family.cost_basis_points).minor,
            }
            self._received[article.sku, received_on] = found
            self._rows[erp.purchase_order].append(found)
        return found

    def serial(self, article: ArticleSheet, source: Row | None, number: str = "") -> str:
        """A serial from a purchase, or of unknown origin; made up unless it is given."""
        if not number:
            head = f"{erp.reference_key(article.part)[:3]}{_week(source)}"
            self._serials[head] += 1
            number = f"{head}-{self._serials[head]:04d}"
        self._enter(number, article, source)
        return number

    def lot(self, article: ArticleSheet, source: Row | None, number: str = "") -> str:
        """The lot of a purchase, or one of unknown origin, entered once; made up unless it is given."""
        if not number:
            made = f"{source['received_on']:%y%m}-{source['number'][3:]}" if source else _OF_UNKNOWN_ORIGIN
            number = f"L{made}"
        if number not in self._lots:
            self._lots.add(number)
            self._enter(number, article, source)
        return number

    def _enter(self, number: str, article: ArticleSheet, source: Row | None) -> None:
        self._rows[erp.unit].append(
            {
                "number": number,
                "number_key": erp.reference_key(number),
                "sku": article.sku,
                "tracking": article.family.tracking.value,
                "purchase_order": source["number"] if source else None,
            }
        )


def _week(source: Row | None) -> str:
    if source is None:
        return _OF_UNKNOWN_ORIGIN
    received = source["received_on"].isocalendar()
    return f"{received.year % 100:02d}{received.week:02d}"
