"""What the embedded carrier promises beyond the port: its tariff, its numbers, and the simulation."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from backhaul.connectors.embedded.carrier import OVERLAND, EmbeddedCarrier
from backhaul.connectors.embedded.carrier_tariff import drop_offs, rates
from backhaul.connectors.embedded.erp_reads import EmbeddedErpReads
from backhaul.connectors.embedded.gs1 import is_sscc, is_tracking_number
from backhaul.connectors.ports import LabelRequest
from backhaul.domain.clock import MovedClock
from backhaul.domain.errors import ConnectorRejected
from backhaul.domain.receiving import ParcelStatus
from backhaul.domain.trade import Address

HARBOR = Address("Harbor Mechanical", "418 Pier Street", "Portland", "ME", "04101")
COLUMBUS = Address("Halden Columbus", "2150 Rickenbacker Parkway", "Columbus", "OH", "43217")
RENO = Address("Halden Reno", "1475 Vista Boulevard", "Sparks", "NV", "89434")
PARCEL = LabelRequest("RA-1", HARBOR, COLUMBUS, 2_400, date(2026, 4, 17), hazmat=False)
AT = datetime(2026, 3, 20, 9, 30, tzinfo=UTC)


@pytest.fixture
def fallback(tmp_path: Path, clock: MovedClock) -> Iterator[EmbeddedCarrier]:
    carrier = EmbeddedCarrier(tmp_path / "fallback.db", clock, name="Ridgeline Freight")
    yield carrier
    carrier.close()


def test_the_price_is_the_one_printed_in_the_tariff(carrier: EmbeddedCarrier) -> None:
    # Portland to Columbus is zone 5: 10.10 for the first kilogram and 1.15 for each of two more.
    ground, select = carrier.rates(PARCEL)

    assert (ground.service, str(ground.cost), ground.days) == ("Ground Return", "12.40 USD", 4)
    assert (select.service, str(select.cost), select.days) == ("Select Return", "26.20 USD", 2)


def test_a_longer_way_costs_more_and_takes_longer(carrier: EmbeddedCarrier) -> None:
    near, far = carrier.rates(PARCEL)[0], carrier.rates(replace(PARCEL, ship_to=RENO))[0]

    assert near.cost < far.cost
    assert near.days < far.days


def test_dangerous_goods_go_by_ground_only_and_cost_extra(carrier: EmbeddedCarrier) -> None:
    (only,) = carrier.rates(replace(PARCEL, hazmat=True))

    assert only.service == "Ground Return"
    assert str(only.cost - carrier.rates(PARCEL)[0].cost) == "14.50 USD"


@pytest.mark.parametrize("weight_grams", [0, -5, 68_001])
def test_a_weight_nobody_carries_is_rejected(carrier: EmbeddedCarrier, weight_grams: int) -> None:
    with pytest.raises(ConnectorRejected, match="is not carried"):
        carrier.buy_label(replace(PARCEL, weight_grams=weight_grams), key="k1")


def test_a_day_that_is_past_is_rejected(carrier: EmbeddedCarrier, clock: MovedClock) -> None:
    clock.advance(days=31)

    with pytest.raises(ConnectorRejected, match="which is past"):
        carrier.buy_label(PARCEL, key="k1")


def test_the_numbers_of_a_label_carry_true_check_digits(carrier: EmbeddedCarrier) -> None:
    label = carrier.buy_label(PARCEL, key="k1")

    assert is_tracking_number(label.tracking_number)
    assert is_sscc(label.sscc)


def test_eight_buyers_with_one_key_get_one_label(carrier: EmbeddedCarrier) -> None:
    with ThreadPoolExecutor(8) as buyers:
        bought = set(buyers.map(lambda _: carrier.buy_label(PARCEL, key="k1").tracking_number, range(8)))

    assert len(bought) == 1
    assert [event.tracking_number for event in carrier.events()] == list(bought)


def test_events_come_in_their_order_and_after_the_one_last_seen(carrier: EmbeddedCarrier) -> None:
    tracking = carrier.buy_label(PARCEL, key="k1").tracking_number
    seen = carrier.events()[-1].event_id
    for hours, status in enumerate(
        (ParcelStatus.DROPPED_OFF, ParcelStatus.IN_TRANSIT, ParcelStatus.DELIVERED)
    ):
        carrier.report(tracking, status, at=AT + timedelta(hours=hours))

    fresh = carrier.events(after=seen)

    assert [event.status.value for event in fresh] == ["dropped_off", "in_transit", "delivered"]
    assert [event.place for event in fresh] == ["Portland", "Portland", "Columbus"]
    assert fresh[0].at == AT
    assert carrier.events(after=fresh[-1].event_id) == ()


def test_a_cursor_nobody_gave_out_is_rejected(carrier: EmbeddedCarrier) -> None:
    with pytest.raises(ConnectorRejected, match="start without one"):
        carrier.events(after="made up")


def test_a_label_cannot_be_voided_once_the_parcel_was_handed_in(carrier: EmbeddedCarrier) -> None:
    tracking = carrier.buy_label(PARCEL, key="k1").tracking_number
    carrier.report(tracking, ParcelStatus.DROPPED_OFF, at=AT)

    with pytest.raises(ConnectorRejected, match="handed in already"):
        carrier.void_label(tracking, key="v1")


def test_a_void_label_is_not_carried(carrier: EmbeddedCarrier) -> None:
    tracking = carrier.buy_label(PARCEL, key="k1").tracking_number
    carrier.void_label(tracking, key="v1")

    with pytest.raises(ConnectorRejected, match="is void"):
        carrier.report(tracking, ParcelStatus.DROPPED_OFF, at=AT)


@pytest.mark.parametrize("status", [ParcelStatus.VOIDED, ParcelStatus.LABEL_CREATED])
def test_what_the_carrier_does_itself_is_no_scan(carrier: EmbeddedCarrier, status: ParcelStatus) -> None:
    tracking = carrier.buy_label(PARCEL, key="k1").tracking_number

    with pytest.raises(ConnectorRejected, match="does not come from a scan"):
        carrier.report(tracking, status, at=AT)


def test_a_second_carrier_has_numbers_of_its_own(carrier: EmbeddedCarrier, fallback: EmbeddedCarrier) -> None:
    ours, theirs = carrier.buy_label(PARCEL, key="k1"), fallback.buy_label(PARCEL, key="k1")

    assert (ours.carrier, theirs.carrier) == (OVERLAND, "Ridgeline Freight")
    assert ours.tracking_number != theirs.tracking_number
    assert ours.sscc != theirs.sscc


def test_labels_outlive_the_process(tmp_path: Path, clock: MovedClock) -> None:
    first = EmbeddedCarrier(tmp_path / "kept.db", clock)
    bought = first.buy_label(PARCEL, key="k1")
    first.close()

    second = EmbeddedCarrier(tmp_path / "kept.db", clock)
    assert second.label_by_key("k1") == bought
    second.close()


def test_all_customers_but_those_in_hawaii_and_alaska_can_ship_to_every_facility(seeded: Path) -> None:
    erp = EmbeddedErpReads(seeded)
    stranded = {
        account.ship_to.state
        for account in erp.accounts()
        for facility in erp.facilities()
        if not rates(OVERLAND, replace(PARCEL, ship_from=account.ship_to, ship_to=facility.address))
    }
    without_counter = {
        account.ship_to.state for account in erp.accounts() if not drop_offs(account.ship_to.postal_code)
    }
    erp.close()

    assert stranded == {"HI", "AK"}
    assert without_counter == {"HI", "AK"}
