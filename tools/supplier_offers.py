"""What may be expected of the supplier for goods on the bench, or why it is not asked."""

from dataclasses import dataclass
from datetime import date

from backhaul.connectors.ports import ErpReads
from backhaul.domain.codes import Reason
from backhaul.domain.money import LEDGER_CURRENCY
from backhaul.domain.receiving import Finding, Grade
from backhaul.domain.recovery_terms import NotOffered, SupplierOffer
from backhaul.domain.trade import Item, SupplierReturnTerms, Tracking
from tools.recovery import look_up_supplier, supplier_facts
from tools.recovery_figures import ClaimGround, Figures

_FAULTS = {
    Reason.DEFECTIVE,
    Reason.NOT_AS_DESCRIBED,
    Reason.MISSING_PARTS,
    Reason.WARRANTY_FAILURE,
    Reason.RECALL,
}
"""Reasons a supplier answers for, once an inspection has confirmed them."""


@dataclass(frozen=True, slots=True)
class Returned:
    """Pieces in one condition, and what is known of where they came from. `lots` stand in for serials."""

    item: Item
    grade: Grade
    finding: Finding
    reason: Reason
    quantity: int
    serials: tuple[str, ...]
    lots: tuple[str, ...]
    seal_intact: bool

    @property
    def ground(self) -> ClaimGround | None:
        """On what ground the supplier can be asked; `None` where it cannot."""
        if self.finding is Finding.CONFIRMED and self.reason in _FAULTS:
            return ClaimGround.DEFECTIVE
        if self.grade is Grade.A and self.seal_intact:
            return ClaimGround.SURPLUS
        return None


def offer_of(erp: ErpReads, goods: Returned, figures: Figures, today: date) -> SupplierOffer | NotOffered:
    """What a claim on the supplier is expected to bring. ConnectorUnavailable may rise."""
    ground = goods.ground
    if ground is None:
        return NotOffered("The supplier takes back confirmed faults, and goods as new with their seal.")
    supplier = erp.supplier(goods.item.supplier_id)
    if supplier is None:
        return NotOffered("The supplier's terms are unknown.")
    if not accepted(supplier.terms, ground):
        return NotOffered(f"{supplier.name} takes back no {ground} goods.")
    documented = _documented(erp, goods, supplier.terms, today)
    if isinstance(documented, NotOffered):
        return documented
    return expected(goods.item.supplier_id, supplier.terms, ground, documented, figures)


def accepted(terms: SupplierReturnTerms, ground: ClaimGround) -> bool:
    """Whether the supplier takes goods back on that ground."""
    return terms.accepts_defective if ground is ClaimGround.DEFECTIVE else terms.accepts_overstock


def _documented(erp: ErpReads, goods: Returned, terms: SupplierReturnTerms, today: date) -> int | NotOffered:
    if goods.item.tracking is Tracking.SERIAL and len(goods.serials) < goods.quantity:
        return NotOffered("Not every piece has its serial, so its purchase cannot be shown.")
    facts = supplier_facts(look_up_supplier(erp, goods.item, None, goods.serials or goods.lots), today)
    days, cost = facts["days_since_receipt"], facts["unit_cost_usd_minor"]
    if days is None:
        return NotOffered("The purchase of these pieces is unknown.")
    if not isinstance(cost, int):
        return NotOffered(f"The purchase is not documented in {LEDGER_CURRENCY}.")
    late = _late(erp, goods, terms.window_days - days, today)
    return NotOffered(late) if late else cost


def _late(erp: ErpReads, goods: Returned, days_left: int, today: date) -> str:
    # A warranty claim follows the warranty, a recall the maker's notice, all else the supplier's window.
    if goods.reason is Reason.RECALL and goods.ground is ClaimGround.DEFECTIVE:
        return ""
    if goods.reason is Reason.WARRANTY_FAILURE and goods.ground is ClaimGround.DEFECTIVE:
        units = [erp.unit(number) for number in goods.serials or goods.lots]
        ends = [unit.warranty_until if unit else None for unit in units]
        if any(end is None for end in ends):
            return "The end of the warranty is unknown."
        return "The warranty has ended." if any(end < today for end in ends if end) else ""
    return f"The supplier's window closed {-days_left} days ago." if days_left < 0 else ""


def expected(
    supplier_id: str, terms: SupplierReturnTerms, ground: ClaimGround, documented: int, figures: Figures
) -> SupplierOffer | NotOffered:
    """What a claim for so many documented cents is expected to bring; the fee is kept from surplus only."""
    approval = figures.supplier_approval_permille.values.get(supplier_id)
    allowance = figures.supplier_allowance_basis_points.values.get(supplier_id)
    days = figures.supplier_answer_days.values.get(supplier_id)
    if approval is None or allowance is None or days is None:
        return NotOffered(f"How {supplier_id} answers claims is unknown.")
    fee = terms.restocking_basis_points if ground is ClaimGround.SURPLUS else 0
    return SupplierOffer(documented, approval[ground], fee, allowance, days)
