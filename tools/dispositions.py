"""Which disposition to propose to the inspector: the figures of operations put to the goods on the bench."""

from collections.abc import Callable
from datetime import date

from backhaul.connectors.ports import ErpReads
from backhaul.domain.codes import QualityStatus, Reason
from backhaul.domain.errors import BadInput, CurrencyMismatch, NotFound
from backhaul.domain.money import LEDGER_CURRENCY
from backhaul.domain.net_recovery import Ranking, rank
from backhaul.domain.receiving import Disposition, Finding, Grade
from backhaul.domain.recovery_terms import Goods, NotOffered, Parameters, SupplierOffer
from backhaul.domain.trade import Item
from tools.recovery_bench import Bench, charges
from tools.recovery_figures import Figures, Sold, shipped_figures
from tools.supplier_offers import Returned, offer_of


def propose(
    erp: ErpReads,
    *,
    sku: str,
    grade: Grade,
    finding: Finding,
    reason: Reason,
    quantity: int,
    serials: tuple[str, ...],
    facility_id: str,
    seal_intact: bool,
    today: date,
    permitted: Callable[[Disposition], str | None],
    lots: tuple[str, ...] = (),
    figures: Figures | None = None,
) -> Ranking:
    """Rank every disposition of pieces in one condition, with the arithmetic and each reason why not.

    `permitted` gives `None`, or the policy's reason why not. What the ERP cannot tell takes the dispositions
    that depend on it out of the running; nothing is assumed. `lots` stand for pieces without serials, and
    `figures` are those that come with Backhaul when none are given.

    Raises NotFound for an unknown article, BadInput for no pieces or more serials than pieces,
    CurrencyMismatch when the article is not priced in the ledger currency. ConnectorUnavailable may rise.
    """
    if quantity < 1 or len(serials) > quantity:
        raise BadInput(f"{quantity} pieces with {len(serials)} serials cannot be ranked", field="quantity")
    item, reckoned = _item(erp, sku), figures or shipped_figures()
    bench = Bench(item, grade, facility_id, seal_intact, _lying(erp, sku, facility_id), reckoned)
    returned = Returned(item, grade, finding, reason, quantity, serials, lots, seal_intact)
    goods = goods_of(item, quantity)
    return rank(goods, parameters_of(bench, offer_of(erp, returned, reckoned, today), today), permitted)


def goods_of(item: Item, quantity: int) -> Goods:
    """So many pieces of the article, in cents of the ledger currency."""
    return Goods(quantity, item.list_price.minor, item.cost.minor, item.weight_grams, item.hazmat)


def parameters_of(bench: Bench, offer: SupplierOffer | NotOffered, today: date) -> Parameters:
    """What the figures say for the goods on the bench."""
    return Parameters(
        figures=bench.figures.named(today),
        restock=bench.restock(),
        b_stock=bench.b_stock(),
        repair=bench.repair(),
        return_to_vendor=offer,
        charges=charges(bench.figures),
        holding_basis_points_a_day=bench.figures.holding_basis_points_a_day.values,
    )


def _item(erp: ErpReads, sku: str) -> Item:
    item = erp.item(sku)
    if item is None:
        raise NotFound("article", sku)
    for price in (item.list_price, item.cost):
        if price.currency != LEDGER_CURRENCY:
            raise CurrencyMismatch(price.currency, LEDGER_CURRENCY)
    return item


def _lying(erp: ErpReads, sku: str, facility_id: str) -> dict[Sold, int]:
    # Repaired goods are sold from the B-stock aisle, so they wait behind what lies there.
    stock = [balance for balance in erp.inventory(sku) if balance.bin.facility_id == facility_id]

    def pieces(status: QualityStatus) -> int:
        return sum(balance.quantity for balance in stock if balance.bin.quality_status is status)

    b_stock = pieces(QualityStatus.B_STOCK)
    return {Sold.RESTOCK: pieces(QualityStatus.AVAILABLE), Sold.B_STOCK: b_stock, Sold.REPAIR: b_stock}
