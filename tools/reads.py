"""What the agent may look up for the customer it speaks with. Nothing here changes anything, and nothing
shows a price.

An order of another account, or outside the one order the customer proved, does not exist for these verbs.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from backhaul.domain.errors import NotFound
from backhaul.domain.orders import Order, OrderLine
from backhaul.domain.returns import RmaState
from backhaul.store import cases, notes, rmas
from backhaul.store.conversation import Speaker
from backhaul.store.notes import OpenElsewhere
from backhaul.store.unit_of_work import UnitOfWork
from tools.desk import Desk
from tools.marks import reads
from tools.returns_found import ReturnFound, returns_of

_NEWEST = 200
"""Orders looked through when the customer names none: two to three years of a busy account."""


@dataclass(frozen=True, slots=True)
class LineFound:
    """One order line, in pieces. `returnable` is what was shipped and is not yet on its way back."""

    order: str
    line: int
    sku: str
    description: str
    shipped: int
    returnable: int
    delivered_on: date | None
    already_rma: str = ""


@dataclass(frozen=True, slots=True)
class OrderFound:
    """An order with its lines. `po_number` is the customer's own number."""

    order: str
    po_number: str
    ordered_on: date
    lines: tuple[LineFound, ...]


@reads
def find_orders(desk: Desk, speaker: Speaker, reference: str = "") -> tuple[OrderFound, ...]:
    """Find the customer's orders by any number printed on their papers.

    Call it when the customer names an order, PO, invoice, tracking, part, serial or lot number. Do not
    call it with words that describe an item. Nothing found means that this customer has no such order.

    Args:
        reference: The number as written, e.g. `SO-10442` or `PO-7781`; empty for the newest orders.
    """
    return tuple(_found(order) for order in own_orders(desk, speaker, reference))


@reads
def order_lines(desk: Desk, speaker: Speaker, order: str) -> tuple[LineFound, ...]:
    """List the lines of one of the customer's orders with what can still come back of each.

    Call it before naming a quantity. Raises NotFound for an order the customer does not have.

    Args:
        order: Order number as printed on the invoice, e.g. `SO-10442`.
    """
    found = own_order(desk, speaker, order)
    with desk.store.read() as uow:
        ours = {line.line: _live_rma(uow, line) for line in found.lines}
        elsewhere = notes.open_elsewhere(uow, order)
    there = desk.erp.returns_on(order)
    booked = {
        entry.line: rma.number
        for rma in there
        for entry in rma.lines
        if not rma.cancelled and entry.order_number == order
    }
    # What the ERP has not heard of is on its way back all the same: it is not offered a second time.
    heard_of = {rma.number.upper() for rma in there}
    beside = [one for one in elsewhere if one.number.upper() not in heard_of]
    return tuple(
        _line_beside(line, ours[line.line] or booked.get(line.line, ""), beside) for line in found.lines
    )


def _line_beside(line: OrderLine, already: str, beside: Sequence[OpenElsewhere]) -> LineFound:
    on_line = [one for one in beside if one.order_line == line.line]
    shown = _line(line, already or next((one.number for one in on_line), ""))
    return replace(shown, returnable=max(0, shown.returnable - sum(one.quantity for one in on_line)))


@reads
def return_status(desk: Desk, speaker: Speaker, reference: str = "") -> tuple[ReturnFound, ...]:
    """Say where the customer's returns stand, newest first.

    Call it for "where is my return". It promises nothing about money that is not yet posted.

    Args:
        reference: An RMA, case, order or tracking number, e.g. `RMA-20031`; empty for all returns.
    """
    with desk.store.read() as uow:
        found = [
            entry
            for row in cases.cases_of_account(uow, speaker.account_id)
            for entry in returns_of(uow, row, sees_amounts=speaker.order_scope is None)
        ]
    visible = [entry for entry in found if speaker.order_scope is None or speaker.order_scope in entry.orders]
    wanted = reference.strip().upper()
    return tuple(entry for entry in visible if not wanted or wanted in _numbers(entry))


def own_orders(desk: Desk, speaker: Speaker, reference: str = "") -> Sequence[Order]:
    """Orders this speaker may see, newest first."""
    if speaker.order_scope is not None:
        scoped = desk.erp.order(speaker.order_scope)
        known = scoped is not None and scoped.account_id == speaker.account_id
        orders: Sequence[Order] = [scoped] if scoped and known else []
        if not reference:
            return orders
        matching = {order.number for order in desk.erp.find_orders(speaker.account_id, reference)}
        return [order for order in orders if order.number in matching]
    if reference:
        return desk.erp.find_orders(speaker.account_id, reference)
    return desk.erp.orders_of(speaker.account_id, limit=_NEWEST)


def own_order(desk: Desk, speaker: Speaker, number: str) -> Order:
    """The speaker's order; NotFound, in the same words, for a stranger's order and for none."""
    order = desk.erp.order(number)
    hidden = speaker.order_scope is not None and number != speaker.order_scope
    if order is None or order.account_id != speaker.account_id or hidden:
        raise NotFound("order", number)
    return order


def _found(order: Order) -> OrderFound:
    return OrderFound(
        order.number, order.po_number, order.ordered_on, tuple(_line(line, "") for line in order.lines)
    )


def _line(line: OrderLine, already: str) -> LineFound:
    return LineFound(
        order=line.order_number,
        line=line.line,
        sku=line.sku,
        description=line.description,
        shipped=line.quantity_shipped,
        returnable=line.quantity_returnable,
        delivered_on=line.delivered_on,
        already_rma=already,
    )


def _live_rma(uow: UnitOfWork, line: OrderLine) -> str:
    for row in rmas.live_rmas_on_line(uow, line.order_number, line.line):
        if row.state not in {RmaState.RECEIVED.value, RmaState.CLOSED.value}:
            return row.erp_number or row.id
    return ""


def _numbers(entry: ReturnFound) -> set[str]:
    return {entry.case, entry.rma.upper(), entry.rma_id, entry.tracking_number, *entry.orders} - {""}
