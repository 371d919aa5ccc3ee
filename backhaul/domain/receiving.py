"""From the carrier's van to the shelf: parcel events, receipt, inspection, grade, disposition."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

RECEIPT_PREFIX = "DR"
"""Dock receipt: what ids of ours begin with. The ERP numbers its goods receipts itself, and RC is a case."""

DISPOSITION_PREFIX = "DI"
"""What ids of dispositions begin with: the subject of an effect is told by it"""


class ParcelStatus(StrEnum):
    """What a carrier tells about a parcel, or about the pallets of one pickup."""

    LABEL_CREATED = "label_created"
    DROPPED_OFF = "dropped_off"
    """The carrier has it: handed in at a counter, or picked up"""
    IN_TRANSIT = "in_transit"
    DELIVERED = "delivered"
    """At our dock. What was carried back to its sender is `refused`, however the carrier calls that."""
    EXCEPTION = "exception"
    REFUSED = "refused"
    """The dock did not take it in; the carrier carries it back to the sender"""
    VOIDED = "voided"


@dataclass(frozen=True, slots=True)
class ParcelEvent:
    """One scan. `event_id` is the carrier's own and makes a repeated delivery of the event harmless."""

    event_id: str
    tracking_number: str
    status: ParcelStatus
    at: datetime
    place: str


class ReceiptKind(StrEnum):
    """What the dock found when it opened a parcel. `surplus` is told by the count, never by a person."""

    EXPECTED = "expected"
    WRONG_ITEM = "wrong_item"
    WRONG_SERIAL = "wrong_serial"
    EMPTY_BOX = "empty_box"
    REFUSED = "refused"
    UNANNOUNCED = "unannounced"
    SURPLUS = "surplus"


class ReceiptState(StrEnum):
    """Where a receipt stands: counted by a person, then booked by the worker, or waiting for its match."""

    COUNTED = "counted"
    BOOKED = "booked"
    UNMATCHED = "unmatched"
    HELD = "held"
    """A person looks first: the box was empty, or not what was announced"""
    REFUSED = "refused"
    SENT_BACK = "sent_back"
    """No return claimed it, and it left for its sender"""
    NOTHING = "nothing"
    """The box was empty, and its return was ended"""


class Grade(StrEnum):
    """Condition found, from A (as new) to D (not to be sold as it is)."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"


class Finding(StrEnum):
    """Whether the inspection bears the customer's reason out. `none` before an inspection."""

    NONE = "none"
    CONFIRMED = "confirmed"
    DIFFERS = "differs"
    UNCLEAR = "unclear"


class Disposition(StrEnum):
    """What becomes of the goods. `none` before anybody settled on one."""

    NONE = "none"
    RESTOCK = "restock"
    B_STOCK = "b_stock"
    REPAIR = "repair"
    RETURN_TO_VENDOR = "return_to_vendor"
    SCRAP = "scrap"
    RETURN_TO_CUSTOMER = "return_to_customer"
