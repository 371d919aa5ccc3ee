"""From rows of the embedded ERP to the records of the domain."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from backhaul.connectors.ports import BookedRma, RmaLineRequest
from backhaul.domain.codes import ProductClass, QualityStatus, Reason, Region, Resolution, Tier
from backhaul.domain.money import Money
from backhaul.domain.orders import (
    Invoice,
    InvoiceLine,
    Order,
    OrderLine,
    PurchaseOrder,
    Shipment,
    ShipmentLine,
    UnitIdentity,
)
from backhaul.domain.settlement import Replacement
from backhaul.domain.trade import (
    Account,
    Address,
    Bin,
    Contact,
    ContractTerms,
    CreditPreference,
    Facility,
    InventoryBalance,
    Item,
    Supplier,
    SupplierReturnTerms,
    Tracking,
    warranty_end,
)

Row = Any
"""A row of a Core query: its columns are attributes and have no static type."""

_SERIAL_SEPARATOR = "\n"


def account_of(row: Row) -> Account:
    """A customer; a contract the ERP does not know stays unknown."""
    contract = ContractTerms(
        return_window_days=row.return_window_days,
        restocking_basis_points=row.restocking_basis_points,
        advance_replacement=row.advance_replacement,
    )
    return Account(
        account_id=row.account_id,
        name=row.name,
        tier=Tier(row.tier),
        region=Region(row.region),
        currency=row.currency,
        ship_to=Address(row.name, row.street, row.city, row.state, row.postal_code, row.country),
        contract=contract if row.contract_known else None,
        credit_hold=row.credit_hold,
        tax_exempt=row.tax_exempt,
        credit_by=CreditPreference(row.credit_by),
    )


def contact_of(row: Row) -> Contact:
    """A person at a customer."""
    return Contact(row.contact_id, row.account_id, row.name, row.email, row.phone)


def item_of(row: Row) -> Item:
    """An article."""
    return Item(
        sku=row.sku,
        description=row.description,
        manufacturer=row.manufacturer,
        manufacturer_part=row.manufacturer_part,
        product_class=ProductClass(row.product_class),
        tracking=Tracking(row.tracking),
        hazmat=row.hazmat,
        final_sale=row.final_sale,
        warranty_months=row.warranty_months,
        weight_grams=row.weight_grams,
        list_price=Money(row.list_price_minor),
        cost=Money(row.cost_minor),
        supplier_id=row.supplier_id,
    )


def supplier_of(row: Row) -> Supplier:
    """A supplier and what it takes back."""
    terms = SupplierReturnTerms(
        window_days=row.window_days,
        restocking_basis_points=row.restocking_basis_points,
        accepts_defective=row.accepts_defective,
        accepts_overstock=row.accepts_overstock,
        rma_required=row.rma_required,
    )
    return Supplier(
        supplier_id=row.supplier_id,
        name=row.name,
        email=row.email,
        terms=terms,
        claim_allowance=Money(row.claim_allowance_minor),
        handling_cost=Money(row.handling_cost_minor),
    )


def purchase_order_of(row: Row) -> PurchaseOrder:
    """What we ordered from a supplier."""
    return PurchaseOrder(
        number=row.number,
        supplier_id=row.supplier_id,
        sku=row.sku,
        quantity=row.quantity,
        received_on=row.received_on,
        unit_cost=Money(row.unit_cost_minor),
    )


def facility_of(row: Row) -> Facility:
    """A warehouse of ours."""
    address = Address(row.name, row.street, row.city, row.state, row.postal_code)
    return Facility(row.facility_id, row.name, address, Region(row.region), row.quarantine_pieces)


def balance_of(row: Row) -> InventoryBalance:
    """Stock in one bin."""
    place = Bin(row.facility_id, row.bin_id, QualityStatus(row.quality_status))
    return InventoryBalance(row.sku, place, row.quantity, Money(row.unit_cost_minor))


@dataclass(frozen=True, slots=True)
class UnitsByLine:
    """Serials and lots that went out, by order line or by line of a shipment."""

    serials: dict[tuple[str, int], list[str]]
    lots: dict[tuple[str, int], list[str]]

    def serials_on(self, document: str, line: int) -> tuple[str, ...]:
        """Serials of that line, in the order of their numbers."""
        return tuple(sorted(self.serials[document, line]))

    def lots_on(self, document: str, line: int) -> tuple[str, ...]:
        """Lots of that line, each once."""
        return tuple(sorted(set(self.lots[document, line])))


def units_by_line(rows: Iterable[Row], document: str) -> UnitsByLine:
    """Group shipped units by the document in that column, `order_number` or `shipment_id`."""
    units = UnitsByLine(defaultdict(list), defaultdict(list))
    for row in rows:
        kind = units.serials if row.tracking == Tracking.SERIAL else units.lots
        kind[getattr(row, document), row.order_line].append(row.number)
    return units


def orders_of_rows(rows: Sequence[Row], units: UnitsByLine) -> tuple[Order, ...]:
    """Orders in the sequence of their rows, one row a line."""
    lines: dict[str, list[OrderLine]] = {}
    for row in rows:
        lines.setdefault(row.number, []).append(_order_line(row, units))
    heads = {row.number: row for row in rows}
    return tuple(
        Order(
            number=number,
            account_id=head.account_id,
            po_number=head.po_number,
            ordered_on=head.ordered_on,
            currency=head.currency,
            lines=tuple(lines[number]),
        )
        for number, head in heads.items()
    )


def _order_line(row: Row, units: UnitsByLine) -> OrderLine:
    return OrderLine(
        order_number=row.number,
        line=row.line,
        sku=row.sku,
        description=row.description,
        quantity_ordered=row.quantity_ordered,
        quantity_shipped=row.quantity_shipped,
        quantity_returned=row.quantity_returned,
        unit_price=Money(row.unit_price_minor, row.currency),
        serials=units.serials_on(row.number, row.line),
        lots=units.lots_on(row.number, row.line),
        delivered_on=row.delivered_on,
    )


def shipments_of_rows(rows: Sequence[Row], units: UnitsByLine) -> tuple[Shipment, ...]:
    """Shipments in the sequence of their rows, one row a line."""
    lines: dict[str, list[ShipmentLine]] = {}
    for row in rows:
        line = ShipmentLine(
            order_line=row.order_line,
            quantity=row.quantity,
            serials=units.serials_on(row.shipment_id, row.order_line),
            lots=units.lots_on(row.shipment_id, row.order_line),
        )
        lines.setdefault(row.shipment_id, []).append(line)
    heads = {row.shipment_id: row for row in rows}
    return tuple(
        Shipment(
            shipment_id=number,
            order_number=head.order_number,
            shipped_on=head.shipped_on,
            delivered_on=head.delivered_on,
            tracking_number=head.tracking_number,
            lines=tuple(lines[number]),
        )
        for number, head in heads.items()
    )


def invoices_of_rows(rows: Sequence[Row]) -> tuple[Invoice, ...]:
    """Invoices in the sequence of their rows, one row a line."""
    lines: dict[str, list[InvoiceLine]] = {}
    for row in rows:
        amount, tax = (Money(minor, row.currency) for minor in (row.amount_minor, row.tax_minor))
        line = InvoiceLine(row.order_line, row.quantity, amount, tax)
        lines.setdefault(row.number, []).append(line)
    heads = {row.number: row for row in rows}
    return tuple(
        Invoice(
            number=number,
            order_number=head.order_number,
            issued_on=head.issued_on,
            due_on=head.due_on,
            total=Money(head.total_minor, head.currency),
            paid=Money(head.paid_minor, head.currency),
            credited=Money(head.credited_minor, head.currency),
            lines=tuple(lines[number]),
        )
        for number, head in heads.items()
    )


def unit_of(rows: Sequence[Row]) -> UnitIdentity | None:
    """A serial or lot from its journeys, latest first; a lot sold on several lines has no one order."""
    if not rows:
        return None
    first = rows[0]
    traced = first if len(rows) == 1 or first.tracking == Tracking.SERIAL else None
    return UnitIdentity(
        sku=first.sku,
        number=first.number,
        purchase_order=first.purchase_order,
        order_number=traced.order_number if traced else None,
        order_line=traced.order_line if traced else None,
        warranty_until=warranty_end(traced.delivered_on, first.warranty_months) if traced else None,
    )


def rmas_of_rows(rows: Sequence[Row]) -> tuple[BookedRma, ...]:
    """RMAs in the sequence of their rows, one row a line."""
    lines: dict[str, list[RmaLineRequest]] = {}
    for row in rows:
        line = RmaLineRequest(
            order_number=row.order_number,
            line=row.order_line,
            quantity=row.quantity,
            serials=split_serials(row.serials),
            reason=Reason(row.reason),
            resolution=Resolution(row.resolution),
        )
        lines.setdefault(row.number, []).append(line)
    heads = {row.number: row for row in rows}
    return tuple(
        BookedRma(
            number=number,
            reference=head.reference,
            account_id=head.account_id,
            facility_id=head.facility_id,
            booked_on=head.booked_on,
            cancelled=head.cancelled,
            lines=tuple(lines[number]),
        )
        for number, head in heads.items()
    )


def replacement_of(row: Row) -> Replacement:
    """A free order."""
    return Replacement(row.order_number, row.case_id, row.sku, row.quantity, row.ships_on)


def joined_serials(serials: Iterable[str]) -> str:
    """How the serials of an RMA line are kept in one column."""
    return _SERIAL_SEPARATOR.join(serials)


def split_serials(column: str) -> tuple[str, ...]:
    """The serials of an RMA line."""
    return tuple(column.split(_SERIAL_SEPARATOR)) if column else ()
