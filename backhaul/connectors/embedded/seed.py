"""Founding the demo distributor, Halden Industrial Supply: a whole ERP, dated from the day of founding."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

import sqlalchemy as sa

from backhaul.connectors.embedded import erp_return_schema
from backhaul.connectors.embedded import erp_schema as erp
from backhaul.connectors.embedded.erp_bins import AISLES
from backhaul.connectors.embedded.erp_columns import PEER
from backhaul.connectors.embedded.seed_books import Books
from backhaul.connectors.embedded.seed_data import (
    AccountSheet,
    ArticleSheet,
    SupplierSheet,
    accounts,
    articles,
    catalogue,
    facilities,
)
from backhaul.connectors.embedded.seed_purchases import Row
from backhaul.connectors.embedded.seed_rates import daily_rates
from backhaul.connectors.embedded.seed_trade import Span, Trade
from backhaul.connectors.embedded.sqlite import talking_to, writing_engine
from backhaul.domain.codes import QualityStatus
from backhaul.domain.errors import BadInput
from backhaul.domain.money import Money
from backhaul.domain.trade import Tracking

DISTRIBUTOR = "Halden Industrial Supply"

_STOCKED = {
    QualityStatus.AVAILABLE: (1.0, 12, 60),
    QualityStatus.QUARANTINE: (0.10, 1, 4),
    QualityStatus.B_STOCK: (0.08, 1, 3),
    QualityStatus.VENDOR_STAGING: (0.05, 1, 5),
}
"""By quality status: how often an article lies there, the fewest and the most pieces."""


@dataclass(frozen=True, slots=True)
class Founded:
    """How much was entered into the new ERP."""

    accounts: int
    items: int
    orders: int
    order_lines: int
    returns: int


def seed_erp(path: Path, today: date, seed: int = 7, span: Span | None = None) -> Founded:
    """Make the ERP's file and fill it with trade up to that day: two years, unless a span says otherwise.

    The same arguments give the same books. BadInput when the file holds an ERP with accounts already.
    """
    books = Books()
    random = Random(seed)
    enter_master_data(books)
    span = span or Span()
    Trade(books, today, random, span).write()
    enter_stock(books, today, random, span.stock)
    books.rows[erp.exchange_rate] = list(daily_rates(today, seed))
    write(path, books)
    return Founded(
        accounts=len(books.rows[erp.account]),
        items=len(books.rows[erp.item]),
        orders=len(books.rows[erp.sales_order]),
        order_lines=len(books.rows[erp.order_line]),
        returns=len(books.rows[erp.rma]),
    )


def write(path: Path, books: Books) -> None:
    """Put finished books into a file that holds none yet; BadInput otherwise."""
    erp.create_erp(path)
    engine = writing_engine(path)
    try:
        with talking_to(PEER, engine) as connection:
            if connection.scalar(sa.select(sa.func.count()).select_from(erp.account)):
                raise BadInput(f"{path.name} holds an ERP already; seed a new file", field="path")
            for table, rows in books.rows.items():
                connection.execute(sa.insert(table), rows)
            # Without figures on its tables the planner guesses, and guesses wrong on the larger ones.
            connection.exec_driver_sql("ANALYZE")
    finally:
        engine.dispose()


def enter_master_data(books: Books) -> None:
    """Suppliers, buildings, articles, accounts and their people."""
    books.rows[erp.supplier] = [_supplier(sheet) for sheet in catalogue().suppliers]
    books.rows[erp.facility] = [sheet.model_dump(exclude={"serves"}, mode="json") for sheet in facilities()]
    books.rows[erp.item] = [_item(article) for article in articles()]
    books.rows[erp.account] = [_account(sheet) for sheet in accounts()]
    books.rows[erp.contact] = [contact for sheet in accounts() for contact in _contacts(sheet)]


def _supplier(sheet: SupplierSheet) -> Row:
    return {
        "supplier_id": sheet.id,
        **sheet.model_dump(exclude={"id", "claim_allowance", "handling_cost"}),
        "claim_allowance_minor": Money.of(sheet.claim_allowance).minor,
        "handling_cost_minor": Money.of(sheet.handling_cost).minor,
    }


def _item(article: ArticleSheet) -> Row:
    family = article.family
    return {
        "sku": article.sku,
        "sku_key": erp.reference_key(article.sku),
        "description": article.description,
        "manufacturer": family.maker,
        "manufacturer_part": article.part,
        "part_key": erp.reference_key(article.part),
        "product_class": family.product_class.value,
        "tracking": family.tracking.value,
        "hazmat": family.hazmat,
        "final_sale": family.final_sale,
        "warranty_months": family.warranty_months,
        "weight_grams": article.grams,
        "list_price_minor": article.list_price.minor,
        "cost_minor": article.list_price.share(family.cost_basis_points).minor,
        "supplier_id": family.supplier,
    }


def _account(sheet: AccountSheet) -> Row:
    return {
        "account_id": sheet.account_id,
        "name": sheet.name,
        "tier": sheet.tier.value,
        "region": sheet.region.value,
        "currency": sheet.currency,
        "street": sheet.street,
        "city": sheet.city,
        "state": sheet.state,
        "postal_code": sheet.postal_code,
        "country": "US",
        "contract_known": sheet.contract == "known",
        "return_window_days": sheet.window_days,
        "restocking_basis_points": sheet.restocking_basis_points,
        "advance_replacement": sheet.advance_replacement,
        "credit_hold": sheet.credit_hold,
        "tax_exempt": sheet.tax_exempt,
        "credit_by": sheet.credit_by.value,
    }


def _contacts(sheet: AccountSheet) -> list[Row]:
    serial = sheet.account_id.removeprefix("A-")
    return [
        {
            "contact_id": f"C-{serial}-{position}",
            "account_id": sheet.account_id,
            "name": name,
            "email": f"{name.lower().replace(' ', '.')}@{sheet.domain}.example",
            # 555-0100 to 555-0199 are kept free for fiction.
            "phone": f"+1 {200 + int(serial) % 700}-555-01{10 * position + int(serial) % 10:02d}",
        }
        for position, name in enumerate(sheet.contacts.split("|"), start=1)
    ]


def enter_stock(books: Books, today: date, random: Random, times: int) -> None:
    """What lies on the shelves, so many times as much as usual."""
    for article in articles():
        cost = article.list_price.share(article.family.cost_basis_points).minor
        for facility in facilities():
            for status, (likelihood, fewest, most) in _STOCKED.items():
                if random.random() >= likelihood:
                    continue
                row = {
                    "sku": article.sku,
                    "facility_id": facility.facility_id,
                    "bin_id": f"{AISLES[status]}-{random.randint(1, 24):02d}-{random.randint(1, 6)}",
                    "quality_status": status.value,
                    "quantity": random.randint(fewest, most) * times,
                    "unit_cost_minor": cost,
                }
                books.rows[erp.inventory_balance].append(row)
        if article.family.tracking == Tracking.SERIAL:
            for facility in facilities():
                serial = books.stock_serial(article, today - timedelta(days=1))
                books.rows[erp_return_schema.unit_place].append(
                    {
                        "number": serial,
                        "sku": article.sku,
                        "facility_id": facility.facility_id,
                        "quality_status": QualityStatus.AVAILABLE.value,
                    }
                )
