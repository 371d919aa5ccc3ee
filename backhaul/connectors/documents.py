"""What Backhaul sends to the systems outside, and what it gets back: plain records, without behaviour."""

from dataclasses import dataclass
from datetime import date, time

from backhaul.domain.codes import QualityStatus, Reason, Resolution
from backhaul.domain.money import Money
from backhaul.domain.trade import Address


@dataclass(frozen=True, slots=True)
class RmaLineRequest:
    """One line of an RMA to be booked."""

    order_number: str
    line: int
    quantity: int
    serials: tuple[str, ...]
    reason: Reason
    resolution: Resolution


@dataclass(frozen=True, slots=True)
class RmaRequest:
    """An RMA to be booked. `reference` is our RMA id and stands on the document."""

    reference: str
    account_id: str
    facility_id: str
    return_by: date
    lines: tuple[RmaLineRequest, ...]


@dataclass(frozen=True, slots=True)
class BookedRma:
    """An RMA as the ERP has it."""

    number: str
    reference: str
    account_id: str
    facility_id: str
    booked_on: date
    cancelled: bool
    lines: tuple[RmaLineRequest, ...]


@dataclass(frozen=True, slots=True)
class ReplacementRequest:
    """A free order for the right goods."""

    reference: str
    account_id: str
    case_id: str
    order_number: str
    line: int
    sku: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Booked:
    """A document as the ERP has it: the operation, and its number."""

    op: str
    number: str


@dataclass(frozen=True, slots=True)
class GoodsReceipt:
    """Goods that came in, put into quarantine. `rma_number` is empty for what came without papers."""

    reference: str
    rma_number: str
    facility_id: str
    sku: str
    quantity: int
    serials: tuple[str, ...] = ()
    lots: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StockMove:
    """Pieces that change their quality status in one facility.

    `source` None is goods that came in, or turned up; `target` None is goods that left the house.
    `unit_value` is what a piece stands in the books for afterwards; `write_down` what the move costs us.
    """

    reference: str
    facility_id: str
    sku: str
    quantity: int
    source: QualityStatus | None
    target: QualityStatus | None
    why: str
    unit_value: Money
    write_down: Money
    serials: tuple[str, ...] = ()
    lots: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mispick:
    """The wrong article left the house: the one ordered still lies on the shelf, the one sent does not."""

    reference: str
    facility_id: str
    ordered_sku: str
    sent_sku: str
    quantity: int


@dataclass(frozen=True, slots=True)
class CreditRequest:
    """A credit to be posted. Every amount is in the order's currency; `amount` is goods + tax - fees."""

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
    reason: Reason

    @property
    def amount(self) -> Money:
        """What the customer gets."""
        return self.goods + self.tax - self.restocking_fee - self.return_freight


@dataclass(frozen=True, slots=True)
class RepairRequest:
    """Goods in our hands that are to be repaired and sent back."""

    reference: str
    account_id: str
    case_id: str
    order_number: str
    line: int
    sku: str
    quantity: int
    serials: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VendorCredit:
    """What a supplier agreed to pay for a claim, in the ledger currency."""

    reference: str
    supplier_id: str
    purchase_order: str
    sku: str
    quantity: int
    amount: Money


@dataclass(frozen=True, slots=True)
class LabelRequest:
    """A return parcel from the customer to one of our facilities."""

    reference: str
    ship_from: Address
    ship_to: Address
    weight_grams: int
    ship_by: date
    hazmat: bool
    pieces: int = 1


@dataclass(frozen=True, slots=True)
class Rate:
    """What a service would cost and how long it takes, in business days."""

    carrier: str
    service: str
    cost: Money
    days: int


@dataclass(frozen=True, slots=True)
class CarrierLabel:
    """A bought label: the numbers, and the three prints."""

    carrier: str
    service: str
    tracking_number: str
    sscc: str
    drop_off_code: str
    cost: Money
    pdf: bytes
    png: bytes
    zpl: bytes
    qr_png: bytes


@dataclass(frozen=True, slots=True)
class DropOff:
    """A counter where a parcel can be handed in, with its distance in kilometres."""

    name: str
    address: Address
    kilometres: int
    printerless: bool


@dataclass(frozen=True, slots=True)
class PickupRequest:
    """Pallets that are to be fetched from the customer and brought to one of our facilities.

    `ready_on` is the first day on which they can be fetched, `ship_by` the last.
    """

    reference: str
    ship_from: Address
    ship_to: Address
    weight_grams: int
    handling_units: int
    ready_on: date
    ship_by: date
    hazmat: bool


@dataclass(frozen=True, slots=True)
class PickupWindow:
    """When the driver comes, by the clocks of the place."""

    day: date
    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class Pickup:
    """A booked pickup. Its label's tracking number is the carrier's pro number.

    `handling_units` are the SSCCs of the pallets. The label's prints are the bill of lading and, for each
    pallet, the same label twice: for two neighbouring sides.
    """

    label: CarrierLabel
    bill_of_lading: str
    window: PickupWindow
    handling_units: tuple[str, ...]


FREIGHT = "freight"
"""Service of a pickup."""
DROP_OFF = "drop-off"
"""Carrier of the labels we print ourselves when no carrier answers: our own counters take the parcel in."""


@dataclass(frozen=True, slots=True)
class ReturnNotice:
    """What a dock should expect."""

    reference: str
    erp_number: str
    facility_id: str
    tracking_number: str
    expected_by: date
    lines: tuple[RmaLineRequest, ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """A message to a customer. `attachments` are (file name, media type, bytes)."""

    to: str
    subject: str
    body: str
    attachments: tuple[tuple[str, str, bytes], ...] = ()
