"""How a command changes the embedded ERP's books, always inside the caller's write transaction."""

from collections.abc import Sequence
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backhaul.connectors.embedded import erp_rows
from backhaul.connectors.embedded.erp_checks import check_facility, check_reference, item_row, no, owned_line
from backhaul.connectors.embedded.erp_queries import rmas_where
from backhaul.connectors.embedded.erp_schema import (
    item,
    order_line,
    po_key,
    reference_key,
    replacement,
    rma,
    sales_order,
    shipped_unit,
    unit,
)
from backhaul.connectors.ports import ReplacementRequest, RmaLineRequest, RmaRequest
from backhaul.domain.settlement import Replacement
from backhaul.domain.trade import Tracking

FIRST_RMA = 70_001
"""Where the series of RMAs begins."""

_SATURDAY = 5


def next_working_day(day: date) -> date:
    """The first day after it that is neither Saturday nor Sunday; public holidays are not known here."""
    following = day + timedelta(days=1)
    while following.weekday() >= _SATURDAY:
        following += timedelta(days=1)
    return following


def check_rma(connection: Connection, request: RmaRequest, booked_on: date) -> None:
    """Refuse an RMA without lines, for a past day, an unknown facility or a reference in use."""
    if not request.lines:
        raise no(f"RMA {request.reference} has no lines")
    if request.return_by < booked_on:
        raise no(f"RMA {request.reference} would have to be back by {request.return_by}, which is past")
    check_facility(connection, request.facility_id)
    check_reference(connection, rma, request.reference)


def take_back(connection: Connection, account_id: str, line: RmaLineRequest, number: str) -> None:
    """Count the pieces and serials of one line as returned, or refuse when the books do not allow it."""
    sold = owned_line(connection, account_id, line.order_number, line.line)
    where = f"{line.order_number}/{line.line}"
    if line.quantity < 1:
        raise no(f"{where}: a return needs at least one piece, not {line.quantity}")
    returnable = sold.quantity_shipped - sold.quantity_returned
    if line.quantity > returnable:
        raise no(f"{where}: {line.quantity} asked back, {returnable} returnable")
    if len(line.serials) > line.quantity or len(set(line.serials)) != len(line.serials):
        raise no(f"{where}: {len(line.serials)} serials do not fit {line.quantity} pieces")
    move_quantity(connection, line, line.quantity)
    for serial in line.serials:
        if mark_serial(connection, line, serial, before=None, after=number) != 1:
            raise no(f"{where}: serial {serial} was not shipped on this line, or has come back already")


def move_quantity(connection: Connection, line: RmaLineRequest, pieces: int) -> None:
    """Count so many more pieces of the order line as returned; fewer when it is below zero."""
    connection.execute(
        sa.update(order_line)
        .where(order_line.c.order_number == line.order_number, order_line.c.line == line.line)
        .values(quantity_returned=order_line.c.quantity_returned + pieces)
    )


def mark_serial(
    connection: Connection, line: RmaLineRequest, serial: str, *, before: str | None, after: str | None
) -> int:
    """Say which RMA a shipped serial came back with; the rows that were so marked, one or none."""
    return connection.execute(
        sa.update(shipped_unit)
        .where(
            shipped_unit.c.order_number == line.order_number,
            shipped_unit.c.order_line == line.line,
            shipped_unit.c.number == serial,
            shipped_unit.c.number.in_(sa.select(unit.c.number).where(unit.c.tracking == Tracking.SERIAL)),
            shipped_unit.c.returned_by.is_not_distinct_from(before),
        )
        .values(returned_by=after)
    ).rowcount


def line_values(number: str, lines: Sequence[RmaLineRequest]) -> list[dict[str, str | int]]:
    """Rows of the RMA's lines."""
    return [
        {
            "rma_number": number,
            "position": position,
            "order_number": line.order_number,
            "order_line": line.line,
            "quantity": line.quantity,
            "reason": line.reason.value,
            "resolution": line.resolution.value,
            "serials": erp_rows.joined_serials(line.serials),
        }
        for position, line in enumerate(lines, start=1)
    ]


def release(connection: Connection, number: str) -> str:
    """Cancel an RMA and free what it held; the number is given back."""
    booked = rmas_where(connection, rma.c.number == number)
    if not booked:
        raise no(f"no RMA {number}")
    if not booked[0].cancelled:
        connection.execute(sa.update(rma).where(rma.c.number == number).values(cancelled=True))
        for line in booked[0].lines:
            move_quantity(connection, line, -line.quantity)
            for serial in line.serials:
                mark_serial(connection, line, serial, before=number, after=None)
    return number


def check_replacement(connection: Connection, request: ReplacementRequest) -> None:
    """Refuse a free order for an unknown article or for more than was shipped."""
    sold = owned_line(connection, request.account_id, request.order_number, request.line)
    item_row(connection, request.sku)
    replaced = connection.execute(
        sa.select(sa.func.coalesce(sa.func.sum(replacement.c.quantity), 0)).where(
            replacement.c.for_order == request.order_number, replacement.c.for_line == request.line
        )
    ).scalar_one()
    left = sold.quantity_shipped - replaced
    if not 1 <= request.quantity <= left:
        where = f"{request.order_number}/{request.line}"
        raise no(f"{where}: {request.quantity} pieces asked as replacement, {left} possible")


def place_free_order(
    connection: Connection, request: ReplacementRequest, number: str, ordered_on: date
) -> None:
    """A sales order at price zero, as any other order of the account."""
    currency = sa.select(sales_order.c.currency).where(sales_order.c.number == request.order_number)
    description = sa.select(item.c.description).where(item.c.sku == request.sku)
    head = {
        "number": number,
        "number_key": reference_key(number),
        "account_id": request.account_id,
        "po_number": request.reference,
        "po_key": po_key(request.reference),
        "ordered_on": ordered_on,
        "currency": connection.execute(currency).scalar_one(),
    }
    line = {
        "order_number": number,
        "line": 1,
        "sku": request.sku,
        "description": connection.execute(description).scalar_one(),
        "quantity_ordered": request.quantity,
        "quantity_shipped": 0,
        "quantity_returned": 0,
        "unit_price_minor": 0,
    }
    connection.execute(sa.insert(sales_order).values(head))
    connection.execute(sa.insert(order_line).values(line))


def replacement_numbered(connection: Connection, number: str) -> Replacement:
    """The free order with that number."""
    row = connection.execute(sa.select(replacement).where(replacement.c.order_number == number)).one()
    return erp_rows.replacement_of(row)
