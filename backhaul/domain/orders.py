"""What was sold, shipped, invoiced and paid, as the ERP tells it."""

from dataclasses import dataclass
from datetime import date

from backhaul.domain.money import Money


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One line of a sales order. Quantities are pieces; `unit_price` is net, without tax.

    `quantity_returned` is what the ERP has already authorised to come back, whoever booked it there.
    """

    order_number: str
    line: int
    sku: str
    description: str
    quantity_ordered: int
    quantity_shipped: int
    quantity_returned: int
    unit_price: Money
    serials: tuple[str, ...]
    lots: tuple[str, ...]
    delivered_on: date | None

    @property
    def quantity_returnable(self) -> int:
        """Pieces shipped and not yet authorised to come back."""
        return self.quantity_shipped - self.quantity_returned


@dataclass(frozen=True, slots=True)
class Order:
    """A sales order with its lines. `po_number` is the customer's own number for it."""

    number: str
    account_id: str
    po_number: str
    ordered_on: date
    currency: str
    lines: tuple[OrderLine, ...]

    def line(self, number: int) -> OrderLine | None:
        """The line with that number, counting from 1 as printed, or `None`."""
        return next((line for line in self.lines if line.line == number), None)


@dataclass(frozen=True, slots=True)
class ShipmentLine:
    """Pieces of one order line in one shipment."""

    order_line: int
    quantity: int
    serials: tuple[str, ...]
    lots: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shipment:
    """One delivery; an order may need several. `delivered_on` is `None` while it is under way."""

    shipment_id: str
    order_number: str
    shipped_on: date
    delivered_on: date | None
    tracking_number: str
    lines: tuple[ShipmentLine, ...]


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """What one order line was charged: `amount` for the goods, net, and the sales tax on it."""

    order_line: int
    quantity: int
    amount: Money
    tax: Money


@dataclass(frozen=True, slots=True)
class Invoice:
    """A bill; `paid` may be less than `total` (net terms) and a credit is then applied to the open rest.

    `total` holds the tax. `credited` is what credit memos took off this bill, matched deductions included;
    the part of a credit that was paid out or kept on the account is not in it.
    """

    number: str
    order_number: str
    issued_on: date
    due_on: date
    total: Money
    paid: Money
    credited: Money
    lines: tuple[InvoiceLine, ...]

    @property
    def open(self) -> Money:
        """What is still to be paid."""
        return self.total - self.paid - self.credited


@dataclass(frozen=True, slots=True)
class Payment:
    """Money that came in for an invoice."""

    payment_id: str
    invoice_number: str
    received_on: date
    amount: Money


@dataclass(frozen=True, slots=True)
class PurchaseOrder:
    """What we ordered from a supplier; the origin of a serial or lot for a vendor claim."""

    number: str
    supplier_id: str
    sku: str
    quantity: int
    received_on: date
    unit_cost: Money


@dataclass(frozen=True, slots=True)
class UnitIdentity:
    """A serial or lot, where it came from and where it went."""

    sku: str
    number: str
    purchase_order: str | None
    order_number: str | None
    order_line: int | None
    warranty_until: date | None
