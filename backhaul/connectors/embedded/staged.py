"""The staged orders: for each way that a return can go, one order on which nothing was returned yet."""

from dataclasses import dataclass

from backhaul.connectors.embedded.seed_data import staged_orders_sheet
from backhaul.domain.errors import NotFound


@dataclass(frozen=True, slots=True)
class StagedOrder:
    """An order to drive one way with; what is to come back stands on line 1."""

    key: str
    account_id: str
    contact_id: str
    order_number: str
    po_number: str
    story: str
    sku: str
    quantity: int
    serials: tuple[str, ...]
    lot: str


def staged_orders() -> tuple[StagedOrder, ...]:
    """Every staged order."""
    return tuple(
        StagedOrder(
            key=sheet.key,
            account_id=sheet.account,
            contact_id=sheet.contact,
            order_number=sheet.number,
            po_number=sheet.po,
            story=sheet.story,
            sku=sheet.lines[0].sku,
            quantity=sheet.lines[0].quantity,
            serials=sheet.lines[0].serials,
            lot=sheet.lines[0].lot,
        )
        for sheet in staged_orders_sheet().orders
    )


def staged_order(key: str) -> StagedOrder:
    """The staged order for that way; NotFound when there is none."""
    found = next((order for order in staged_orders() if order.key == key), None)
    if found is None:
        raise NotFound("staged order", key)
    return found
