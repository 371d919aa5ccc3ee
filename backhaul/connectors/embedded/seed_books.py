"""The demo distributor's books while they are written: rows by table, posted the way an ERP posts."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count

from backhaul.connectors.embedded import erp_return_schema as returns
from backhaul.connectors.embedded import erp_schema as erp
from backhaul.connectors.embedded.erp_booking import FIRST_RMA
from backhaul.connectors.embedded.erp_rows import joined_serials
from backhaul.connectors.embedded.gs1 import tracking_number
from backhaul.connectors.embedded.seed_data import AccountSheet, ArticleSheet, sales_tax_basis_points
from backhaul.connectors.embedded.seed_purchases import Purchases, Row, Rows
from backhaul.domain.codes import Reason, Resolution
from backhaul.domain.money import Money
from backhaul.domain.trade import Tracking

_FIRST_INVOICE = 200_001
_FIRST_PAYMENT = 500_001
_FIRST_DEDUCTION = 7_001
_FIRST_OUTBOUND_PARCEL = 1_000_001


@dataclass(slots=True)
class SoldLine:
    """An order line with what the rest of the seed needs to know about it."""

    article: ArticleSheet
    row: Row
    serials: list[str] = field(default_factory=list)
    """Serials to be shipped; empty means made up from the stock of the day."""
    lot: str = ""
    """The lot to be shipped; empty means the one of the purchase."""
    bought_on: date | None = None
    """When we received the goods; `None` means with the last delivery before they were shipped."""
    traceable: bool = True
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
        self.rows: Rows = defaultdict(list)
        self._invoice, self._payment = count(_FIRST_INVOICE), count(_FIRST_PAYMENT)
        self._shipment, self._parcel = count(1), count(_FIRST_OUTBOUND_PARCEL)
        self._deduction = count(_FIRST_DEDUCTION)
        self._purchases = Purchases(self.rows)
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

    def withhold(
        self, sold: SoldOrder, invoice_number: str, amount: Money, reason: Reason, taken_on: date
    ) -> None:
        """Enter a deduction that the customer made from its payment of an invoice."""
        self.rows[returns.deduction].append(
            {
                "deduction_id": f"DED-{next(self._deduction)}",
                "account_id": sold.account.account_id,
                "invoice_number": invoice_number,
                "currency": amount.currency,
                "reason": reason.value,
                "amount_minor": amount.minor,
                "taken_on": taken_on,
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
        source = self._purchases.received(article, received_on)
        source["quantity"] += 1
        return self._purchases.serial(article, source)

    def _send_units(self, line: SoldLine, quantity: int, shipment_id: str, shipped_on: date) -> None:
        tracking = line.article.family.tracking
        if tracking == Tracking.NONE:
            return
        source = None
        if line.traceable:
            source = self._purchases.received(line.article, shipped_on, line.bought_on)
            source["quantity"] += quantity
        if tracking == Tracking.LOT:
            numbers = [self._purchases.lot(line.article, source, line.lot)]
        else:
            given = [line.serials.pop(0) if line.serials else "" for _ in range(quantity)]
            numbers = [self._purchases.serial(line.article, source, serial) for serial in given]
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
