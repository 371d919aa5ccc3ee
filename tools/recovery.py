"""What the ERP knows about claiming goods back from their supplier: terms, receipt, documented cost."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from backhaul.connectors.ports import ErpReads
from backhaul.domain.money import LEDGER_CURRENCY
from backhaul.domain.orders import OrderLine, PurchaseOrder
from backhaul.domain.trade import Item, SupplierReturnTerms


@dataclass(frozen=True, slots=True)
class SupplierFacts:
    """The supplier's return terms, and the purchases the pieces came with; `None` is unknown.

    `purchases` is `None` when one of the pieces cannot be traced: then neither age nor cost is documented.
    """

    terms: SupplierReturnTerms | None
    purchases: tuple[PurchaseOrder, ...] | None


def look_up_supplier(
    erp: ErpReads, item: Item | None, line: OrderLine | None, serials: tuple[str, ...], *, named: str = ""
) -> SupplierFacts:
    """Follow the serials, or else the lots of the line, to their purchases. ConnectorUnavailable may rise.

    What leads to none counts as bought with the purchase that somebody `named`, if that is for the article.
    """
    supplier = erp.supplier(item.supplier_id) if item else None
    numbers = serials or (line.lots if line else ())
    units = [erp.unit(number) for number in numbers]
    origins = {(unit.purchase_order if unit else None) or named for unit in units} or {named}
    found = [erp.purchase_order(origin) if origin else None for origin in sorted(origins)]
    traced = tuple(one for one in found if one is not None and item is not None and one.sku == item.sku)
    return SupplierFacts(supplier.terms if supplier else None, traced if len(traced) == len(found) else None)


def supplier_facts(found: SupplierFacts, today: date) -> dict[str, Any]:
    """Facts about the supplier; with several purchases the oldest receipt and the lowest cost count."""
    terms, purchases = found.terms, found.purchases
    in_dollars = purchases is not None and all(one.unit_cost.currency == LEDGER_CURRENCY for one in purchases)
    return {
        "supplier_window_days": terms.window_days if terms else None,
        "supplier_accepts_defective": terms.accepts_defective if terms else None,
        "supplier_accepts_overstock": terms.accepts_overstock if terms else None,
        "supplier_rma_required": terms.rma_required if terms else None,
        "days_since_receipt": max((today - min(one.received_on for one in purchases)).days, 0)
        if purchases
        else None,
        "unit_cost_usd_minor": min(one.unit_cost.minor for one in purchases)
        if purchases and in_dollars
        else None,
    }
