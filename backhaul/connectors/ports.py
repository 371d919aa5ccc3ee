"""What Backhaul asks of the outside, in its own words; each port has one contract suite for all.

Reads and writes of the ERP are apart: the web process is handed only `ErpReads`. Every write carries a `key`;
repeating a key with the same request returns the first result, with another request it is ConnectorRejected.
All methods raise ConnectorUnavailable when the peer does not answer, ConnectorRejected when it says no.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from backhaul.connectors.documents import (
    DROP_OFF,
    FREIGHT,
    Booked,
    BookedRma,
    CarrierLabel,
    CreditRequest,
    DropOff,
    GoodsReceipt,
    LabelRequest,
    Letter,
    Mispick,
    Pickup,
    PickupRequest,
    PickupWindow,
    Rate,
    RepairRequest,
    ReplacementRequest,
    ReturnNotice,
    RmaLineRequest,
    RmaRequest,
    StockMove,
    VendorCredit,
)
from backhaul.domain.money import ExchangeRate
from backhaul.domain.orders import Invoice, Order, OrderLine, PurchaseOrder, Shipment, UnitIdentity
from backhaul.domain.receiving import ParcelEvent, ParcelStatus
from backhaul.domain.settlement import CreditMemo, Deduction, RepairOrder, Replacement
from backhaul.domain.trade import Account, Contact, Facility, InventoryBalance, Item, Supplier

__all__ = [
    "DROP_OFF",
    "FREIGHT",
    "Booked",
    "BookedRma",
    "Carrier",
    "CarrierLabel",
    "CarrierSimulation",
    "CreditRequest",
    "DropOff",
    "ErpReads",
    "ErpWrites",
    "GoodsReceipt",
    "LabelRequest",
    "Letter",
    "Mispick",
    "Notifier",
    "Pickup",
    "PickupRequest",
    "PickupWindow",
    "Rate",
    "RepairRequest",
    "ReplacementRequest",
    "ReturnNotice",
    "RmaLineRequest",
    "RmaRequest",
    "StockMove",
    "SupplierDesk",
    "VendorCredit",
    "Warehouse",
]


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
    def rma_by_key(self, key: str) -> BookedRma | None: ...
    def credit_memos(self, order_number: str) -> Sequence[CreditMemo]:
        """Credits posted on the order, oldest first, also those made in the ERP directly."""
        ...

    def deductions(self, account_id: str) -> Sequence[Deduction]:
        """What the account short-paid and nobody has matched with a credit yet, oldest first."""
        ...

    def stock_moves(self, sku: str, *, since: date | None = None) -> Sequence[StockMove]:
        """Moves of an article's stock, oldest first: the genealogy of lots and serials."""
        ...

    def booked_under(self, key: str) -> Booked | None:
        """What a write with that key left in the books: the effect is read back with it."""
        ...

    def returns_on(self, order_number: str) -> Sequence[BookedRma]:
        """All RMAs booked on the order, also those made in the ERP directly; cancelled ones included."""
        ...


class ErpWrites(Protocol):
    """What only the worker may do. The ERP itself refuses more than the returnable quantity."""

    def create_rma(self, request: RmaRequest, *, key: str) -> BookedRma: ...
    def cancel_rma(self, number: str, *, key: str) -> BookedRma: ...
    def close_rma(self, number: str, *, key: str) -> BookedRma:
        """Free the pieces and serials that did not come; what was received stays returned.

        Rejected when the RMA is cancelled, or when nothing was received on it.
        """
        ...

    def order_replacement(self, request: ReplacementRequest, *, key: str) -> Replacement: ...
    def replacement_by_key(self, key: str) -> Replacement | None: ...
    def receive_goods(self, receipt: GoodsReceipt, *, key: str) -> str:
        """Put goods into quarantine; the number of the receipt."""
        ...

    def match_receipt(self, receipt_number: str, rma_number: str, *, key: str) -> str:
        """Say whose goods they are that were received without papers; the number of the receipt.

        Rejected when the RMA is cancelled or expects fewer pieces, or when they belong to another.
        """
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


class Notifier(Protocol):
    """Sends letters; the same key is sent once."""

    def send(self, letter: Letter, *, key: str) -> None: ...
