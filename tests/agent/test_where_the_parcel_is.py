"""Where a parcel is said to be follows the carrier's last word, in the chat and beside it."""

from typing import Any

import pytest

from backhaul.domain.receiving import ParcelStatus
from backhaul.store import cases, rmas
from backhaul.workflows.parcels import take_parcel_events
from tests.agent.talking import BEARINGS, issued
from tests.house import House
from web.chat_view import STEPS, case_status


def scanned(house: House, thread: str, *scans: str) -> str:
    """The carrier scans the one parcel of a conversation, and the worker reads it; the case."""
    with house.store.read() as uow:
        (case,) = cases.cases_of_thread(uow, thread)
        (rma,) = rmas.rmas_of_case(uow, case.id)
        label = rmas.live_label(uow, rma.id)
    assert label is not None
    carrier: Any = house.world.carriers[0]
    for status in scans:
        carrier.report(label.tracking_number, ParcelStatus(status), at=house.store.clock.now())
    take_parcel_events(house.world)
    house.conversation().run_pending(thread)
    return case.id


@pytest.mark.parametrize(
    ("scans", "told", "beside"),
    [
        (["dropped_off"], "was handed in; the carrier has the parcel", "The carrier has the parcel"),
        (["dropped_off", "in_transit"], "is on its way to our warehouse", "The parcel is on its way to us"),
        (["in_transit", "exception"], "is delayed on its way", "The carrier reports a delay"),
        (["in_transit", "delivered"], "has arrived at our warehouse", "The parcel has arrived"),
        (["in_transit", "refused"], "was not taken in at our dock", "Our dock did not take the parcel in"),
        (["in_transit", "delivered", "in_transit"], "has arrived at our warehouse", "The parcel has arrived"),
    ],
)
def test_the_answer_follows_the_last_scan(
    sqlite_house: House, scans: list[str], told: str, beside: str
) -> None:
    thread, number = issued(sqlite_house, BEARINGS)
    case_id = scanned(sqlite_house, thread, *scans)

    answer = sqlite_house.say(thread, "where is my parcel?").reply

    assert f"{number} (" in answer
    assert f"{told}" in answer
    assert "last scan on " in answer
    assert ("on its way" in answer) == ("on its way" in told)
    with sqlite_house.store.read() as uow:
        (line,) = case_status(uow, case_id)
    assert line.next_words.startswith(beside)
    step = {"delivered": "Received", "refused": "Label ready"}.get(
        scans[1] if scans[1:] else "", "On its way"
    )
    assert STEPS[line.step or 0] == step


@pytest.mark.parametrize(
    "asked", ["has it reached you yet?", "did the box get to you?", "Any sign of our return?"]
)
def test_it_is_told_to_have_arrived_however_it_is_asked_after(sqlite_house: House, asked: str) -> None:
    thread, _ = issued(sqlite_house, BEARINGS)
    scanned(sqlite_house, thread, "dropped_off", "delivered")

    answer = sqlite_house.say(thread, asked).reply

    assert "has arrived at our warehouse" in answer
