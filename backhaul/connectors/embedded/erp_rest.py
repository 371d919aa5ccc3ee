"""How the embedded ERP closes an RMA of which only a part came back."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backhaul.connectors.embedded import erp_rows
from backhaul.connectors.embedded.erp_booking import mark_serial, move_quantity
from backhaul.connectors.embedded.erp_checks import no
from backhaul.connectors.embedded.erp_queries import rmas_where
from backhaul.connectors.embedded.erp_return_schema import goods_receipt, stock_entry, stock_entry_unit
from backhaul.connectors.embedded.erp_schema import order_line, rma, rma_line
from backhaul.connectors.ports import BookedRma, RmaLineRequest


def release_rest(connection: Connection, number: str) -> str:
    """Free what did not come on an RMA; the number is given back."""
    booked = rmas_where(connection, rma.c.number == number)
    if not booked:
        raise no(f"no RMA {number}")
    if booked[0].cancelled:
        raise no(f"RMA {number} is cancelled")
    came = _received(connection, number)
    if not came:
        raise no(f"nothing was received on RMA {number}; cancel it")
    serials = _received_serials(connection, number)
    for position, (line, kept) in enumerate(_shared_out(connection, booked[0], came), start=1):
        rest = line.quantity - kept
        if rest:
            _free(connection, number, position, line, rest, serials)
    return number


def _received(connection: Connection, number: str) -> Counter[str]:
    query = sa.select(goods_receipt.c.sku, goods_receipt.c.quantity)
    pieces: Counter[str] = Counter()
    for sku, quantity in connection.execute(query.where(goods_receipt.c.rma_number == number)):
        pieces[sku] += quantity
    return pieces


def _received_serials(connection: Connection, number: str) -> frozenset[str]:
    query = (
        sa.select(stock_entry_unit.c.number)
        .join(stock_entry, stock_entry.c.place_in_order == stock_entry_unit.c.place_in_order)
        .join(goods_receipt, goods_receipt.c.number == stock_entry.c.document)
        .where(goods_receipt.c.rma_number == number)
    )
    return frozenset(connection.scalars(query))


def _shared_out(
    connection: Connection, booked: BookedRma, came: Counter[str]
) -> Iterator[tuple[RmaLineRequest, int]]:
    """Each line with the pieces that came for it; another article took the place of a piece of some line."""
    own: dict[int, int] = {}
    for at, line in enumerate(booked.lines):
        sold = sa.select(order_line.c.sku).where(
            order_line.c.order_number == line.order_number, order_line.c.line == line.line
        )
        sku = connection.execute(sold).scalar_one()
        own[at] = min(line.quantity, came[sku])
        came[sku] -= own[at]
    in_place_of = came.total()
    for at, line in enumerate(booked.lines):
        more = min(line.quantity - own[at], in_place_of)
        in_place_of -= more
        yield line, own[at] + more


def _free(
    connection: Connection,
    number: str,
    position: int,
    line: RmaLineRequest,
    rest: int,
    received: frozenset[str],
) -> None:
    """Serials that came are kept first; of the others as many go free as pieces did not come."""
    missing = [serial for serial in line.serials if serial not in received][:rest]
    for serial in missing:
        mark_serial(connection, line, serial, before=number, after=None)
    move_quantity(connection, line, -rest)
    left = replace(line, serials=tuple(one for one in line.serials if one not in missing))
    connection.execute(
        sa.update(rma_line)
        .where(rma_line.c.rma_number == number, rma_line.c.position == position)
        .values(quantity=line.quantity - rest, serials=erp_rows.joined_serials(left.serials))
    )
