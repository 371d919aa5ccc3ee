"""Repair orders of the embedded ERP, and what suppliers credit us for."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backhaul.connectors.documents import RepairRequest, VendorCredit
from backhaul.connectors.embedded.erp_booking import next_working_day
from backhaul.connectors.embedded.erp_checks import (
    check_pieces,
    check_reference,
    check_value,
    no,
    owned_line,
)
from backhaul.connectors.embedded.erp_return_schema import repair_order, vendor_credit
from backhaul.connectors.embedded.erp_rows import joined_serials, split_serials
from backhaul.connectors.embedded.erp_schema import purchase_order, series, supplier
from backhaul.connectors.embedded.sqlite import next_number
from backhaul.domain.money import Money
from backhaul.domain.settlement import RepairOrder

WORKING_DAYS_OF_A_REPAIR = 10

_FIRST_REPAIR, _FIRST_VENDOR_CREDIT = 1_001, 5_001


def enter_repair(connection: Connection, request: RepairRequest, ordered_on: date) -> str:
    """Enter a repair order, promised in ten working days; its number.

    Refused: another account's order, another article than was sold on the line, more pieces than were shipped
    counting earlier repairs, or a reference that stands on a repair order already.
    """
    _check_repair(connection, request)
    number = f"RP-{next_number(connection, series, 'repair', first=_FIRST_REPAIR)}"
    promised_on = ordered_on
    for _ in range(WORKING_DAYS_OF_A_REPAIR):
        promised_on = next_working_day(promised_on)
    row = {
        "number": number,
        "reference": request.reference,
        "account_id": request.account_id,
        "case_id": request.case_id,
        "for_order": request.order_number,
        "for_line": request.line,
        "sku": request.sku,
        "quantity": request.quantity,
        "serials": joined_serials(request.serials),
        "promised_on": promised_on,
    }
    connection.execute(sa.insert(repair_order).values(row))
    return number


def _check_repair(connection: Connection, request: RepairRequest) -> None:
    where = f"{request.order_number}/{request.line}"
    sold = owned_line(connection, request.account_id, request.order_number, request.line)
    check_pieces(where, request.quantity, request.serials)
    check_reference(connection, repair_order, request.reference)
    if request.sku != sold.sku:
        raise no(f"{where}: {sold.sku} was sold, not {request.sku}")
    repaired = sa.select(sa.func.coalesce(sa.func.sum(repair_order.c.quantity), 0)).where(
        repair_order.c.for_order == request.order_number, repair_order.c.for_line == request.line
    )
    left = sold.quantity_shipped - connection.execute(repaired).scalar_one()
    if request.quantity > left:
        raise no(f"{where}: {request.quantity} pieces to repair, {left} shipped and not repaired")


def repair_numbered(connection: Connection, number: str) -> RepairOrder:
    """The repair order with that number."""
    row = connection.execute(sa.select(repair_order).where(repair_order.c.number == number)).one()
    return RepairOrder(
        number=row.number,
        reference=row.reference,
        sku=row.sku,
        quantity=row.quantity,
        serials=split_serials(row.serials),
        promised_on=row.promised_on,
    )


def enter_vendor_credit(connection: Connection, credit: VendorCredit, posted_on: date) -> str:
    """Enter a supplier's credit; its number.

    Refused: a purchase order of another supplier or article, more pieces than were bought with it counting
    earlier credits, more money than the pieces cost and the allowance of a claim, or a reference in use.
    """
    what = f"vendor credit {credit.reference}"
    check_pieces(what, credit.quantity, ())
    check_value(what, credit.amount)
    check_reference(connection, vendor_credit, credit.reference)
    _check_purchase(connection, what, credit)
    number = f"VCR-{next_number(connection, series, 'vendor credit', first=_FIRST_VENDOR_CREDIT)}"
    row = {
        "number": number,
        "reference": credit.reference,
        "supplier_id": credit.supplier_id,
        "purchase_order": credit.purchase_order,
        "sku": credit.sku,
        "quantity": credit.quantity,
        "amount_minor": credit.amount.minor,
        "posted_on": posted_on,
    }
    connection.execute(sa.insert(vendor_credit).values(row))
    return number


def _check_purchase(connection: Connection, what: str, credit: VendorCredit) -> None:
    bought = connection.execute(
        sa.select(purchase_order, supplier.c.claim_allowance_minor)
        .join(supplier, supplier.c.supplier_id == purchase_order.c.supplier_id)
        .where(
            purchase_order.c.number == credit.purchase_order,
            purchase_order.c.supplier_id == credit.supplier_id,
            purchase_order.c.sku == credit.sku,
        )
    ).first()
    if bought is None:
        raise no(f"{credit.supplier_id} did not deliver {credit.sku} on {credit.purchase_order}")
    credited = sa.select(sa.func.coalesce(sa.func.sum(vendor_credit.c.quantity), 0)).where(
        vendor_credit.c.purchase_order == credit.purchase_order
    )
    left = bought.quantity - connection.execute(credited).scalar_one()
    if credit.quantity > left:
        raise no(f"{what}: {credit.quantity} pieces, {left} bought and not credited")
    most = Money(bought.unit_cost_minor) * credit.quantity + Money(bought.claim_allowance_minor)
    if most < credit.amount or credit.amount.minor == 0:
        raise no(f"{what}: {credit.amount} is not between nothing and {most}, the cost and the allowance")
