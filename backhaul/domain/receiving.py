"""From the carrier's van to the shelf: parcel events, receipt, inspection, grade, disposition."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ParcelStatus(StrEnum):
    """What a carrier tells about a parcel."""

    LABEL_CREATED = "label_created"
    DROPPED_OFF = "dropped_off"
    IN_TRANSIT = "in_transit"
    DELIVERED = "delivered"
    EXCEPTION = "exception"
    VOIDED = "voided"


@dataclass(frozen=True, slots=True)
class ParcelEvent:
    """One scan. `event_id` is the carrier's own and makes a repeated delivery of the event harmless."""

    event_id: str
    tracking_number: str
    status: ParcelStatus
    at: datetime
    place: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the dock counted against an RMA; surplus and unannounced goods have `rma_id` None."""

    receipt_id: str
    rma_id: str | None
    facility_id: str
    sku: str
    quantity: int
    serials: tuple[str, ...]
    received_at: datetime
    received_by: str


class Grade(StrEnum):
    """Condition found, from A (as new) to F (unusable)."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    F = "F"


@dataclass(frozen=True, slots=True)
class Inspection:
    """What an inspector found."""

    inspection_id: str
    receipt_id: str
    grade: Grade
    findings: tuple[str, ...]
    inspected_at: datetime
    inspected_by: str


class Disposition(StrEnum):
    """What becomes of the goods."""

    RESTOCK = "restock"
    B_STOCK = "b_stock"
    REPAIR = "repair"
    RETURN_TO_VENDOR = "return_to_vendor"
    SCRAP = "scrap"
    RETURN_TO_CUSTOMER = "return_to_customer"
