"""The questions put to the embedded ERP's file. Each answers for any number of orders at once."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backhaul.connectors.embedded import erp_rows
from backhaul.connectors.embedded.erp_schema import (
    invoice,
    item,
    order_line,
    po_key,
    reference_key,
    rma,
    rma_line,
    sales_order,
    shipment,
    shipment_line,
    shipped_unit,
    unit,
)
from backhaul.connectors.embedded.sqlite import Commands
from backhaul.connectors.ports import BookedRma
from backhaul.domain.orders import Order, Shipment, UnitIdentity

Numbers = sa.Select[tuple[str]]
"""A query for order numbers."""

_MOST_FOUND = 200


def orders_among(connection: Connection, numbers: Numbers) -> tuple[Order, ...]:
    """The orders with those numbers, newest first, lines and units included, in two queries."""
    chosen = numbers.subquery()
    delivered_on = (
        sa.select(sa.func.max(shipment.c.delivered_on))
        .join(shipment_line, shipment_line.c.shipment_id == shipment.c.shipment_id)
        .where(
            shipment.c.order_number == order_line.c.order_number,
            shipment_line.c.order_line == order_line.c.line,
        )
        .scalar_subquery()
    )
    heads = (
        sa.select(sales_order, order_line, sa.type_coerce(delivered_on, sa.Date).label("delivered_on"))
        .join(chosen, chosen.c.number == sales_order.c.number)
        .join(order_line, order_line.c.order_number == sales_order.c.number)
        .order_by(sales_order.c.ordered_on.desc(), sales_order.c.number.desc(), order_line.c.line)
    )
    rows = connection.execute(heads).all()
    units = _shipped_units().join(chosen, chosen.c.number == shipped_unit.c.order_number)
    return erp_rows.orders_of_rows(
        rows, erp_rows.units_by_line(connection.execute(units).all(), "order_number")
    )


def matching(account_id: str, reference: str) -> Numbers | None:
    """Orders of the account under any number or part on their papers; `None` for a blank reference."""
    key = reference_key(reference)
    if not key:
        return None
    own = sales_order.c
    branches = (
        sa.select(own.number).where(own.account_id == account_id, own.number_key.in_(_with(key, "SO"))),
        sa.select(own.number).where(own.account_id == account_id, own.po_key == po_key(reference)),
        sa.select(invoice.c.order_number).where(invoice.c.number_key.in_(_with(key, "INV"))),
        sa.select(shipment.c.order_number).where(shipment.c.tracking_key == key),
        _orders_with_item(item.c.sku_key == key),
        _orders_with_item(item.c.part_key == key),
        sa.select(shipped_unit.c.order_number)
        .join(unit, unit.c.number == shipped_unit.c.number)
        .where(unit.c.number_key == key),
    )
    return (
        sa.select(own.number)
        .where(own.account_id == account_id, own.number.in_(sa.union(*branches)))
        .order_by(own.ordered_on.desc(), own.number.desc())
        .limit(_MOST_FOUND)
    )


def shipments_on(connection: Connection, order_number: str) -> tuple[Shipment, ...]:
    """Shipments of an order, oldest first, in two queries."""
    rows = connection.execute(
        sa.select(shipment, shipment_line.c.order_line, shipment_line.c.quantity)
        .join(shipment_line, shipment_line.c.shipment_id == shipment.c.shipment_id)
        .where(shipment.c.order_number == order_number)
        .order_by(shipment.c.shipped_on, shipment.c.shipment_id, shipment_line.c.order_line)
    ).all()
    units = connection.execute(_shipped_units().where(shipped_unit.c.order_number == order_number)).all()
    return erp_rows.shipments_of_rows(rows, erp_rows.units_by_line(units, "shipment_id"))


def unit_numbered(connection: Connection, number: str) -> UnitIdentity | None:
    """A serial or lot by its number as typed."""
    rows = connection.execute(
        sa.select(
            unit,
            item.c.warranty_months,
            shipped_unit.c.order_number,
            shipped_unit.c.order_line,
            shipment.c.delivered_on,
        )
        .join(item, item.c.sku == unit.c.sku)
        .outerjoin(shipped_unit, shipped_unit.c.number == unit.c.number)
        .outerjoin(shipment, shipment.c.shipment_id == shipped_unit.c.shipment_id)
        .where(unit.c.number_key == reference_key(number))
        .order_by(shipment.c.shipped_on.desc(), shipment.c.shipment_id.desc())
        .limit(2)
    ).all()
    return erp_rows.unit_of(rows)


def rmas_where(connection: Connection, condition: sa.ColumnElement[bool]) -> tuple[BookedRma, ...]:
    """RMAs with all their lines, oldest first."""
    rows = connection.execute(
        sa.select(rma, rma_line)
        .join(rma_line, rma_line.c.rma_number == rma.c.number)
        .where(condition)
        .order_by(rma.c.booked_on, rma.c.number, rma_line.c.position)
    ).all()
    return erp_rows.rmas_of_rows(rows)


def rma_of_key(connection: Connection, commands: Commands, operation: str, key: str) -> BookedRma | None:
    """The RMA that a key led to, as it is now."""
    number = commands.document(connection, operation, key)
    if number is None:
        return None
    return rmas_where(connection, rma.c.number == number)[0]


def _shipped_units() -> sa.Select[Any]:
    return sa.select(
        shipped_unit.c.order_number,
        shipped_unit.c.shipment_id,
        shipped_unit.c.order_line,
        unit.c.number,
        unit.c.tracking,
    ).join(unit, unit.c.number == shipped_unit.c.number)


def _orders_with_item(condition: sa.ColumnElement[bool]) -> Numbers:
    return sa.select(order_line.c.order_number).join(item, item.c.sku == order_line.c.sku).where(condition)


def _with(key: str, prefix: str) -> tuple[str, ...]:
    # People leave out the letters in front: 10442 for SO-10442.
    return (key, prefix + key) if key.isdigit() else (key,)
