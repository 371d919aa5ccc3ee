"""Pallets: what is too heavy for a parcel is fetched, in the same stream of events, and can be taken back."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from backhaul.bootstrap.worker import Replaced
from backhaul.connectors.embedded.carrier import EmbeddedCarrier
from backhaul.connectors.embedded.carrier_tariff import KESTREL
from backhaul.connectors.ports import FREIGHT
from backhaul.domain.clock import SystemClock
from backhaul.domain.codes import Reason
from backhaul.domain.receiving import ParcelStatus
from backhaul.store import cases, conversation, parcels, reviews, rmas
from backhaul.store.conversation import Speaker
from backhaul.store.effect_tables import CommandRow, LabelRow, RmaRow
from backhaul.store.house_tables import LetterRow
from backhaul.workflows.attest import attest_confirmed
from backhaul.workflows.parcels import take_parcel_events
from tests.house import House, open_house
from tests.workflows.test_carrier_outage import LOST, SILENT, Line, Lines
from tests.workflows.test_closing import cancels, days_pass

pytestmark = pytest.mark.bypass
SERIALS = ("AE1000-77102", "AE1000-77103")
MOTORS = Speaker("A-1045", "Heartland", "contact:C-1045-1")


def motors_back(house: House, quantity: int = 2) -> RmaRow:
    """Two motors of 66 kg each."""
    sent = house.propose(
        "SO-15074",
        1,
        quantity,
        Reason.ORDERED_BY_MISTAKE,
        words=f"SO-15074: we ordered {quantity} motors by mistake, unopened",
        speaker=MOTORS,
        serials=SERIALS[:quantity],
    )
    with house.store.read() as uow:
        proposal = cases.proposals(uow, consent_id=sent.consent_id)[0]
        rma = rmas.rma_of_proposal(uow, proposal.id)
    assert rma is not None, proposal.state
    return rma


def label_of(house: House, rma_id: str) -> LabelRow:
    with house.store.read() as uow:
        label = rmas.live_label(uow, rma_id)
    assert label is not None
    return label


def news(house: House, rma: RmaRow, kind: str) -> list[dict[str, Any]]:
    with house.store.read() as uow:
        thread = cases.case(uow, rma.case_id).thread_id
        return [dict(one.payload) for one in conversation.events_after(uow, thread, 0, [kind])]


def test_two_motors_are_fetched_and_the_customer_knows_when(house: House) -> None:
    rma = motors_back(house)

    label = label_of(house, rma.id)
    (ready,) = news(house, rma, "label_ready")
    pickup = ready["pickup"]
    assert (label.service, label.carrier, rma.state) == (FREIGHT, KESTREL, "labelled")
    assert (pickup["day"], pickup["handling_units"]) == (label.ship_by.isoformat(), [label.sscc])
    assert label.ship_by > house.store.clock.now().date()
    with house.store.read() as uow:
        letter = uow.session.scalars(sa.select(LetterRow).where(LetterRow.key == f"{rma.id}:issued")).one()
        assert parcels.pickup_of(uow, label) == pickup
    assert f"A driver fetches the goods on {label.ship_by:%d %B %Y} between 13:00 and 17:00" in letter.body
    assert pickup["bill_of_lading"] in letter.body
    assert "hand it in" not in letter.body


def test_one_motor_is_still_a_parcel(sqlite_house: House) -> None:
    rma = motors_back(sqlite_house, quantity=1)

    assert label_of(sqlite_house, rma.id).service != FREIGHT
    assert "pickup" not in news(sqlite_house, rma, "label_ready")[0]


def test_the_pickup_and_what_follows_come_in_the_same_stream(sqlite_house: House) -> None:
    rma = motors_back(sqlite_house)
    kestrel: Any = sqlite_house.world.carriers[1]
    for status in ("exception", "dropped_off", "in_transit", "delivered"):
        kestrel.report(
            label_of(sqlite_house, rma.id).tracking_number,
            ParcelStatus(status),
            at=sqlite_house.store.clock.now(),
        )
    take_parcel_events(sqlite_house.world)

    told = [one["status"] for one in news(sqlite_house, rma, "parcel")]
    assert told == ["exception", "dropped_off", "in_transit", "delivered"]


def test_a_pickup_is_taken_back_before_the_driver_comes(house: House) -> None:
    rma = motors_back(house)
    label = label_of(house, rma.id)

    assert cancels(house, rma.id, "contact:C-1045-1") == {"state": "cancelled"}

    voided = [one for one in house.world.carriers[1].events() if one.status is ParcelStatus.VOIDED]
    assert [one.tracking_number for one in voided] == [label.tracking_number]


def test_a_booked_pickup_is_read_back_from_who_booked_it(sqlite_house: House) -> None:
    rma = motors_back(sqlite_house)

    attest_confirmed(sqlite_house.world)

    with sqlite_house.store.read() as uow:
        booked = uow.session.get(CommandRow, f"{rma.id}:label:1")
    assert booked is not None
    assert booked.attested_at is not None


def test_whose_goods_are_fetched_is_not_reminded_to_hand_them_in(sqlite_house: House) -> None:
    motors_back(sqlite_house)

    for _ in range(3):
        days_pass(sqlite_house, 9)

    with sqlite_house.store.read() as uow:
        assert not uow.session.scalars(sa.select(LetterRow).where(LetterRow.key.endswith(":reminder"))).all()


@pytest.fixture
def lines(seeded_home: Path, reader_cache: Path, tmp_path: Path) -> Iterator[Lines]:
    first = Line(EmbeddedCarrier(tmp_path / "first.db", SystemClock()))
    second = Line(EmbeddedCarrier(tmp_path / "second.db", SystemClock(), name=KESTREL))
    replaced = Replaced(carriers=(first, second))  # type: ignore[arg-type]
    for house in open_house(seeded_home, reader_cache, tmp_path, "", replaced):
        yield Lines(house, first, second)
    first.carrier.close()
    second.carrier.close()


@pytest.mark.parametrize("mode", [SILENT, LOST])
def test_when_nobody_answers_who_fetches_a_person_arranges_it_and_no_driver_comes_unasked(
    lines: Lines, mode: str
) -> None:
    lines.second.mode = mode
    rma = motors_back(lines.house)
    lines.mend()
    lines.time_passes()

    assert lines.labels_in_use(rma.id) == []
    assert lines.labels_that_travel() == set()
    with lines.house.store.read() as uow:
        whys = [one.why for one in reviews.reviews_of_case(uow, rma.case_id)]
    assert any("Kestrel Freight: did not answer" in why for why in whys)
    with lines.house.store.begin() as uow:
        lines.house.engine.start(
            uow, workflow="reprint-label", workflow_id="later", args=[rma.id, "contact:C-1045-1"]
        )
    (used,) = lines.labels_in_use(rma.id)
    assert used.service == FREIGHT
    assert lines.labels_that_travel() == {used.tracking_number}
