"""The demo distributor's books while they are written: rows by table, posted the way an ERP posts."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from typing import Any

import sqlalchemy as sa

from backhaul.connectors.embedded import erp_schema as erp
from backhaul.connectors.embedded.erp_booking import FIRST_RMA
from backhaul.connectors.embedded.erp_rows import joined_serials
from backhaul.connectors.embedded.gs1 import tracking_number
from backhaul.connectors.embedded.seed_data import AccountSheet, ArticleSheet, sales_tax_basis_points
from backhaul.domain.codes import Reason, Resolution
from backhaul.domain.money import Money
from backhaul.domain.trade import Tracking

Row = dict[str, Any]

_FIRST_INVOICE = 200_001
_FIRST_PAYMENT = 500_001
_FIRST_PURCHASE_ORDER = 40_001
_FIRST_OUTBOUND_PARCEL = 1_000_001
_DAYS_BETWEEN_PURCHASES = 110


@dataclass(slots=True)
class SoldLine:
    """An order line with what the rest of the seed needs to know about it."""

    article: ArticleSheet
    row: Row
    serials: list[str] = field(default_factory=list)
    """Serials to be shipped; empty means made up from the stock of the day."""
    units: list[Row] = field(default_factory=list)
    delivered_on: date | None = None

    @property
    def pieces_open(self) -> int:
        """Ordered and not yet shipped."""
        return int(self.row["quantity_ordered"] - self.row["quantity_shipped"])


@dataclass(slots=True)
class SoldOrder:
    """A sales order in the making."""

    account: AccountSheet
    number: str
    ordered_on: date
    lines: list[SoldLine]


class Books:
    """Collects the rows of every table; nothing reaches the file before the last one is known."""

    def __init__(self) -> None:
        self.rows: defaultdict[sa.Table, list[Row]] = defaultdict(list)
        self._invoice, self._payment = count(_FIRST_INVOICE), count(_FIRST_PAYMENT)
        self._shipment, self._parcel = count(1), count(_FIRST_OUTBOUND_PARCEL)
        self._purchases: dict[tuple[str, date], Row] = {}
        self._serials: Counter[str] = Counter()
        self._rmas: list[tuple[Row, Row, list[Row]]] = []

    def order(self, sold: SoldOrder, po_number: str) -> None:
        """Enter a sales order with its lines."""
        self.rows[erp.sales_order].append(
            {
                "number": sold.number,
                "number_key": erp.reference_key(sold.number),
                "account_id": sold.account.account_id,
                "po_number": po_number,
                "po_key": erp.po_key(po_number),
                "ordered_on": sold.ordered_on,
                "currency": sold.account.currency,
            }
        )
        self.rows[erp.order_line].extend(line.row for line in sold.lines)

    def ship(
        self,
        sold: SoldOrder,
        pieces: dict[int, int],
        *,
        facility_id: str,
        shipped_on: date,
        delivered_on: date | None,
    ) -> None:
        """Send pieces by order line on their way, and note the serials and lots that left."""
        shipment_id = f"SH-{next(self._shipment):06d}"
        tracking = tracking_number(next(self._parcel))
        self.rows[erp.shipment].append(
            {
                "shipment_id": shipment_id,
                "order_number": sold.number,
                "facility_id": facility_id,
                "shipped_on": shipped_on,
                "delivered_on": delivered_on,
                "tracking_number": tracking,
                "tracking_key": erp.reference_key(tracking),
            }
        )
        for number, quantity in pieces.items():
            line = sold.lines[number - 1]
            line.row["quantity_shipped"] += quantity
            line.delivered_on = delivered_on or line.delivered_on
            self.rows[erp.shipment_line].append(
                {"shipment_id": shipment_id, "order_line": number, "quantity": quantity}
            )
            self._send_units(line, quantity, shipment_id, shipped_on)

    def bill(self, sold: SoldOrder, pieces: dict[int, int], issued_on: date, *, days: int) -> tuple[str, int]:
        """Invoice what left, with the tax of the state; gives the number and the total in minor units."""
        number = f"INV-{next(self._invoice)}"
        amounts = {line: sold.lines[line - 1].row["unit_price_minor"] * pieces[line] for line in pieces}
        rate = 0 if sold.account.tax_exempt else sales_tax_basis_points()[sold.account.state]
        taxes = {line: Money(amount).share(rate).minor for line, amount in amounts.items()}
        total = sum(amounts.values()) + sum(taxes.values())
        self.rows[erp.invoice].append(
            {
                "number": number,
                "number_key": erp.reference_key(number),
                "order_number": sold.number,
                "currency": sold.account.currency,
                "issued_on": issued_on,
                "due_on": issued_on + timedelta(days=days),
                "total_minor": total,
            }
        )
        self.rows[erp.invoice_line].extend(
            {
                "invoice_number": number,
                "order_line": line,
                "quantity": quantity,
                "amount_minor": amounts[line],
                "tax_minor": taxes[line],
            }
            for line, quantity in pieces.items()
        )
        return number, total

    def pay(self, invoice_number: str, amount_minor: int, received_on: date) -> None:
        """Enter money for an invoice."""
        self.rows[erp.payment].append(
            {
                "payment_id": f"PAY-{next(self._payment)}",
                "invoice_number": invoice_number,
                "received_on": received_on,
                "amount_minor": amount_minor,
            }
        )

    def take_back(
        self,
        sold: SoldOrder,
        line: SoldLine,
        quantity: int,
        *,
        booked_on: date,
        reason: Reason,
        resolution: Resolution,
        facility_id: str,
        cancelled: bool,
    ) -> None:
        """Book a return of the past; a cancelled one holds no quantity."""
        serial_rows = [unit for unit in line.units if line.article.family.tracking == Tracking.SERIAL]
        returned = serial_rows[:quantity]
        if not cancelled:
            line.row["quantity_returned"] += quantity
        head = {
            "account_id": sold.account.account_id,
            "facility_id": facility_id,
            "return_by": booked_on + timedelta(days=30),
            "booked_on": booked_on,
            "cancelled": cancelled,
        }
        body = {
            "position": 1,
            "order_number": sold.number,
            "order_line": line.row["line"],
            "quantity": quantity,
            "reason": reason.value,
            "resolution": resolution.value,
            "serials": joined_serials(unit["number"] for unit in returned),
        }
        self._rmas.append((head, body, [] if cancelled else returned))

    def close(self, last_order: int) -> None:
        """Number the RMAs by their day, and leave the series where they stand."""
        last = FIRST_RMA - 1
        for last, (head, body, units) in enumerate(
            sorted(self._rmas, key=lambda booked: booked[0]["booked_on"]), FIRST_RMA
        ):
            number = f"RMA-{last}"
            self.rows[erp.rma].append(head | {"number": number, "reference": f"DESK-S{last}"})
            self.rows[erp.rma_line].append(body | {"rma_number": number})
            for unit in units:
                unit["returned_by"] = number
        self.rows[erp.series] += [{"name": "rma", "last": last}, {"name": "order", "last": last_order}]

    def stock_serial(self, article: ArticleSheet, received_on: date) -> str:
        """A serial from the delivery of that day, entered as ours."""
        return self._new_serial(article, self._purchase(article, received_on))

    def _send_units(self, line: SoldLine, quantity: int, shipment_id: str, shipped_on: date) -> None:
        tracking = line.article.family.tracking
        if tracking == Tracking.NONE:
            return
        purchase = self._purchase(line.article, shipped_on)
        if tracking == Tracking.LOT:
            numbers = [self._lot(line.article, purchase)]
        else:
            numbers = [self._serial_for(line, purchase) for _ in range(quantity)]
        purchase["quantity"] += quantity
        for number in numbers:
            row = {
                "number": number,
                "shipment_id": shipment_id,
                "order_line": line.row["line"],
                "order_number": line.row["order_number"],
                "returned_by": None,
            }
            line.units.append(row)
            self.rows[erp.shipped_unit].append(row)

    def _purchase(self, article: ArticleSheet, needed_on: date) -> Row:
        # Deliveries of one article come at a fixed rhythm, on days of its own.
        rhythm = needed_on.toordinal() - sum(map(ord, article.sku)) % _DAYS_BETWEEN_PURCHASES
        received_on = needed_on - timedelta(days=rhythm % _DAYS_BETWEEN_PURCHASES + 1)
        found = self._purchases.get((article.sku, received_on))
        if found is None:
            found = {
                "number": f"PO-{_FIRST_PURCHASE_ORDER + len(self._purchases)}",
                "supplier_id": article.family.supplier,
                "sku": article.sku,
                "quantity": 0,
                "received_on": received_on,
                "unit_cost_minor": article.list_price.share(article.family.cost_basis_points).minor,
            }
            self._purchases[article.sku, received_on] = found
            self.rows[erp.purchase_order].append(found)
        return found

    def _serial_for(self, line: SoldLine, purchase: Row) -> str:
        if not line.serials:
            return self._new_serial(line.article, purchase)
        number = line.serials.pop(0)
        self._enter_unit(number, line.article, purchase)
        return number

    def _new_serial(self, article: ArticleSheet, purchase: Row) -> str:
        week = purchase["received_on"].isocalendar()
        head = f"{erp.reference_key(article.part)[:3]}{week.year % 100:02d}{week.week:02d}"
        self._serials[head] += 1
        number = f"{head}-{self._serials[head]:04d}"
        self._enter_unit(number, article, purchase)
        return number

    def _lot(self, article: ArticleSheet, purchase: Row) -> str:
        number = f"L{purchase['received_on']:%y%m}-{purchase['number'][3:]}"
        if purchase["quantity"] == 0:
            self._enter_unit(number, article, purchase)
        return number

    def _enter_unit(self, number: str, article: ArticleSheet, purchase: Row) -> None:
        self.rows[erp.unit].append(
            {
                "number": number,
                "number_key": erp.reference_key(number),
                "sku": article.sku,
                "tracking": article.family.tracking.value,
                "purchase_order": purchase["number"],
            }
        )
