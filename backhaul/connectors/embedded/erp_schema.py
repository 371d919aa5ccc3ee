"""Tables of the embedded ERP. Money is minor units in the currency beside it; days are ISO dates.

The columns ending in `_key` hold a reference the way people may type it: see `reference_key`.
"""

import re
from pathlib import Path

import sqlalchemy as sa

from backhaul.connectors.embedded.sqlite import (
    Commands,
    command_table,
    series_table,
    talking_to,
    writing_engine,
)

PEER = "embedded ERP"

METADATA = sa.MetaData()


def _text(name: str, *, key: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String, primary_key=key, nullable=False)


def _whole(name: str, *, key: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, primary_key=key, nullable=False)


def _yes_no(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=False)


account = sa.Table(
    "account",
    METADATA,
    _text("account_id", key=True),
    *map(_text, ("name", "tier", "region", "currency", "street", "city", "state", "postal_code", "country")),
    _yes_no("contract_known"),
    sa.Column("return_window_days", sa.Integer),
    sa.Column("restocking_basis_points", sa.Integer),
    _yes_no("advance_replacement"),
    _yes_no("credit_hold"),
)

contact = sa.Table(
    "contact",
    METADATA,
    _text("contact_id", key=True),
    *map(_text, ("account_id", "name", "email", "phone")),
    sa.Index("contact_by_account", "account_id"),
    sa.Index("contact_by_email", sa.text("lower(email)"), unique=True),
)

supplier = sa.Table(
    "supplier",
    METADATA,
    _text("supplier_id", key=True),
    _text("name"),
    *map(_whole, ("window_days", "restocking_basis_points")),
    *map(_yes_no, ("accepts_defective", "accepts_overstock", "rma_required")),
)

item = sa.Table(
    "item",
    METADATA,
    _text("sku", key=True),
    *map(_text, ("sku_key", "description", "manufacturer", "manufacturer_part", "part_key")),
    *map(_text, ("product_class", "tracking")),
    *map(_yes_no, ("hazmat", "final_sale")),
    *map(_whole, ("warranty_months", "weight_grams", "list_price_minor", "cost_minor")),
    _text("supplier_id"),
    sa.Index("item_by_sku_key", "sku_key"),
    sa.Index("item_by_part_key", "part_key"),
)

facility = sa.Table(
    "facility",
    METADATA,
    _text("facility_id", key=True),
    *map(_text, ("name", "street", "city", "state", "postal_code", "region")),
)

inventory_balance = sa.Table(
    "inventory_balance",
    METADATA,
    *(_text(name, key=True) for name in ("sku", "facility_id", "bin_id")),
    _text("quality_status"),
    *map(_whole, ("quantity", "unit_cost_minor")),
)

purchase_order = sa.Table(
    "purchase_order",
    METADATA,
    _text("number", key=True),
    *map(_text, ("supplier_id", "sku")),
    _whole("quantity"),
    sa.Column("received_on", sa.Date, nullable=False),
    _whole("unit_cost_minor"),
    sa.Index("purchase_order_by_sku", "sku"),
)

exchange_rate = sa.Table(
    "exchange_rate",
    METADATA,
    _text("currency", key=True),
    sa.Column("on", sa.Date, primary_key=True, nullable=False),
    _whole("millionths"),
)

sales_order = sa.Table(
    "sales_order",
    METADATA,
    _text("number", key=True),
    *map(_text, ("number_key", "account_id", "po_number", "po_key")),
    sa.Column("ordered_on", sa.Date, nullable=False),
    _text("currency"),
    sa.Index("sales_order_by_account", "account_id", "ordered_on", "number"),
    sa.Index("sales_order_by_number_key", "number_key"),
    sa.Index("sales_order_by_po_key", "po_key"),
)

order_line = sa.Table(
    "order_line",
    METADATA,
    _text("order_number", key=True),
    _whole("line", key=True),
    *map(_text, ("sku", "description")),
    *map(_whole, ("quantity_ordered", "quantity_shipped", "quantity_returned", "unit_price_minor")),
    sa.Index("order_line_by_sku", "sku", "order_number"),
    # The last fence, whatever the code above it forgets.
    sa.CheckConstraint("quantity_returned between 0 and quantity_shipped", name="not_more_than_shipped"),
)

shipment = sa.Table(
    "shipment",
    METADATA,
    _text("shipment_id", key=True),
    *map(_text, ("order_number", "facility_id")),
    sa.Column("shipped_on", sa.Date, nullable=False),
    sa.Column("delivered_on", sa.Date),
    *map(_text, ("tracking_number", "tracking_key")),
    sa.Index("shipment_by_order", "order_number"),
    sa.Index("shipment_by_tracking_key", "tracking_key"),
)

shipment_line = sa.Table(
    "shipment_line",
    METADATA,
    _text("shipment_id", key=True),
    _whole("order_line", key=True),
    _whole("quantity"),
)

unit = sa.Table(
    "unit",
    METADATA,
    _text("number", key=True),
    *map(_text, ("number_key", "sku", "tracking")),
    sa.Column("purchase_order", sa.String),
    sa.Index("unit_by_number_key", "number_key"),
)

shipped_unit = sa.Table(
    "shipped_unit",
    METADATA,
    *(_text(name, key=True) for name in ("number", "shipment_id")),
    _whole("order_line", key=True),
    _text("order_number"),
    sa.Column("returned_by", sa.String),
    sa.Index("shipped_unit_by_order", "order_number", "order_line"),
)

invoice = sa.Table(
    "invoice",
    METADATA,
    _text("number", key=True),
    *map(_text, ("number_key", "order_number", "currency")),
    sa.Column("issued_on", sa.Date, nullable=False),
    sa.Column("due_on", sa.Date, nullable=False),
    _whole("total_minor"),
    sa.Index("invoice_by_order", "order_number"),
    sa.Index("invoice_by_number_key", "number_key"),
)

invoice_line = sa.Table(
    "invoice_line",
    METADATA,
    _text("invoice_number", key=True),
    _whole("order_line", key=True),
    *map(_whole, ("quantity", "amount_minor")),
)

payment = sa.Table(
    "payment",
    METADATA,
    _text("payment_id", key=True),
    _text("invoice_number"),
    sa.Column("received_on", sa.Date, nullable=False),
    _whole("amount_minor"),
    sa.Index("payment_by_invoice", "invoice_number"),
)

rma = sa.Table(
    "rma",
    METADATA,
    _text("number", key=True),
    _text("reference"),
    *map(_text, ("account_id", "facility_id")),
    sa.Column("return_by", sa.Date, nullable=False),
    sa.Column("booked_on", sa.Date, nullable=False),
    _yes_no("cancelled"),
    sa.UniqueConstraint("reference", name="one_rma_per_reference"),
)

rma_line = sa.Table(
    "rma_line",
    METADATA,
    _text("rma_number", key=True),
    _whole("position", key=True),
    _text("order_number"),
    *map(_whole, ("order_line", "quantity")),
    *map(_text, ("reason", "resolution", "serials")),
    sa.Index("rma_line_by_order", "order_number"),
)

replacement = sa.Table(
    "replacement",
    METADATA,
    _text("order_number", key=True),
    *map(_text, ("reference", "case_id", "for_order")),
    _whole("for_line"),
    _text("sku"),
    _whole("quantity"),
    sa.Column("ships_on", sa.Date, nullable=False),
    sa.Index("replacement_by_line", "for_order", "for_line"),
)

command_key = command_table(METADATA)
series = series_table(METADATA)

COMMANDS = Commands(PEER, command_key)

CREATE_RMA = "create_rma"
"""The operation under which the keys of booked RMAs are kept; reader and writer share it."""


def create_erp(path: Path) -> None:
    """Make the file and its tables; a file that has them is left as it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    engine = writing_engine(path)
    try:
        with talking_to(PEER, engine) as connection:
            METADATA.create_all(connection)
    finally:
        engine.dispose()


def reference_key(reference: str) -> str:
    """A reference as people may type it: case, dashes, spaces and other marks make no difference."""
    return re.sub(r"[^0-9A-Z]", "", reference.upper())


def po_key(reference: str) -> str:
    """The same for a customer's order number, which one writes as `PO 4471` and the other as `4471`."""
    key = reference_key(reference)
    bare = re.sub(r"^PO(?:NO|NUMBER)?(?=.*\d)", "", key)
    return bare or key
