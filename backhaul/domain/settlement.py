"""How the money and the goods are made good: credit memo, deduction, replacement, vendor claim."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from backhaul.domain.codes import Reason
from backhaul.domain.money import Money


class CreditGoesTo(StrEnum):
    """Where a part of a credit memo went."""

    INVOICE = "invoice"
    """Takes that much off an open invoice"""
    STORE_CREDIT = "store_credit"
    """Stays on the account for a later order"""
    REFUND = "refund"
    """Is paid out the way the invoice was paid"""
    DEDUCTION = "deduction"
    """Covers what the customer had short-paid already"""


@dataclass(frozen=True, slots=True)
class CreditShare:
    """One part of a credit memo; `reference` is the invoice, deduction or payment it went to, else empty."""

    goes_to: CreditGoesTo
    reference: str
    amount: Money


def share_out(amount: Money, places: Iterable[CreditShare]) -> tuple[CreditShare, ...]:
    """Put a credit where it belongs, place by place, each up to its amount; the rest stays on the account.

    The shares add up to `amount`; a place that gets nothing is left out. CurrencyMismatch when a place is in
    another currency.
    """
    shares, left = [], amount
    for place in places:
        taken = min(left, place.amount)
        if taken.minor > 0:
            shares.append(CreditShare(place.goes_to, place.reference, taken))
            left -= taken
    if left.minor > 0:
        shares.append(CreditShare(CreditGoesTo.STORE_CREDIT, "", left))
    return tuple(shares)


@dataclass(frozen=True, slots=True)
class CreditMemo:
    """A posted credit: goods and tax at the original price, less fees. The shares add up to `amount`."""

    number: str
    reference: str
    account_id: str
    case_id: str
    order_number: str
    line: int
    quantity: int
    goods: Money
    tax: Money
    restocking_fee: Money
    return_freight: Money
    amount: Money
    posted_on: date
    shares: tuple[CreditShare, ...]


@dataclass(frozen=True, slots=True)
class RepairOrder:
    """Goods to be repaired for the customer and sent back."""

    number: str
    reference: str
    sku: str
    quantity: int
    serials: tuple[str, ...]
    promised_on: date


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
