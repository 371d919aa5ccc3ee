"""What the speaker bought, as the readers and the matching see it. Read anew in every turn."""

from collections.abc import Sequence

from agent.understanding.claim import PurchasedLine
from backhaul.domain.orders import Order
from backhaul.store.conversation import Speaker
from tools.desk import Desk
from tools.reads import own_orders


def purchases_of(desk: Desk, speaker: Speaker, reference: str = "") -> tuple[PurchasedLine, ...]:
    """Order lines of the newest orders, or of those that carry the reference; newest first."""
    return tuple(line for order in own_orders(desk, speaker, reference) for line in _lines(order))


def _lines(order: Order) -> Sequence[PurchasedLine]:
    return [
        PurchasedLine(
            order_number=order.number,
            po_number=order.po_number,
            line=line.line,
            sku=line.sku,
            description=line.description,
            manufacturer_part="",
            quantity_shipped=line.quantity_shipped,
            serials=line.serials,
            lots=line.lots,
            ordered_on=order.ordered_on,
            shipped_on=line.delivered_on,
        )
        for line in order.lines
    ]
