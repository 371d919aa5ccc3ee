"""How the embedded ERP's stock changes: goods received, moved, and put right after a wrong pick.

Every change stands in the journal, with the serials and lots it concerned and what it cost us.
"""

from collections import Counter
from dataclasses import replace
from datetime import date

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backhaul.connectors.documents import GoodsReceipt, Mispick, StockMove
from backhaul.connectors.embedded.erp_bins import Shelf, check_named_pieces, put, take
from backhaul.connectors.embedded.erp_checks import (
    check_facility,
    check_pieces,
    check_reference,
    check_value,
    item_row,
    no,
)
from backhaul.connectors.embedded.erp_queries import rmas_where
from backhaul.connectors.embedded.erp_return_schema import goods_receipt, stock_entry, stock_entry_unit
from backhaul.connectors.embedded.erp_schema import order_line, rma, series
from backhaul.connectors.embedded.erp_units import (
    as_known,
    bring_in,
    check_lots_came,
    enter_unknown,
    take_out,
)
from backhaul.connectors.embedded.sqlite import next_number
from backhaul.domain.codes import QualityStatus
from backhaul.domain.money import Money
from backhaul.domain.trade import Tracking

_FIRST_RECEIPT, _FIRST_MOVE, _FIRST_CORRECTION = 30_001, 60_001, 90_001


def receive(connection: Connection, receipt: GoodsReceipt, received_on: date) -> str:
    """Put goods into quarantine at their cost; the number of the receipt.

    Refused: an RMA that is cancelled or expects fewer pieces; a serial that lies in the house already, that
    belongs to another article or, with an RMA, that we never had; a reference that was received already.
    """
    check_pieces(f"receipt {receipt.reference}", receipt.quantity, receipt.serials)
    check_facility(connection, receipt.facility_id)
    check_reference(connection, goods_receipt, receipt.reference)
    cost = Money(item_row(connection, receipt.sku).cost_minor)
    if receipt.rma_number:
        _check_expected(connection, receipt.rma_number, receipt.sku, receipt.quantity)
    serials = as_known(connection, receipt.sku, receipt.serials, strict=bool(receipt.rma_number))
    lots = as_known(connection, receipt.sku, receipt.lots)
    enter_unknown(connection, receipt.sku, serials, Tracking.SERIAL)
    enter_unknown(connection, receipt.sku, lots, Tracking.LOT)
    number = f"GR-{next_number(connection, series, 'receipt', first=_FIRST_RECEIPT)}"
    row = {
        "number": number,
        "reference": receipt.reference,
        "rma_number": receipt.rma_number,
        "facility_id": receipt.facility_id,
        "sku": receipt.sku,
        "quantity": receipt.quantity,
        "received_on": received_on,
    }
    connection.execute(sa.insert(goods_receipt).values(row))
    _carry_out(connection, _arrival(receipt, cost, serials, lots), number, received_on)
    return number


def put_under(connection: Connection, receipt_number: str, rma_number: str) -> str:
    """Goods that were received without papers belong to an RMA that still expects them; the receipt's number.

    Refused: no such receipt, one of another RMA, or an RMA that is cancelled or expects fewer pieces.
    """
    row = connection.execute(
        sa.select(goods_receipt).where(goods_receipt.c.number == receipt_number)
    ).one_or_none()
    if row is None:
        raise no(f"no goods receipt {receipt_number}")
    if row.rma_number == rma_number:
        return receipt_number
    if row.rma_number:
        raise no(f"goods receipt {receipt_number} belongs to {row.rma_number}")
    _check_expected(connection, rma_number, row.sku, row.quantity)
    connection.execute(
        sa.update(goods_receipt).where(goods_receipt.c.number == receipt_number).values(rma_number=rma_number)
    )
    return receipt_number


def _arrival(
    receipt: GoodsReceipt, cost: Money, serials: tuple[str, ...], lots: tuple[str, ...]
) -> StockMove:
    return StockMove(
        reference=receipt.reference,
        facility_id=receipt.facility_id,
        sku=receipt.sku,
        quantity=receipt.quantity,
        source=None,
        target=QualityStatus.QUARANTINE,
        why=f"received under {receipt.rma_number}" if receipt.rma_number else "received without papers",
        unit_value=cost,
        write_down=Money(0),
        serials=serials,
        lots=lots,
    )


def _check_expected(connection: Connection, rma_number: str, sku: str, quantity: int) -> None:
    """An article of the RMA comes back up to its lines; any other took the place of one of them."""
    booked = rmas_where(connection, rma.c.number == rma_number)
    if not booked or booked[0].cancelled:
        raise no(f"no RMA {rma_number} that expects goods")
    expected: Counter[str] = Counter()
    for line in booked[0].lines:
        sold = sa.select(order_line.c.sku).where(
            order_line.c.order_number == line.order_number, order_line.c.line == line.line
        )
        expected[connection.execute(sold).scalar_one()] += line.quantity
    query = sa.select(goods_receipt.c.sku, goods_receipt.c.quantity)
    received: Counter[str] = Counter()
    for article, came in connection.execute(query.where(goods_receipt.c.rma_number == rma_number)):
        received[article] += came
    left = expected.total() - received.total()
    if sku in expected:
        left = min(left, expected[sku] - received[sku])
    if quantity > left:
        raise no(f"{rma_number}: {quantity} of {sku} received, {left} expected")


def post_move(connection: Connection, wanted: StockMove, posted_on: date) -> str:
    """Move pieces from one quality status to another, in or out of the house; the number of the move.

    Refused: pieces, serials or lots that the source does not hold, a serial left behind without its piece, a
    write-down below zero or above what the pieces stood for, or a move from nowhere to nowhere.
    """
    what = f"move {wanted.reference}"
    check_pieces(what, wanted.quantity, wanted.serials)
    check_facility(connection, wanted.facility_id)
    check_value(what, wanted.unit_value, wanted.write_down)
    item_row(connection, wanted.sku)
    if wanted.source == wanted.target:
        raise no(f"{what}: from {wanted.source} to {wanted.target} is no move")
    serials = as_known(connection, wanted.sku, wanted.serials, strict=wanted.source is not None)
    lots = as_known(connection, wanted.sku, wanted.lots, strict=wanted.source is not None)
    enter_unknown(connection, wanted.sku, serials, Tracking.SERIAL)
    enter_unknown(connection, wanted.sku, lots, Tracking.LOT)
    number = f"ST-{next_number(connection, series, 'move', first=_FIRST_MOVE)}"
    _carry_out(connection, replace(wanted, serials=serials, lots=lots), number, posted_on)
    return number


def put_right(connection: Connection, mispick: Mispick, posted_on: date) -> str:
    """Add what was ordered and still lies on the shelf, take off what was sent; the number of the correction.

    Refused: one article for both, or fewer pieces of the one sent than left the house.
    """
    what = f"correction {mispick.reference}"
    check_pieces(what, mispick.quantity, ())
    check_facility(connection, mispick.facility_id)
    if mispick.ordered_sku == mispick.sent_sku:
        raise no(f"{what}: {mispick.sent_sku} was ordered and sent")
    number = f"SC-{next_number(connection, series, 'correction', first=_FIRST_CORRECTION)}"
    here, gone = (item_row(connection, sku) for sku in (mispick.ordered_sku, mispick.sent_sku))
    for found in (
        _recount(mispick, gone.sku, QualityStatus.AVAILABLE, None, "left the house as another article"),
        _recount(mispick, here.sku, None, QualityStatus.AVAILABLE, "stayed on the shelf"),
    ):
        value = Money((gone if found.source else here).cost_minor)
        _carry_out(connection, replace(found, unit_value=value), number, posted_on)
    return number


def _recount(
    mispick: Mispick, sku: str, source: QualityStatus | None, target: QualityStatus | None, why: str
) -> StockMove:
    return StockMove(
        reference=mispick.reference,
        facility_id=mispick.facility_id,
        sku=sku,
        quantity=mispick.quantity,
        source=source,
        target=target,
        why=why,
        unit_value=Money(0),
        write_down=Money(0),
    )


def _carry_out(connection: Connection, wanted: StockMove, document: str, posted_on: date) -> None:
    if wanted.source is not None:
        source = Shelf(wanted.facility_id, wanted.sku, wanted.source)
        check_lots_came(connection, source, wanted.lots)
        stood_for = take(connection, source, wanted.quantity)
        if stood_for < wanted.write_down:
            raise no(f"{source}: {wanted.write_down} cannot be written down, the pieces stand at {stood_for}")
        take_out(connection, source, wanted.serials)
        check_named_pieces(connection, source)
    if wanted.target is not None:
        target = Shelf(wanted.facility_id, wanted.sku, wanted.target)
        put(connection, target, wanted.quantity, wanted.unit_value)
        bring_in(connection, target, wanted.serials)
    _enter(connection, wanted, document, posted_on)


def _enter(connection: Connection, done: StockMove, document: str, posted_on: date) -> None:
    place = next_number(connection, series, "stock entry", first=1)
    row = {
        "place_in_order": place,
        "document": document,
        "reference": done.reference,
        "facility_id": done.facility_id,
        "sku": done.sku,
        "quantity": done.quantity,
        "source": done.source,
        "target": done.target,
        "why": done.why,
        "unit_value_minor": done.unit_value.minor,
        "write_down_minor": done.write_down.minor,
        "posted_on": posted_on,
    }
    connection.execute(sa.insert(stock_entry).values(row))
    units = [(number, Tracking.SERIAL) for number in done.serials]
    units += [(number, Tracking.LOT) for number in dict.fromkeys(done.lots)]
    if units:
        connection.execute(
            sa.insert(stock_entry_unit),
            [{"place_in_order": place, "number": number, "tracking": kind.value} for number, kind in units],
        )
