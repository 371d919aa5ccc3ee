"""An ERP with the demo distributor's master data, in which nothing was sold but the orders that are told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

from backhaul.connectors.embedded import erp_schema as erp
from backhaul.connectors.embedded.seed import enter_master_data, enter_stock, write
from backhaul.connectors.embedded.seed_books import Books
from backhaul.connectors.embedded.seed_data import StoryOrderSheet
from backhaul.connectors.embedded.seed_rates import daily_rates
from backhaul.connectors.embedded.seed_trade import Trade
from backhaul.domain.codes import QualityStatus
from backhaul.domain.errors import BadInput

_LAST_ORDER = 80_000
"""Replacements are numbered from here on; told orders lie below"""


@dataclass(frozen=True, slots=True)
class Otherwise:
    """What differs from the demo's master data: columns by account, names and pieces on the shelf by SKU."""

    accounts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    descriptions: Mapping[str, str] = field(default_factory=dict)
    stock: Mapping[str, int] = field(default_factory=dict)


def found_for(
    path: Path, today: date, orders: Sequence[StoryOrderSheet], otherwise: Otherwise, seed: int = 7
) -> None:
    """Make the ERP's file and enter the orders, their days counted back from `today`.

    The same arguments give the same books.

    Raises:
        BadInput: An order or a change names an account or an article that the distributor does not have.
    """
    books, random = Books(), Random(seed)
    enter_master_data(books)
    enter_stock(books, today, random, times=1)
    Trade(books, today, random).tell(orders, last_order=_LAST_ORDER)
    _change(books, otherwise)
    books.rows[erp.exchange_rate] = list(daily_rates(today, seed))
    write(path, books)


def _change(books: Books, otherwise: Otherwise) -> None:
    accounts = {row["account_id"]: row for row in books.rows[erp.account]}
    for account_id, columns in otherwise.accounts.items():
        _known(accounts, account_id, "account").update(columns)
    items = {row["sku"]: row for row in books.rows[erp.item]}
    for sku, description in otherwise.descriptions.items():
        _known(items, sku, "article")["description"] = description
        for line in books.rows[erp.order_line]:
            if line["sku"] == sku:
                line["description"] = description
    for sku, pieces in otherwise.stock.items():
        _known(items, sku, "article")
        for balance in books.rows[erp.inventory_balance]:
            if balance["sku"] == sku and balance["quality_status"] == QualityStatus.AVAILABLE.value:
                balance["quantity"] = pieces


def _known(rows: Mapping[str, dict[str, Any]], key: str, what: str) -> dict[str, Any]:
    if key not in rows:
        raise BadInput(f"the distributor has no {what} {key}", field=what)
    return rows[key]
