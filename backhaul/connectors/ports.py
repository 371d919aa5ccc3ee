"""What Backhaul asks of the outside, in its own words; each port has one contract suite for all.

Reads and writes of the ERP are apart: the web process is handed only `ErpReads`. Every write carries a `key`;
repeating a key with the same request returns the first result, with another request it is ConnectorRejected.
All methods raise ConnectorUnavailable when the peer does not answer, ConnectorRejected when it says no.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Protocol

from backhaul.domain.codes import QualityStatus, Reason, Resolution
from backhaul.domain.money import ExchangeRate, Money
from backhaul.domain.orders import Invoice, Order, OrderLine, PurchaseOrder, Shipment, UnitIdentity
from backhaul.domain.receiving import ParcelEvent, ParcelStatus
from backhaul.domain.settlement import CreditMemo, Deduction, RepairOrder, Replacement
from backhaul.domain.trade import Account, Address, Contact, Facility, InventoryBalance, Item, Supplier


class ErpReads(Protocol):
    """Live facts of the ERP. An unknown id is `None` or empty, never an exception."""

    def account(self, account_id: str) -> Account | None: ...
    def accounts(self) -> Sequence[Account]: ...
    def contacts(self, account_id: str) -> Sequence[Contact]: ...
    def contact_by_email(self, email: str) -> Contact | None:
        """Case-insensitive."""
        ...

    def order(self, number: str) -> Order | None: ...
    def orders_of(self, account_id: str, *, since: date | None = None, limit: int = 200) -> Sequence[Order]:
        """Newest first."""
        ...

    def find_orders(self, account_id: str, reference: str) -> Sequence[Order]:
        """Orders of that account by order, PO, invoice, tracking, SKU, maker's part, serial or lot number."""
        ...

    def order_line(self, number: str, line: int) -> OrderLine | None: ...
    def shipments(self, order_number: str) -> Sequence[Shipment]: ...
    def invoices(self, order_number: str) -> Sequence[Invoice]: ...
    def item(self, sku: str) -> Item | None: ...
    def unit(self, number: str) -> UnitIdentity | None:
        """A serial or lot and where it came from."""
        ...

    def purchase_order(self, number: str) -> PurchaseOrder | None:
        """Where a serial or lot came from, when, and what it cost: what a vendor claim rests on."""
        ...

    def exchange_rate(self, currency: str, on: date) -> ExchangeRate | None:
        """The latest rate to the ledger currency on that day or before; its own day tells how old it is."""
        ...

    def supplier(self, supplier_id: str) -> Supplier | None: ...
    def facilities(self) -> Sequence[Facility]: ...
    def inventory(self, sku: str) -> Sequence[InventoryBalance]: ...
    def rma_by_key(self, key: str) -> "BookedRma | None": ...
    def credit_memos(self, order_number: str) -> Sequence[CreditMemo]:
        """Credits posted on the order, oldest first, also those made in the ERP directly."""
        ...

    def deductions(self, account_id: str) -> Sequence[Deduction]:
        """What the account short-paid and nobody has matched with a credit yet, oldest first."""
        ...

    def stock_moves(self, sku: str, *, since: date | None = None) -> "Sequence[StockMove]":
        """Moves of an article's stock, oldest first: the genealogy of lots and serials."""
        ...

    def booked_under(self, key: str) -> "Booked | None":
        """What a write with that key left in the books: the effect is read back with it."""
        ...

    def returns_on(self, order_number: str) -> Sequence["BookedRma"]:
        """All RMAs booked on the order, also those made in the ERP directly; cancelled ones included."""
        ...


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


class ErpWrites(Protocol):
    """What only the worker may do. The ERP itself refuses more than the returnable quantity."""

    def create_rma(self, request: RmaRequest, *, key: str) -> BookedRma: ...
    def cancel_rma(self, number: str, *, key: str) -> BookedRma: ...
    def order_replacement(self, request: ReplacementRequest, *, key: str) -> Replacement: ...
    def replacement_by_key(self, key: str) -> Replacement | None: ...
    def receive_goods(self, receipt: GoodsReceipt, *, key: str) -> str:
        """Put goods into quarantine; the number of the receipt."""
        ...

    def move_stock(self, move: StockMove, *, key: str) -> str:
        """Post a move with its valuation. Rejected when the source does not hold so many pieces."""
        ...

    def correct_mispick(self, mispick: Mispick, *, key: str) -> str:
        """Put right both stocks after another article left the house than the one ordered."""
        ...

    def post_credit_memo(self, request: CreditRequest, *, key: str) -> CreditMemo:
        """Matched with the customer's deductions, then applied to open invoices, the rest kept or paid out.

        Rejected when more would be credited on the order line than was invoiced.
        """
        ...

    def order_repair(self, request: RepairRequest, *, key: str) -> RepairOrder: ...
    def post_vendor_credit(self, credit: VendorCredit, *, key: str) -> str: ...


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


class Carrier(Protocol):
    """Return parcels, and pallets that are too heavy for one."""

    name: str

    def rates(self, request: LabelRequest) -> Sequence[Rate]:
        """Cheapest first; empty when the carrier does not serve the place or the goods."""
        ...

    def drop_offs(self, postal_code: str) -> Sequence[DropOff]: ...
    def buy_label(self, request: LabelRequest, *, key: str) -> CarrierLabel: ...
    def label_by_key(self, key: str) -> CarrierLabel | None: ...
    def pickup_rates(self, request: PickupRequest) -> Sequence[Rate]:
        """Cheapest first; empty when the carrier fetches nothing there, or not these goods."""
        ...

    def book_pickup(self, request: PickupRequest, *, key: str) -> Pickup: ...
    def pickup_by_key(self, key: str) -> Pickup | None: ...
    def void_label(self, tracking_number: str, *, key: str) -> None:
        """Take back a label or a pickup; rejected once the goods were handed over."""
        ...

    def events(self, *, after: str | None = None) -> Sequence[ParcelEvent]:
        """Events in the order they happened, after the event with that id."""
        ...


class CarrierSimulation(Protocol):
    """What the embedded carrier can be told to do in demo and tests; no real carrier has it."""

    def report(self, tracking_number: str, status: ParcelStatus, *, at: datetime) -> ParcelEvent: ...


@dataclass(frozen=True, slots=True)
class ReturnNotice:
    """What a dock should expect."""

    reference: str
    erp_number: str
    facility_id: str
    tracking_number: str
    expected_by: date
    lines: tuple[RmaLineRequest, ...]


class Warehouse(Protocol):
    """Announces returns to the dock, so that nothing arrives without papers."""

    def announce(self, notice: ReturnNotice, *, key: str) -> None: ...
    def withdraw(self, reference: str, *, key: str) -> None: ...
    def expected(self, facility_id: str) -> Sequence[ReturnNotice]: ...


class SupplierDesk(Protocol):
    """Asks a supplier for its return authorisation; carries claims in a later issue."""

    def request_return(self, supplier_id: str, sku: str, quantity: int, *, key: str) -> str:
        """The supplier's own RMA number."""
        ...


@dataclass(frozen=True, slots=True)
class Letter:
    """A message to a customer. `attachments` are (file name, media type, bytes)."""

    to: str
    subject: str
    body: str
    attachments: tuple[tuple[str, str, bytes], ...] = ()


class Notifier(Protocol):
    """Sends letters; the same key is sent once."""

    def send(self, letter: Letter, *, key: str) -> None: ...
