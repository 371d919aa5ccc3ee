"""Reasons in the words of others: X12 data element 1293 (return request reason, RDR02)."""

from dataclasses import dataclass

from backhaul.domain.codes import Reason


@dataclass(frozen=True, slots=True)
class X12Reason:
    """A code of element 1293 and whether it says as much as ours; a lossy one cannot be mapped back alone."""

    code: str
    name: str
    lossy: bool


X12_1293: dict[Reason, X12Reason] = {
    Reason.DEFECTIVE: X12Reason("DP", "Defective part", lossy=False),
    Reason.DAMAGED_IN_TRANSIT: X12Reason("DT", "Damaged in transit", lossy=False),
    Reason.WRONG_ITEM: X12Reason("SP", "Wrong part shipped", lossy=False),
    Reason.WRONG_SIZE: X12Reason("EW", "Entered wrong", lossy=True),
    Reason.NO_LONGER_NEEDED: X12Reason("NA", "Not needed any more", lossy=False),
    Reason.ORDERED_BY_MISTAKE: X12Reason("EO", "Error in order", lossy=False),
    Reason.OVER_SHIPPED: X12Reason("OS", "Over shipped", lossy=False),
    Reason.NOT_AS_DESCRIBED: X12Reason("NA", "Not needed any more", lossy=True),
    Reason.LATE_OR_MISSING: X12Reason("LP", "Late or past due", lossy=True),
    Reason.MISSING_PARTS: X12Reason("MD", "Missing part of the delivery", lossy=True),
    Reason.WARRANTY_FAILURE: X12Reason("WG", "Failed under warranty", lossy=False),
    Reason.RECALL: X12Reason("RE", "Recall", lossy=False),
    Reason.OTHER: X12Reason("OP", "Other", lossy=True),
}
"""Every reason has a code. Names are our paraphrase of the element's meaning."""
