"""How the money and the goods are made good: credit memo, deduction, replacement, vendor claim."""

from dataclasses import dataclass
from datetime import date

from backhaul.domain.codes import Reason
from backhaul.domain.money import Money


@dataclass(frozen=True, slots=True)
class CreditMemo:
    """A credit at the original net price, less fees, applied to an invoice or left open on account."""

    number: str
    case_id: str
    invoice_number: str
    amount: Money
    restocking_fee: Money
    return_freight: Money
    posted_on: date


@dataclass(frozen=True, slots=True)
class Deduction:
    """What a customer short-paid, to be matched with a credit memo so that it is not granted twice."""

    deduction_id: str
    account_id: str
    invoice_number: str
    amount: Money
    reason: Reason
    taken_on: date


@dataclass(frozen=True, slots=True)
class Replacement:
    """A free order that sends the right goods."""

    order_number: str
    case_id: str
    sku: str
    quantity: int
    ships_on: date


@dataclass(frozen=True, slots=True)
class VendorClaim:
    """What we ask back from a supplier; never more than the documented cost plus agreed allowances."""

    claim_id: str
    supplier_id: str
    case_id: str
    purchase_order: str
    sku: str
    quantity: int
    amount: Money
    file_by: date
