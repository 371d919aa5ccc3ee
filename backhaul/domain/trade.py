"""Who deals with whom in what: accounts, contacts, items, suppliers, facilities."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from backhaul.domain.codes import ProductClass, QualityStatus, Region, Tier
from backhaul.domain.money import Money


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address in the United States."""

    name: str
    street: str
    city: str
    state: str
    postal_code: str
    country: str = "US"


@dataclass(frozen=True, slots=True)
class ContractTerms:
    """What the account's contract says beyond the standard terms; `None` means the contract is silent."""

    return_window_days: int | None
    restocking_basis_points: int | None
    advance_replacement: bool


class CreditPreference(StrEnum):
    """What an account wants of a credit that no open invoice takes up."""

    STORE_CREDIT = "store_credit"
    REFUND = "refund"


@dataclass(frozen=True, slots=True)
class Account:
    """A customer company. `contract` is `None` when the ERP could not tell: that is unknown, not absent.

    `tax_exempt` accounts hold a resale certificate; the others pay the sales tax of their state.
    """

    account_id: str
    name: str
    tier: Tier
    region: Region
    currency: str
    ship_to: Address
    contract: ContractTerms | None
    credit_hold: bool
    tax_exempt: bool
    credit_by: CreditPreference


@dataclass(frozen=True, slots=True)
class Contact:
    """A person who may speak for an account."""

    contact_id: str
    account_id: str
    name: str
    email: str
    phone: str


class Tracking(StrEnum):
    """How single pieces of an item are told apart."""

    NONE = "none"
    LOT = "lot"
    SERIAL = "serial"


@dataclass(frozen=True, slots=True)
class Item:
    """An article of the catalogue."""

    sku: str
    description: str
    manufacturer: str
    manufacturer_part: str
    product_class: ProductClass
    tracking: Tracking
    hazmat: bool
    final_sale: bool
    warranty_months: int
    weight_grams: int
    list_price: Money
    cost: Money
    supplier_id: str


@dataclass(frozen=True, slots=True)
class SupplierReturnTerms:
    """What a supplier takes back: window from our receipt, fee on the cost, own RMA or none."""

    window_days: int
    restocking_basis_points: int
    accepts_defective: bool
    accepts_overstock: bool
    rma_required: bool


@dataclass(frozen=True, slots=True)
class Supplier:
    """A maker or wholesaler we buy from.

    It pays `claim_allowance` with each claim it accepts, on top of the goods, as was agreed; a claim costs us
    `handling_cost` in work and freight. Both are in the ledger currency.
    """

    supplier_id: str
    name: str
    email: str
    terms: SupplierReturnTerms
    claim_allowance: Money
    handling_cost: Money


@dataclass(frozen=True, slots=True)
class Facility:
    """A warehouse that takes returns; its quarantine has room for `quarantine_pieces`."""

    facility_id: str
    name: str
    address: Address
    region: Region
    quarantine_pieces: int


@dataclass(frozen=True, slots=True)
class Bin:
    """A place in a facility."""

    facility_id: str
    bin_id: str
    quality_status: QualityStatus


@dataclass(frozen=True, slots=True)
class InventoryBalance:
    """How many pieces lie in one bin, and what they cost us each."""

    sku: str
    bin: Bin
    quantity: int
    unit_cost: Money


def warranty_end(delivered_on: date | None, months: int) -> date | None:
    """The last day of a warranty that began on delivery; `None` without delivery or warranty."""
    if delivered_on is None or months == 0:
        return None
    years, month = divmod(delivered_on.month - 1 + months, 12)
    year = delivered_on.year + years
    # The 31st plus one month is the last day of the shorter month.
    return date(year, month + 1, min(delivered_on.day, monthrange(year, month + 1)[1]))
