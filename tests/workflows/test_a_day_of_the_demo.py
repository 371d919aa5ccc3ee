"""The demo's next day: one day and one scan a parcel, however often and from wherever it is asked for."""

from collections import Counter
from threading import Thread
from typing import Any

from backhaul.cli.demo import day_after
from backhaul.domain.receiving import ParcelStatus
from backhaul.store import cases, conversation, rmas
from backhaul.workflows.parcels import take_parcel_events
from tests.house import House
from tests.workflows.test_closing import a_return


def scans(house: House) -> Counter[str]:
    found = Counter(one.status.value for one in house.world.carriers[0].events())
    found.pop("label_created")
    return found


def told(house: House, rma_id: str) -> list[str]:
    with house.store.read() as uow:
        thread = cases.case(uow, rmas.rma(uow, rma_id).case_id).thread_id
        return [str(one.payload["status"]) for one in conversation.events_after(uow, thread, 0, ["parcel"])]


def test_three_clicks_at_once_are_one_day_and_one_scan(house: House) -> None:
    rma = a_return(house)
    click, today = day_after(house.settings, house.store), house.store.clock.now().date()

    clicks = [Thread(target=click, args=(today,)) for _ in range(3)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()
    take_parcel_events(house.world)

    assert (house.store.clock.now().date() - today).days == 1
    assert scans(house) == {"dropped_off": 1}
    assert told(house, rma.id) == ["dropped_off"]


def test_days_that_pass_before_the_worker_reads_a_scan_still_move_the_parcel_on(sqlite_house: House) -> None:
    rma = a_return(sqlite_house)
    click = day_after(sqlite_house.settings, sqlite_house.store)

    for _ in range(4):
        click(sqlite_house.store.clock.now().date())
    take_parcel_events(sqlite_house.world)

    assert scans(sqlite_house) == {"dropped_off": 1, "in_transit": 1, "delivered": 1}
    assert told(sqlite_house, rma.id) == ["dropped_off", "in_transit", "delivered"]


def test_a_scan_that_comes_twice_or_late_is_no_news(sqlite_house: House) -> None:
    rma = a_return(sqlite_house)
    with sqlite_house.store.read() as uow:
        label = rmas.live_label(uow, rma.id)
    assert label is not None
    carrier: Any = sqlite_house.world.carriers[0]
    for status in ("dropped_off", "dropped_off", "delivered", "dropped_off", "delivered"):
        carrier.report(label.tracking_number, ParcelStatus(status), at=sqlite_house.store.clock.now())

    take_parcel_events(sqlite_house.world)

    assert told(sqlite_house, rma.id) == ["dropped_off", "delivered"]
    with sqlite_house.store.read() as uow:
        assert rmas.rma(uow, rma.id).parcel == "delivered"
