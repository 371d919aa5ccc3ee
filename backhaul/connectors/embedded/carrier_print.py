"""What the embedded carrier prints: a parcel's label, or a bill of lading with the labels of its pallets."""

from collections.abc import Sequence

from backhaul.connectors.embedded.gs1 import shipment_number, sscc, tracking_number
from backhaul.connectors.embedded.label_bol import BillOfLading, bill_of_lading
from backhaul.connectors.embedded.label_layout import LabelSpec, layout
from backhaul.connectors.embedded.label_print import (
    page_as_zpl,
    pages_as_pdf,
    render_pdf,
    render_png,
    render_qr_png,
    render_zpl,
)
from backhaul.connectors.ports import CarrierLabel, LabelRequest, Pickup, PickupRequest, PickupWindow, Rate
from backhaul.domain.canonical import digest

_DROP_OFF_CODE_LENGTH = 8
_SSCC_SERIALS = 10**9
_COPIES = 2
"""A pallet is read from two sides."""


def parcel_label(
    rate: Rate, request: LabelRequest, serial: int, key: str, *, prints: bool = True
) -> CarrierLabel:
    """A parcel's label with its prints; the drop-off code can be guessed by nobody who has not the key."""
    tracking = tracking_number(serial)
    spec = LabelSpec(
        ship_from=request.ship_from,
        ship_to=request.ship_to,
        rma_number=request.reference,
        carrier=rate.carrier,
        service=rate.service,
        tracking_number=tracking,
        sscc=sscc(serial % _SSCC_SERIALS),
        drop_off_code=f"{tracking}-{digest((tracking, key))[:_DROP_OFF_CODE_LENGTH].upper()}",
        weight_grams=request.weight_grams,
        ship_by=request.ship_by,
    )
    pdf = render_pdf(spec) if prints else b""
    return CarrierLabel(
        carrier=spec.carrier,
        service=spec.service,
        tracking_number=tracking,
        sscc=spec.sscc,
        drop_off_code=spec.drop_off_code,
        cost=rate.cost,
        pdf=pdf,
        png=render_png(pdf) if prints else b"",
        zpl=render_zpl(spec).encode() if prints else b"",
        qr_png=render_qr_png(spec.drop_off_code) if prints else b"",
    )


def booked_pickup(rate: Rate, request: PickupRequest, window: PickupWindow, serials: Sequence[int]) -> Pickup:
    """A pickup with its prints; the first serial is also that of the shipment."""
    pro, number = tracking_number(serials[0]), shipment_number(serials[0] % _SSCC_SERIALS)
    units = tuple(sscc(serial % _SSCC_SERIALS) for serial in serials)
    paper = BillOfLading(rate.carrier, number, pro, request, window, units)
    labels = [
        layout(_pallet(rate, request, window, pro, number, units, place)) for place in range(len(units))
    ]
    pages = [bill_of_lading(paper), *(page for page in labels for _ in range(_COPIES))]
    pdf = pages_as_pdf(pages)
    label = CarrierLabel(
        carrier=rate.carrier,
        service=rate.service,
        tracking_number=pro,
        sscc=units[0],
        drop_off_code=number,
        cost=rate.cost,
        pdf=pdf,
        png=render_png(pdf),
        zpl="".join(map(page_as_zpl, pages)).encode(),
        qr_png=render_qr_png(number),
    )
    return Pickup(label, number, window, units)


def _pallet(
    rate: Rate,
    request: PickupRequest,
    window: PickupWindow,
    pro: str,
    number: str,
    units: Sequence[str],
    place: int,
) -> LabelSpec:
    return LabelSpec(
        ship_from=request.ship_from,
        ship_to=request.ship_to,
        rma_number=request.reference,
        carrier=rate.carrier,
        service=rate.service,
        tracking_number=pro,
        sscc=units[place],
        drop_off_code=number,
        weight_grams=request.weight_grams // len(units),
        ship_by=window.day,
        references=(f"Bill of lading {number}",),
        pallet=f"Pallet {place + 1} of {len(units)}",
    )
