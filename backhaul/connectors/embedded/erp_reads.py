"""Reading the embedded ERP. The file is opened read-only: this process could not write if it tried."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backhaul.connectors.embedded import erp_rows
from backhaul.connectors.embedded.erp_columns import PEER
from backhaul.connectors.embedded.erp_invoices import invoices_where, unmatched_deductions
from backhaul.connectors.embedded.erp_queries import (
    matching,
    orders_among,
    rma_of_key,
    rmas_where,
    shipments_on,
    unit_numbered,
)
from backhaul.connectors.embedded.erp_return_queries import memos_where, moves_of
from backhaul.connectors.embedded.erp_return_schema import credit_memo
from backhaul.connectors.embedded.erp_schema import (
    COMMANDS,
    CREATE_RMA,
    account,
    command_key,
    contact,
    exchange_rate,
    facility,
    inventory_balance,
    invoice,
    item,
    purchase_order,
    rma,
    rma_line,
    sales_order,
    supplier,
)
from backhaul.connectors.embedded.orders_seen import OrdersSeen
from backhaul.connectors.embedded.sqlite import reading_engine, talking_to
from backhaul.connectors.ports import Booked, BookedRma, StockMove
from backhaul.domain.money import ExchangeRate
from backhaul.domain.orders import Invoice, Order, OrderLine, PurchaseOrder, Shipment, UnitIdentity
from backhaul.domain.settlement import CreditMemo, Deduction
from backhaul.domain.trade import Account, Contact, Facility, InventoryBalance, Item, Supplier


class EmbeddedErpReads:
    """`ErpReads` on the embedded ERP's file; one object may serve many threads."""

    def __init__(self, path: Path) -> None:
        self._engine = reading_engine(path)
        self._seen = OrdersSeen(path)

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()
        self._seen.close()

    def account(self, account_id: str) -> Account | None:
        row = self._first(sa.select(account).where(account.c.account_id == account_id))
        return erp_rows.account_of(row) if row else None

    def accounts(self) -> Sequence[Account]:
        return tuple(map(erp_rows.account_of, self._all(sa.select(account).order_by(account.c.account_id))))

    def contacts(self, account_id: str) -> Sequence[Contact]:
        query = sa.select(contact).where(contact.c.account_id == account_id).order_by(contact.c.contact_id)
        return tuple(map(erp_rows.contact_of, self._all(query)))

    def contact_by_email(self, email: str) -> Contact | None:
        row = self._first(sa.select(contact).where(sa.func.lower(contact.c.email) == email.strip().lower()))
        return erp_rows.contact_of(row) if row else None

    def order(self, number: str) -> Order | None:
        with self._talking() as connection:
            orders = orders_among(
                connection, sa.select(sales_order.c.number).where(sales_order.c.number == number)
            )
        return orders[0] if orders else None

    def orders_of(self, account_id: str, *, since: date | None = None, limit: int = 200) -> Sequence[Order]:
        return self._seen.get((account_id, since, limit), lambda: self._orders_of(account_id, since, limit))

    def _orders_of(self, account_id: str, since: date | None, limit: int) -> tuple[Order, ...]:
        own = sales_order.c
        numbers = sa.select(own.number).where(own.account_id == account_id)
        if since is not None:
            numbers = numbers.where(own.ordered_on >= since)
        newest = numbers.order_by(own.ordered_on.desc(), own.number.desc()).limit(limit)
        with self._talking() as connection:
            return orders_among(connection, newest)

    def find_orders(self, account_id: str, reference: str) -> Sequence[Order]:
        numbers = matching(account_id, reference)
        if numbers is None:
            return ()
        with self._talking() as connection:
            return orders_among(connection, numbers)

    def order_line(self, number: str, line: int) -> OrderLine | None:
        order = self.order(number)
        return order.line(line) if order else None

    def shipments(self, order_number: str) -> Sequence[Shipment]:
        with self._talking() as connection:
            return shipments_on(connection, order_number)

    def invoices(self, order_number: str) -> Sequence[Invoice]:
        with self._talking() as connection:
            return invoices_where(connection, invoice.c.order_number == order_number)

    def item(self, sku: str) -> Item | None:
        row = self._first(sa.select(item).where(item.c.sku == sku))
        return erp_rows.item_of(row) if row else None

    def unit(self, number: str) -> UnitIdentity | None:
        with self._talking() as connection:
            return unit_numbered(connection, number)

    def purchase_order(self, number: str) -> PurchaseOrder | None:
        row = self._first(sa.select(purchase_order).where(purchase_order.c.number == number))
        return erp_rows.purchase_order_of(row) if row else None

    def exchange_rate(self, currency: str, on: date) -> ExchangeRate | None:
        rate = exchange_rate.c
        known = sa.select(exchange_rate).where(rate.currency == currency, rate.on <= on)
        row = self._first(known.order_by(rate.on.desc()).limit(1))
        return ExchangeRate(row.currency, row.on, row.millionths) if row else None

    def supplier(self, supplier_id: str) -> Supplier | None:
        row = self._first(sa.select(supplier).where(supplier.c.supplier_id == supplier_id))
        return erp_rows.supplier_of(row) if row else None

    def facilities(self) -> Sequence[Facility]:
        query = sa.select(facility).order_by(facility.c.facility_id)
        return tuple(map(erp_rows.facility_of, self._all(query)))

    def inventory(self, sku: str) -> Sequence[InventoryBalance]:
        balance = inventory_balance.c
        query = (
            sa.select(inventory_balance)
            .where(balance.sku == sku)
            .order_by(balance.facility_id, balance.quality_status, balance.bin_id)
        )
        return tuple(map(erp_rows.balance_of, self._all(query)))

    def rma_by_key(self, key: str) -> BookedRma | None:
        with self._talking() as connection:
            return rma_of_key(connection, COMMANDS, CREATE_RMA, key)

    def credit_memos(self, order_number: str) -> Sequence[CreditMemo]:
        with self._talking() as connection:
            return memos_where(connection, credit_memo.c.order_number == order_number)

    def deductions(self, account_id: str) -> Sequence[Deduction]:
        with self._talking() as connection:
            return unmatched_deductions(connection, account_id)

    def stock_moves(self, sku: str, *, since: date | None = None) -> Sequence[StockMove]:
        with self._talking() as connection:
            return moves_of(connection, sku, since)

    def booked_under(self, key: str) -> Booked | None:
        row = self._first(sa.select(command_key).where(command_key.c.key == key))
        return Booked(row.operation, row.document) if row else None

    def returns_on(self, order_number: str) -> Sequence[BookedRma]:
        on_order = sa.select(rma_line.c.rma_number).where(rma_line.c.order_number == order_number)
        with self._talking() as connection:
            return rmas_where(connection, rma.c.number.in_(on_order))

    def _first(self, query: sa.Select[erp_rows.Row]) -> erp_rows.Row:
        with self._talking() as connection:
            return connection.execute(query).first()

    def _all(self, query: sa.Select[erp_rows.Row]) -> Sequence[erp_rows.Row]:
        with self._talking() as connection:
            return connection.execute(query).all()

    def _talking(self) -> AbstractContextManager[Connection]:
        return talking_to(PEER, self._engine)
