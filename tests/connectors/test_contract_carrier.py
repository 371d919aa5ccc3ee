"""What every carrier behind the port must do."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from backhaul.connectors.ports import FREIGHT, LabelRequest, PickupRequest
from backhaul.domain.errors import ConnectorRejected
from backhaul.domain.trade import Address

HARBOR = Address("Harbor Mechanical", "418 Pier Street", "Portland", "ME", "04101")
COLUMBUS = Address("Halden Columbus", "2150 Rickenbacker Parkway", "Columbus", "OH", "43217")
HONOLULU = Address("Aloha Ice & Cold Storage", "1130 Nimitz Highway", "Honolulu", "HI", "96817")
PARCEL = LabelRequest(
    reference="RA-1",
    ship_from=HARBOR,
    ship_to=COLUMBUS,
    weight_grams=2_400,
    ship_by=date(2026, 4, 17),
    hazmat=False,
)
PALLETS = PickupRequest(
    reference="RA-1",
    ship_from=HARBOR,
    ship_to=COLUMBUS,
    weight_grams=640_000,
    handling_units=2,
    ready_on=date(2026, 3, 20),
    ship_by=date(2026, 4, 17),
    hazmat=False,
)


class TestCarrier:
    def test_rates_come_cheapest_first_and_the_label_costs_the_cheapest(
        self, carrier_under_test: Any
    ) -> None:
        rates = carrier_under_test.rates(PARCEL)
        label = carrier_under_test.buy_label(PARCEL, key="k1")

        prices = [rate.cost.minor for rate in rates]
        assert len(rates) > 1
        assert prices == sorted(prices)
        assert (label.cost, label.service, label.carrier) == (
            rates[0].cost,
            rates[0].service,
            carrier_under_test.name,
        )

    def test_a_heavier_parcel_costs_more(self, carrier_under_test: Any) -> None:
        light = carrier_under_test.rates(PARCEL)[0].cost
        heavy = carrier_under_test.rates(replace(PARCEL, weight_grams=20_000))[0].cost

        assert light < heavy

    def test_a_place_that_is_not_served_has_no_rates_and_gets_no_label(self, carrier_under_test: Any) -> None:
        far_away = replace(PARCEL, ship_from=HONOLULU)

        assert len(carrier_under_test.rates(far_away)) == 0
        with pytest.raises(ConnectorRejected, match="no service from HI 96817"):
            carrier_under_test.buy_label(far_away, key="k1")
        assert carrier_under_test.label_by_key("k1") is None

    def test_the_same_key_buys_one_label(self, carrier_under_test: Any) -> None:
        first = carrier_under_test.buy_label(PARCEL, key="k1")

        assert carrier_under_test.buy_label(PARCEL, key="k1") == first
        assert carrier_under_test.label_by_key("k1") == first

    def test_another_key_buys_another_label(self, carrier_under_test: Any) -> None:
        labels = [carrier_under_test.buy_label(PARCEL, key=key) for key in ("k1", "k2")]

        for numbers in zip(
            *[(one.tracking_number, one.sscc, one.drop_off_code) for one in labels], strict=True
        ):
            assert len(set(numbers)) == 2

    def test_another_parcel_under_the_same_key_is_rejected(self, carrier_under_test: Any) -> None:
        carrier_under_test.buy_label(PARCEL, key="k1")

        with pytest.raises(ConnectorRejected, match="k1"):
            carrier_under_test.buy_label(replace(PARCEL, weight_grams=9_000), key="k1")

    def test_a_label_has_its_prints(self, carrier_under_test: Any) -> None:
        label = carrier_under_test.buy_label(PARCEL, key="k1")

        assert label.pdf.startswith(b"%PDF")
        assert label.png.startswith(b"\x89PNG")
        assert label.qr_png.startswith(b"\x89PNG")
        assert label.zpl.startswith(b"^XA")
        assert label.tracking_number.encode() in label.zpl

    def test_voiding_twice_is_voiding_once(self, carrier_under_test: Any) -> None:
        label = carrier_under_test.buy_label(PARCEL, key="k1")

        carrier_under_test.void_label(label.tracking_number, key="v1")
        carrier_under_test.void_label(label.tracking_number, key="v1")

        voided = [event for event in carrier_under_test.events() if event.status == "voided"]
        assert [event.tracking_number for event in voided] == [label.tracking_number]

    def test_a_label_nobody_bought_cannot_be_voided(self, carrier_under_test: Any) -> None:
        with pytest.raises(ConnectorRejected, match="no label"):
            carrier_under_test.void_label("BHL00000000000", key="v1")

    def test_counters_near_the_customer_come_nearest_first(self, carrier_under_test: Any) -> None:
        found = carrier_under_test.drop_offs("04101")

        distances = [point.kilometres for point in found]
        assert found
        assert distances == sorted(distances)
        assert {point.address.state for point in found} == {"ME"}

    def test_where_the_carrier_does_not_go_there_is_no_counter(self, carrier_under_test: Any) -> None:
        for postal_code in ("96817", "99503", "", "not a code"):
            assert len(carrier_under_test.drop_offs(postal_code)) == 0

    def test_pallets_are_fetched_where_there_is_a_rate_and_rejected_where_there_is_none(
        self, carrier_under_test: Any
    ) -> None:
        for request in (PALLETS, replace(PALLETS, ship_from=HONOLULU), replace(PALLETS, hazmat=True)):
            key = f"{request.ship_from.state}-{request.hazmat}"
            if carrier_under_test.pickup_rates(request):
                assert carrier_under_test.book_pickup(request, key=key).label.service == FREIGHT
            else:
                with pytest.raises(ConnectorRejected, match="not fetched"):
                    carrier_under_test.book_pickup(request, key=key)
                assert carrier_under_test.pickup_by_key(key) is None


class TestCarrierThatFetches:
    def test_a_pickup_has_a_window_a_bill_of_lading_and_an_sscc_for_each_pallet(
        self, fetching_carrier_under_test: Any
    ) -> None:
        booked = fetching_carrier_under_test.book_pickup(PALLETS, key="k1")

        assert PALLETS.ready_on <= booked.window.day <= PALLETS.ship_by
        assert booked.window.opens < booked.window.closes
        assert len(set(booked.handling_units)) == 2
        assert booked.label.sscc == booked.handling_units[0]
        assert booked.label.cost == fetching_carrier_under_test.pickup_rates(PALLETS)[0].cost
        assert booked.bill_of_lading.encode() in booked.label.zpl
        assert booked.label.tracking_number.encode() in booked.label.zpl

    def test_the_same_key_books_one_pickup(self, fetching_carrier_under_test: Any) -> None:
        booked = fetching_carrier_under_test.book_pickup(PALLETS, key="k1")

        assert fetching_carrier_under_test.book_pickup(PALLETS, key="k1") == booked
        assert fetching_carrier_under_test.pickup_by_key("k1") == booked
        assert fetching_carrier_under_test.label_by_key("k1") is None
        with pytest.raises(ConnectorRejected, match="k1"):
            fetching_carrier_under_test.book_pickup(replace(PALLETS, handling_units=3), key="k1")

    def test_heavier_pallets_cost_more(self, fetching_carrier_under_test: Any) -> None:
        light, heavy = (
            fetching_carrier_under_test.pickup_rates(replace(PALLETS, weight_grams=grams))[0].cost
            for grams in (100_000, 900_000)
        )

        assert light < heavy

    def test_nobody_comes_after_the_last_day(self, fetching_carrier_under_test: Any) -> None:
        with pytest.raises(ConnectorRejected, match="cannot be fetched by"):
            fetching_carrier_under_test.book_pickup(replace(PALLETS, ship_by=date(2026, 3, 18)), key="k1")

    def test_a_pickup_is_taken_back_like_a_label(self, fetching_carrier_under_test: Any) -> None:
        booked = fetching_carrier_under_test.book_pickup(PALLETS, key="k1")

        fetching_carrier_under_test.void_label(booked.label.tracking_number, key="v1")

        assert fetching_carrier_under_test.events()[-1].status == "voided"
