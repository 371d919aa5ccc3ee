"""Goods to send back: for every case an order of its own, copied from a staged one in the embedded ERP."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backhaul.connectors.embedded.staged import StagedOrder, staged_order

_CASES_AN_ACCOUNT = 10
"""More cases in one month would look like fraud, and people would look at them"""
_Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Goods:
    """What one case sends back. Money is in cents, for one piece."""

    order_number: str
    account_id: str
    contact_id: str
    sku: str
    serials: tuple[str, ...]
    price_minor: int
    tax_minor: int


def enter_orders(erp_path: Path, wanted: Mapping[int, str]) -> dict[int, Goods]:
    """Copy a staged order for every case, by its number; the accounts are copied with them.

    The tax of an invoice becomes a multiple of its pieces, so that what is owed can be told without rounding.
    """
    with closing(sqlite3.connect(erp_path)) as erp, erp:
        erp.row_factory = sqlite3.Row
        return {number: _enter(erp, number, staged_order(key)) for number, key in wanted.items()}


def _enter(erp: sqlite3.Connection, number: int, of: StagedOrder) -> Goods:
    group = f"K{number // _CASES_AN_ACCOUNT}"
    account, contact = f"{of.account_id}{group}", f"{of.contact_id}{group}"
    order, invoice, shipment = f"SO-9{number:06}", f"INV-9{number:06}", f"SH-9{number:06}"
    _copy(erp, "account", {"account_id": of.account_id}, {"account_id": account})
    mail = f"{contact.lower()}@chaos.example"
    _copy(
        erp,
        "contact",
        {"contact_id": of.contact_id},
        {"contact_id": contact, "account_id": account, "email": mail},
    )
    key = {"number": order, "number_key": order.replace("-", ""), "account_id": account}
    _copy(erp, "sales_order", {"number": of.order_number}, key)
    line = _copy(erp, "order_line", {"order_number": of.order_number, "line": 1}, {"order_number": order})
    tax = _enter_bill(erp, of.order_number, order, invoice)
    serials = tuple(f"{one}-{number}" for one in of.serials)
    _enter_shipment(erp, of, order, shipment, serials)
    return Goods(order, account, contact, of.sku, serials, line["unit_price_minor"], tax)


def _enter_bill(erp: sqlite3.Connection, of_order: str, order: str, invoice: str) -> int:
    """Enter the invoice, unpaid; the tax on one piece."""
    before = erp.execute("SELECT * FROM invoice WHERE order_number = ?", (of_order,)).fetchone()
    line = erp.execute("SELECT * FROM invoice_line WHERE invoice_number = ?", (before["number"],)).fetchone()
    tax = int(line["tax_minor"] // line["quantity"])
    whole = tax * line["quantity"]
    head = {
        "number": invoice,
        "number_key": invoice.replace("-", ""),
        "order_number": order,
        "total_minor": line["amount_minor"] + whole,
    }
    _copy(erp, "invoice", {"number": before["number"]}, head)
    _copy(
        erp,
        "invoice_line",
        {"invoice_number": before["number"], "order_line": 1},
        {"invoice_number": invoice, "tax_minor": whole},
    )
    return tax


def _enter_shipment(
    erp: sqlite3.Connection, of: StagedOrder, order: str, shipment: str, serials: tuple[str, ...]
) -> None:
    before = erp.execute("SELECT * FROM shipment WHERE order_number = ?", (of.order_number,)).fetchone()
    track = {"tracking_number": f"CH{shipment}", "tracking_key": f"CH{shipment}".replace("-", "")}
    _copy(
        erp,
        "shipment",
        {"shipment_id": before["shipment_id"]},
        {"shipment_id": shipment, "order_number": order, **track},
    )
    _copy(
        erp,
        "shipment_line",
        {"shipment_id": before["shipment_id"], "order_line": 1},
        {"shipment_id": shipment},
    )
    for old, new in zip(of.serials, serials, strict=True):
        _copy(erp, "unit", {"number": old}, {"number": new, "number_key": new.replace("-", "")})
        gone = {"number": new, "shipment_id": shipment, "order_number": order}
        _copy(erp, "shipped_unit", {"number": old, "order_line": 1}, gone)


def _copy(erp: sqlite3.Connection, table: str, where: _Row, changed: _Row) -> _Row:
    """Copy one row with changes, unless a row with that key is there."""
    condition = " AND ".join(f"{name} = :{name}" for name in where)
    found = erp.execute(f"SELECT * FROM {table} WHERE {condition}", where).fetchone()  # noqa: S608 - our own names
    row = {**dict(found), **changed}
    places = ", ".join(f":{name}" for name in row)
    erp.execute(f"INSERT OR IGNORE INTO {table} ({', '.join(row)}) VALUES ({places})", row)  # noqa: S608 - see above
    return row
