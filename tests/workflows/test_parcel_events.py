"""Carrier events: polled or told, late, twice, out of order, for void labels and for none we know."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backhaul.connectors import webhooks
from backhaul.domain.audit import Tag
from backhaul.domain.parcel import NOT_SCANNED, Scan, of_parcel
from backhaul.domain.receiving import ParcelEvent, ParcelStatus
from backhaul.store import cases, conversation, parcels, reviews, rmas
from backhaul.store.audit import events
from backhaul.store.effect_tables import LabelRow, RmaRow
from backhaul.store.house_tables import InboxEventRow, LetterRow
from backhaul.store.news import expected_rmas
from backhaul.workflows.parcels import take_parcel_events
from tests.house import House
from tests.workflows.test_closing import a_return, days_pass

pytestmark = pytest.mark.bypass
OVERLAND = "overland-parcel"
SCANNED = sorted(set(ParcelStatus) - NOT_SCANNED)


def label_of(house: House, rma_id: str) -> LabelRow:
    with house.store.read() as uow:
        label = rmas.live_label(uow, rma_id)
    assert label is not None
    return label


def rma_of(house: House, rma_id: str) -> RmaRow:
    with house.store.read() as uow:
        return rmas.rma(uow, rma_id)


def tell(house: House, event: ParcelEvent, carrier: str = OVERLAND) -> None:
    """As the doors do with a signed message."""
    with house.store.begin() as uow:
        house.engine.start(
            uow,
            workflow="carrier-event",
            workflow_id=f"event-{carrier}-{event.event_id}",
            args=[carrier, webhooks.written(event)],
        )


def scan(house: House, label: LabelRow, status: str, *, hours: int = 0) -> ParcelEvent:
    carrier: Any = house.world.carriers[0]
    at = house.store.clock.now() + timedelta(hours=hours)
    found: ParcelEvent = carrier.report(label.tracking_number, ParcelStatus(status), at=at)
    return found


def told(house: House, rma: RmaRow) -> list[str]:
    with house.store.read() as uow:
        thread = cases.case(uow, rma.case_id).thread_id
        return [str(one.payload["status"]) for one in conversation.events_after(uow, thread, 0, ["parcel"])]


def whys(house: House, rma: RmaRow) -> list[str]:
    with house.store.read() as uow:
        return [one.why for one in reviews.reviews_of_case(uow, rma.case_id)]


def recorded(house: House, tag: Tag = Tag.PARCEL_MOVED) -> list[str]:
    with house.store.read() as uow:
        return [str(one.facts["event"]) for one in events(uow, tag=tag)]


def test_an_event_that_is_told_and_read_counts_once(house: House) -> None:
    rma = a_return(house)
    first = scan(house, label_of(house, rma.id), "dropped_off")
    tell(house, first)
    tell(house, first)
    second = scan(house, label_of(house, rma.id), "in_transit", hours=2)

    taken = take_parcel_events(house.world)
    tell(house, second)

    assert taken == 2, "the label itself and the second scan"
    assert told(house, rma) == ["dropped_off", "in_transit"]
    assert recorded(house) == [first.event_id, second.event_id]


def test_what_a_carrier_told_by_itself_hides_nothing_it_did_not_tell(sqlite_house: House) -> None:
    rma = a_return(sqlite_house)
    label = label_of(sqlite_house, rma.id)
    untold = scan(sqlite_house, label, "dropped_off")
    tell(sqlite_house, scan(sqlite_house, label, "in_transit", hours=3))

    take_parcel_events(sqlite_house.world)

    assert untold.event_id in recorded(sqlite_house)


def test_an_older_scan_that_comes_late_is_recorded_and_changes_nothing(house: House) -> None:
    rma = a_return(house)
    label = label_of(house, rma.id)
    tell(house, scan(house, label, "delivered", hours=30))
    tell(house, scan(house, label, "in_transit", hours=10))

    assert rma_of(house, rma.id).parcel == "delivered"
    assert told(house, rma) == ["delivered"]
    assert len(recorded(house)) == 2


@dataclass
class Fresh:
    """One return whose parcel is forgotten before each example; events get names of their own."""

    house: House
    rma: RmaRow
    label: LabelRow
    start: datetime
    names: "count[int]"

    def forget(self) -> None:
        with self.house.store.begin() as uow:
            uow.session.execute(sa.update(LabelRow).values(parcel=None, scanned_at=None, scan_id=None))
            uow.session.execute(sa.update(RmaRow).values(parcel=None, state="labelled"))
            uow.session.execute(sa.delete(InboxEventRow))


@pytest.fixture
def fresh(sqlite_house: House) -> Fresh:
    rma = a_return(sqlite_house)
    now = sqlite_house.store.clock.now()
    return Fresh(sqlite_house, rma, label_of(sqlite_house, rma.id), now, count())


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(st.tuples(st.sampled_from(SCANNED), st.integers(0, 5)), min_size=1, max_size=6),
    chance=st.randoms(use_true_random=False),
)
def test_any_order_and_repetition_of_events_ends_alike_with_one_record_each(
    fresh: Fresh, steps: list[tuple[ParcelStatus, int]], chance: Any
) -> None:
    fresh.forget()
    sent = [
        ParcelEvent(
            f"p{next(fresh.names):06}",
            fresh.label.tracking_number,
            status,
            fresh.start + timedelta(hours=hours),
            "Dayton",
        )
        for status, hours in steps
    ]
    heard = [*sent, *chance.choices(sent, k=chance.randint(0, 4))]
    chance.shuffle(heard)

    for event in heard:
        tell(fresh.house, event)

    stands = of_parcel(Scan(one.status, one.at, one.event_id) for one in sent)
    assert stands is not None
    assert rma_of(fresh.house, fresh.rma.id).parcel == stands.status
    assert label_of(fresh.house, fresh.rma.id).scan_id == stands.event_id
    names = {one.event_id for one in sent}
    assert sorted(one for one in recorded(fresh.house) if one in names) == sorted(names)


def test_a_refused_parcel_leaves_the_return_open_and_the_customer_is_told_and_reminded(house: House) -> None:
    rma = a_return(house)
    label = label_of(house, rma.id)
    for hours, status in enumerate(("dropped_off", "in_transit", "refused")):
        scan(house, label, status, hours=hours)
    take_parcel_events(house.world)

    assert rma_of(house, rma.id).state == "labelled"
    assert told(house, rma)[-1] == "refused"

    days_pass(house, 6)
    days_pass(house, 1)

    with house.store.read() as uow:
        letters = uow.session.scalars(sa.select(LetterRow).where(LetterRow.key.contains(":refused"))).all()
    assert [one.subject for one in letters] == [
        f"Your return {rma.erp_number}: the parcel is coming back to you"
    ]


def test_a_return_that_was_refused_on_its_last_day_does_not_expire_the_next(sqlite_house: House) -> None:
    rma = a_return(sqlite_house)
    left = (rma.return_by - sqlite_house.store.clock.now().date()).days
    days_pass(sqlite_house, left)
    scan(sqlite_house, label_of(sqlite_house, rma.id), "refused")
    take_parcel_events(sqlite_house.world)

    days_pass(sqlite_house, 2)
    assert rma_of(sqlite_house, rma.id).state == "labelled"


def test_a_second_attempt_at_the_dock_counts_after_a_refusal(sqlite_house: House) -> None:
    rma = a_return(sqlite_house)
    label = label_of(sqlite_house, rma.id)
    scan(sqlite_house, label, "refused")
    scan(sqlite_house, label, "delivered", hours=20)
    take_parcel_events(sqlite_house.world)

    assert rma_of(sqlite_house, rma.id).parcel == "delivered"
    days_pass(sqlite_house, 6)
    with sqlite_house.store.read() as uow:
        assert not uow.session.scalars(sa.select(LetterRow).where(LetterRow.key.contains(":refused"))).all()


def test_a_parcel_after_expiry_is_expected_at_the_dock_again(house: House) -> None:
    rma = a_return(house)
    label = label_of(house, rma.id)
    days_pass(house, 40)
    assert rma_of(house, rma.id).state == "expired"
    assert house.world.warehouse.expected(rma.facility_id) == ()

    tell(house, scan(house, label, "in_transit"))
    tell(house, scan(house, label, "delivered", hours=5))

    assert rma_of(house, rma.id).state == "in_transit"
    assert [one.reference for one in house.world.warehouse.expected(rma.facility_id)] == [rma.id]
    with house.store.read() as uow:
        assert [one.id for one in expected_rmas(uow)] == [rma.id]
    assert whys(house, rma) == [], "nobody has to look at a late parcel before it is here"


def test_a_parcel_under_a_label_that_was_replaced_is_recorded_and_somebody_looks_once(
    sqlite_house: House,
) -> None:
    rma = a_return(sqlite_house)
    first = label_of(sqlite_house, rma.id)
    with sqlite_house.store.begin() as uow:
        sqlite_house.engine.start(
            uow, workflow="reprint-label", workflow_id="again", args=[rma.id, "contact:C-1001-1"]
        )

    scan(sqlite_house, first, "in_transit")
    scan(sqlite_house, first, "delivered", hours=9)
    take_parcel_events(sqlite_house.world)

    assert rma_of(sqlite_house, rma.id).parcel == "delivered"
    assert len(whys(sqlite_house, rma)) == 1
    assert f"{first.tracking_number}, which was voided" in whys(sqlite_house, rma)[0]


def test_a_parcel_nobody_knows_is_kept_for_a_person_until_somebody_settles_it(house: House) -> None:
    stray = ParcelEvent("x-1", "BHL99999999990", ParcelStatus.IN_TRANSIT, house.store.clock.now(), "Akron")
    later = replace(stray, event_id="x-2", status=ParcelStatus.DELIVERED, at=stray.at + timedelta(days=1))
    for event in (later, stray, stray):
        tell(house, event)

    with house.store.read() as uow:
        (row,) = parcels.strays(uow)
    assert (row.tracking_number, row.parcel) == ("BHL99999999990", "delivered")
    assert recorded(house, Tag.PARCEL_STRAY) == ["x-2", "x-1"]
    with house.store.begin() as uow:
        parcels.settle_stray(uow, row.source, row.tracking_number, user_id="U-1")
        parcels.settle_stray(uow, row.source, row.tracking_number, user_id="U-2")
    with house.store.read() as uow:
        assert parcels.strays(uow) == []
        assert len(events(uow, tag=Tag.STRAY_SETTLED)) == 1


@pytest.mark.parametrize(
    ("carrier", "event", "check"),
    [
        ("nobody", {}, "no such carrier"),
        (OVERLAND, {"event_id": "e", "status": "delivered"}, "not a scan"),
    ],
)
def test_a_forged_event_does_nothing(
    sqlite_house: House, carrier: str, event: dict[str, Any], check: str
) -> None:
    with sqlite_house.store.begin() as uow:
        sqlite_house.engine.start(uow, workflow="carrier-event", workflow_id="f", args=[carrier, event])

    assert sqlite_house.engine.results["f"] == {"state": "refused", "refused": check}


def test_nobody_makes_the_dock_expect_a_return_that_is_not_late(sqlite_house: House) -> None:
    rma = a_return(sqlite_house)
    for subject in (rma.id, "RA-NONE"):
        with sqlite_house.store.begin() as uow:
            sqlite_house.engine.start(uow, workflow="late-parcel", workflow_id=f"l-{subject}", args=[subject])
        assert sqlite_house.engine.results[f"l-{subject}"]["refused"] == "no late parcel"
