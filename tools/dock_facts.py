"""What the dock found, as facts; and what a move of stock costs us against the books."""

from collections.abc import Mapping
from typing import Any

from backhaul.connectors.ports import ErpReads
from backhaul.domain.codes import Action, Resolution
from backhaul.domain.money import LEDGER_CURRENCY, Money
from backhaul.domain.receiving import Disposition
from backhaul.domain.trade import Item
from backhaul.domain.valuation import Valuation, valued
from tools.goods import Goods


def unit_cost(erp: ErpReads, item: Item | None, serials: tuple[str, ...]) -> Money | None:
    """What a piece cost us: by its own purchase where it can be traced, the lowest of several, else by the
    cost of the article. None for an article that nobody knows. ConnectorUnavailable may rise.
    """
    units = [erp.unit(serial) for serial in serials]
    orders = [erp.purchase_order(unit.purchase_order) for unit in units if unit and unit.purchase_order]
    bought = [order.unit_cost for order in orders if order]
    if bought:
        return min(bought, key=lambda cost: cost.minor)
    return item.cost if item else None


def valuation_of(
    action: Action, resolution: Resolution, goods: Goods | None, cost: Money | None
) -> Valuation | None:
    """What a move of stock does to the books; `None` for any other action, or while the cost is unknown."""
    if action is not Action.MOVE_STOCK or goods is None or cost is None or cost.currency != LEDGER_CURRENCY:
        return None
    theirs = resolution is Resolution.REPAIR and goods.disposition is Disposition.REPAIR
    return valued(goods.disposition, goods.grade, cost, goods.quantity, for_the_customer=theirs)


def dock_facts(
    action: Action, resolution: Resolution, goods: Goods | None, cost: Money | None
) -> Mapping[str, Any]:
    """What was found, and what the move of these pieces would write down; `None` is unknown."""
    moved = valuation_of(action, resolution, goods, cost)
    unknown = None if action is Action.MOVE_STOCK else 0
    return {
        "grade": goods.grade.value if goods else "none",
        "finding": goods.finding.value if goods else "none",
        "seal_intact": goods.seal_intact if goods else False,
        "disposition": goods.disposition.value if goods else "none",
        "packet_complete": goods.packet_complete if goods else False,
        "write_down_usd_minor": moved.write_down.minor if moved else unknown,
    }
