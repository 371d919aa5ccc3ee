"""Reasons in the words of others: X12 data element 1293 (return request reason, RDR02), release 004010."""

from dataclasses import dataclass

from backhaul.domain.codes import Reason


@dataclass(frozen=True, slots=True)
class X12Reason:
    """A code of element 1293. A lossy one does not say quite what our reason says, and maps back to none."""

    code: str
    name: str
    lossy: bool


X12_1293: dict[Reason, X12Reason | None] = {
    Reason.DEFECTIVE: X12Reason("DM", "Defective merchandise", lossy=False),
    Reason.DAMAGED_IN_TRANSIT: X12Reason("DT", "Damaged in transit", lossy=False),
    Reason.WRONG_ITEM: X12Reason("WG", "Wrong goods", lossy=False),
    Reason.WRONG_SIZE: X12Reason("PF", "Poor fit", lossy=True),
    Reason.NO_LONGER_NEEDED: X12Reason("EI", "Excess inventory", lossy=True),
    Reason.ORDERED_BY_MISTAKE: X12Reason("CO", "Ordering error of the customer", lossy=False),
    Reason.OVER_SHIPPED: X12Reason("WG", "Goods not ordered", lossy=True),
    Reason.NOT_AS_DESCRIBED: X12Reason("NA", "Not as expected", lossy=False),
    Reason.LATE_OR_MISSING: X12Reason("SP", "Shipped past the cancel date", lossy=True),
    Reason.MISSING_PARTS: None,
    Reason.WARRANTY_FAILURE: X12Reason("DR", "Defective, returned by the consumer", lossy=True),
    Reason.RECALL: X12Reason("PR", "Product recall", lossy=False),
    Reason.OTHER: None,
}
"""Every reason is here; `None` has no code and travels as words (RDR04). Names are our paraphrase."""


def reason_of(code: str) -> Reason | None:
    """Our reason for a code of element 1293; `None` when no reason says exactly that."""
    exact = {entry.code: reason for reason, entry in X12_1293.items() if entry and not entry.lossy}
    return exact.get(code)
