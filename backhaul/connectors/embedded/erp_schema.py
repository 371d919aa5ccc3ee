"""Tables of the embedded ERP. Money is minor units in the currency beside it; days are ISO dates.

The columns ending in `_key` hold a reference the way people may type it: see `reference_key`.
"""

import re
from pathlib import Path

import sqlalchemy as sa

from backhaul.connectors.embedded import erp_return_schema
from backhaul.connectors.embedded.erp_columns import PEER, day, text, whole, yes_no
from backhaul.connectors.embedded.sqlite import (
    Commands,
    command_table,
    series_table,
    talking_to,
    writing_engine,
)

METADATA = sa.MetaData()

account = sa.Table(
    "account",
    METADATA,
    text("account_id", key=True),
    *map(text, ("name", "tier", "region", "currency", "street", "city", "state", "postal_code", "country")),
    yes_no("contract_known"),
    sa.Column("return_window_days", sa.Integer),
    sa.Column("restocking_basis_points", sa.Integer),
    *map(yes_no, ("advance_replacement", "credit_hold", "tax_exempt")),
    text("credit_by"),
)

contact = sa.Table(
    "contact",
    METADATA,
    text("contact_id", key=True),
    *map(text, ("account_id", "name", "email", "phone")),
    sa.Index("contact_by_account", "account_id"),
    sa.Index("contact_by_email", sa.text("lower(email)"), unique=True),
)

supplier = sa.Table(
    "supplier",
    METADATA,
    text("supplier_id", key=True),
    *map(text, ("name", "email")),
    *map(whole, ("window_days", "restocking_basis_points")),
    *map(whole, ("claim_allowance_minor", "handling_cost_minor")),
    *map(yes_no, ("accepts_defective", "accepts_overstock", "rma_required")),
)

item = sa.Table(
    "item",
    METADATA,
    text("sku", key=True),
    *map(text, ("sku_key", "description", "manufacturer", "manufacturer_part", "part_key")),
    *map(text, ("product_class", "tracking")),
    *map(yes_no, ("hazmat", "final_sale")),
    *map(whole, ("warranty_months", "weight_grams", "list_price_minor", "cost_minor")),
    text("supplier_id"),
    sa.Index("item_by_sku_key", "sku_key"),
    sa.Index("item_by_part_key", "part_key"),
)

facility = sa.Table(
    "facility",
    METADATA,
    text("facility_id", key=True),
    *map(text, ("name", "street", "city", "state", "postal_code", "region")),
    whole("quarantine_pieces"),
)

inventory_balance = sa.Table(
    "inventory_balance",
    METADATA,
    *(text(name, key=True) for name in ("sku", "facility_id", "bin_id")),
    text("quality_status"),
    *map(whole, ("quantity", "unit_cost_minor")),
    # The last fence, whatever the code above it forgets.
    sa.CheckConstraint("quantity >= 0", name="no_less_than_nothing"),
)

purchase_order = sa.Table(
    "purchase_order",
    METADATA,
    text("number", key=True),
    *map(text, ("supplier_id", "sku")),
    whole("quantity"),
    day("received_on"),
    whole("unit_cost_minor"),
    sa.Index("purchase_order_by_sku", "sku"),
)

exchange_rate = sa.Table(
    "exchange_rate",
    METADATA,
    text("currency", key=True),
    sa.Column("on", sa.Date, primary_key=True, nullable=False),
    whole("millionths"),
)

sales_order = sa.Table(
    "sales_order",
    METADATA,
    text("number", key=True),
    *map(text, ("number_key", "account_id", "po_number", "po_key")),
    day("ordered_on"),
    text("currency"),
    sa.Index("sales_order_by_account", "account_id", "ordered_on", "number"),
    sa.Index("sales_order_by_number_key", "number_key"),
    sa.Index("sales_order_by_po_key", "po_key"),
)

order_line = sa.Table(
    "order_line",
    METADATA,
    text("order_number", key=True),
    whole("line", key=True),
    *map(text, ("sku", "description")),
    *map(whole, ("quantity_ordered", "quantity_shipped", "quantity_returned", "unit_price_minor")),
    sa.Index("order_line_by_sku", "sku", "order_number"),
    sa.CheckConstraint("quantity_returned between 0 and quantity_shipped", name="not_more_than_shipped"),
)

shipment = sa.Table(
    "shipment",
    METADATA,
    text("shipment_id", key=True),
    *map(text, ("order_number", "facility_id")),
    day("shipped_on"),
    sa.Column("delivered_on", sa.Date),
    *map(text, ("tracking_number", "tracking_key")),
    sa.Index("shipment_by_order", "order_number"),
    sa.Index("shipment_by_tracking_key", "tracking_key"),
)

shipment_line = sa.Table(
    "shipment_line",
    METADATA,
    text("shipment_id", key=True),
    whole("order_line", key=True),
    whole("quantity"),
)

unit = sa.Table(
    "unit",
    METADATA,
    text("number", key=True),
    *map(text, ("number_key", "sku", "tracking")),
    sa.Column("purchase_order", sa.String),
    sa.Index("unit_by_number_key", "number_key"),
)

shipped_unit = sa.Table(
    "shipped_unit",
    METADATA,
    *(text(name, key=True) for name in ("number", "shipment_id")),
    whole("order_line", key=True),
    text("order_number"),
    sa.Column("returned_by", sa.String),
    sa.Index("shipped_unit_by_order", "order_number", "order_line"),
)

invoice = sa.Table(
    "invoice",
    METADATA,
    text("number", key=True),
    *map(text, ("number_key", "order_number", "currency")),
    day("issued_on"),
    day("due_on"),
    whole("total_minor"),
    sa.Index("invoice_by_order", "order_number"),
    sa.Index("invoice_by_number_key", "number_key"),
)

invoice_line = sa.Table(
    "invoice_line",
    METADATA,
    text("invoice_number", key=True),
    whole("order_line", key=True),
    *map(whole, ("quantity", "amount_minor", "tax_minor")),
)

payment = sa.Table(
    "payment",
    METADATA,
    text("payment_id", key=True),
    text("invoice_number"),
    day("received_on"),
    whole("amount_minor"),
    sa.Index("payment_by_invoice", "invoice_number"),
)

rma = sa.Table(
    "rma",
    METADATA,
    text("number", key=True),
    text("reference"),
    *map(text, ("account_id", "facility_id")),
    day("return_by"),
    day("booked_on"),
    yes_no("cancelled"),
    sa.UniqueConstraint("reference", name="one_rma_per_reference"),
)

rma_line = sa.Table(
    "rma_line",
    METADATA,
    text("rma_number", key=True),
    whole("position", key=True),
    text("order_number"),
    *map(whole, ("order_line", "quantity")),
    *map(text, ("reason", "resolution", "serials")),
    sa.Index("rma_line_by_order", "order_number"),
)

replacement = sa.Table(
    "replacement",
    METADATA,
    text("order_number", key=True),
    *map(text, ("reference", "case_id", "for_order")),
    whole("for_line"),
    text("sku"),
    whole("quantity"),
    day("ships_on"),
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
            erp_return_schema.METADATA.create_all(connection)
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
