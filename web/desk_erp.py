"""What the ERP says about the line of a case."""

from collections.abc import Sequence
from dataclasses import dataclass

from backhaul.domain.orders import Order, OrderLine, Shipment
from backhaul.domain.trade import Account, Item
from backhaul.store.tables import CaseRow, ReturnLineRow
from web.world import Doors


@dataclass(frozen=True, slots=True)
class Erp:
    """What the ERP says about the line; parts it cannot tell are `None`."""

    account: Account | None
    order: Order | None
    line: OrderLine | None
    item: Item | None
    shipments: Sequence[Shipment]


def erp_of(doors: Doors, case: CaseRow, line: ReturnLineRow | None) -> Erp:
    """Everything that is looked up outside for a case page; `line` is None where no line is spoken of."""
    erp = doors.desk.erp
    account = erp.account(case.account_id)
    if line is None:
        return Erp(account, None, None, None, ())
    order = erp.order(line.order_number)
    return Erp(
        account,
        order,
        order.line(line.order_line) if order else None,
        erp.item(line.sku),
        erp.shipments(line.order_number),
    )
