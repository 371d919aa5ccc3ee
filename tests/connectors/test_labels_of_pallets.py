"""The bill of lading and the pallets' labels: every code on them scans and says what it should."""

import io
from dataclasses import replace
from datetime import UTC, date, datetime

import pypdfium2
import pytest

from backhaul.connectors.embedded.carrier import EmbeddedCarrier
from backhaul.connectors.embedded.carrier_tariff import pickup_window
from backhaul.connectors.embedded.gs1 import check_digit, is_sscc, shipment_number
from backhaul.connectors.embedded.label_print import render_png
from backhaul.domain.errors import BadInput, ConnectorRejected
from backhaul.domain.receiving import ParcelStatus
from tests.connectors.test_contract_carrier import HARBOR, PALLETS
from tests.connectors.test_labels import scanned


def pages_of(pdf: bytes) -> list[bytes]:
    """Each page as a file of its own."""
    document, files = pypdfium2.PdfDocument(pdf), []
    for number in range(len(document)):
        one = pypdfium2.PdfDocument.new()
        one.import_pages(document, [number])
        buffer = io.BytesIO()
        one.save(buffer)
        files.append(buffer.getvalue())
        one.close()
    document.close()
    return files


def test_the_driver_scans_the_bill_and_the_dock_each_pallet_from_two_sides(kestrel: EmbeddedCarrier) -> None:
    booked = kestrel.book_pickup(PALLETS, key="k1")
    bill, *labels = (set(scanned(render_png(page))) for page in pages_of(booked.label.pdf))

    number, (first, second) = booked.bill_of_lading, booked.handling_units
    assert bill == {f"(402){number}", number}
    postal = "(420)43217"
    assert labels == [{f"(00){sscc}", postal, number} for sscc in (first, first, second, second)]
    assert set(scanned(booked.label.qr_png)) == {number}
    assert booked.label.zpl.count(b"^XA") == 5


def test_the_numbers_of_a_pickup_are_true_gs1_numbers(kestrel: EmbeddedCarrier) -> None:
    booked = kestrel.book_pickup(PALLETS, key="k1")

    assert all(map(is_sscc, booked.handling_units))
    assert check_digit(booked.bill_of_lading[:-1]) == int(booked.bill_of_lading[-1])
    with pytest.raises(BadInput, match="does not fit"):
        shipment_number(10**9)


def test_a_bill_with_more_pallets_than_it_can_list_says_so(kestrel: EmbeddedCarrier) -> None:
    booked = kestrel.book_pickup(replace(PALLETS, handling_units=12, weight_grams=4_000_000), key="k1")

    assert b"and 2 more" in booked.label.zpl


@pytest.mark.parametrize(
    ("ready_on", "day"),
    [
        (date(2026, 3, 20), date(2026, 3, 20)),
        (date(2026, 3, 21), date(2026, 3, 23)),
        (date(2026, 3, 22), date(2026, 3, 23)),
    ],
)
def test_a_driver_comes_on_working_days(ready_on: date, day: date) -> None:
    window = pickup_window("Kestrel Freight", ready_on)

    assert window is not None
    assert window.day == day
    assert pickup_window("Overland Parcel", ready_on) is None


def test_a_pickup_cannot_be_taken_back_once_the_driver_was_there(kestrel: EmbeddedCarrier) -> None:
    booked = kestrel.book_pickup(PALLETS, key="k1")
    at = datetime(2026, 3, 20, 14, tzinfo=UTC)
    fetched = kestrel.report(booked.label.tracking_number, ParcelStatus.DROPPED_OFF, at=at)

    assert fetched.place == HARBOR.city
    with pytest.raises(ConnectorRejected, match="handed in already"):
        kestrel.void_label(booked.label.tracking_number, key="v1")
