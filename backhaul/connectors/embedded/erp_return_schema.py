"""Tables of the embedded ERP for goods that come back and what is paid for them.

Money is minor units; it is the ledger currency where no currency stands beside it.
"""

import sqlalchemy as sa

from backhaul.connectors.embedded.erp_columns import day, text, whole

METADATA = sa.MetaData()

goods_receipt = sa.Table(
    "goods_receipt",
    METADATA,
    text("number", key=True),
    *map(text, ("reference", "rma_number", "facility_id", "sku")),
    whole("quantity"),
    day("received_on"),
    sa.UniqueConstraint("reference", name="one_receipt_per_reference"),
    sa.Index("goods_receipt_by_rma", "rma_number"),
)

stock_entry = sa.Table(
    "stock_entry",
    METADATA,
    whole("place_in_order", key=True),
    *map(text, ("document", "reference", "facility_id", "sku")),
    whole("quantity"),
    sa.Column("source", sa.String),
    sa.Column("target", sa.String),
    text("why"),
    *map(whole, ("unit_value_minor", "write_down_minor")),
    day("posted_on"),
    sa.Index("stock_entry_by_sku", "sku", "place_in_order"),
)

stock_entry_unit = sa.Table(
    "stock_entry_unit",
    METADATA,
    whole("place_in_order", key=True),
    text("number", key=True),
    text("tracking"),
    sa.Index("stock_entry_by_unit", "number"),
)

unit_place = sa.Table(
    "unit_place",
    METADATA,
    text("number", key=True),
    *map(text, ("sku", "facility_id", "quality_status")),
    sa.Index("unit_place_by_stock", "sku", "facility_id", "quality_status"),
)

credit_memo = sa.Table(
    "credit_memo",
    METADATA,
    text("number", key=True),
    *map(text, ("reference", "account_id", "case_id", "order_number")),
    *map(whole, ("order_line", "quantity", "goods_minor", "tax_minor")),
    *map(whole, ("restocking_fee_minor", "return_freight_minor", "amount_minor")),
    *map(text, ("currency", "reason")),
    day("posted_on"),
    sa.UniqueConstraint("reference", name="one_credit_per_reference"),
    sa.Index("credit_memo_by_order", "order_number", "order_line"),
)

credit_share = sa.Table(
    "credit_share",
    METADATA,
    text("credit_number", key=True),
    whole("position", key=True),
    *map(text, ("goes_to", "reference")),
    whole("amount_minor"),
    sa.Index("credit_share_by_reference", "reference", "goes_to"),
)

deduction = sa.Table(
    "deduction",
    METADATA,
    text("deduction_id", key=True),
    *map(text, ("account_id", "invoice_number", "currency", "reason")),
    whole("amount_minor"),
    day("taken_on"),
    sa.Index("deduction_by_account", "account_id"),
    sa.Index("deduction_by_invoice", "invoice_number"),
)

repair_order = sa.Table(
    "repair_order",
    METADATA,
    text("number", key=True),
    *map(text, ("reference", "account_id", "case_id", "for_order")),
    whole("for_line"),
    text("sku"),
    whole("quantity"),
    text("serials"),
    day("promised_on"),
    sa.UniqueConstraint("reference", name="one_repair_per_reference"),
    sa.Index("repair_order_by_line", "for_order", "for_line"),
)

vendor_credit = sa.Table(
    "vendor_credit",
    METADATA,
    text("number", key=True),
    *map(text, ("reference", "supplier_id", "purchase_order", "sku")),
    *map(whole, ("quantity", "amount_minor")),
    day("posted_on"),
    sa.UniqueConstraint("reference", name="one_vendor_credit_per_reference"),
    sa.Index("vendor_credit_by_purchase", "purchase_order"),
)
