"""Where a parcel is said to be follows the carrier's last word, in the chat and beside it."""

from typing import Any

import pytest

from agent.wording import day
from backhaul.domain.promises import settled_by
from backhaul.domain.receiving import Disposition, ParcelStatus
from backhaul.store import cases, rmas
from backhaul.store.business_clock import move_clock
from backhaul.store.effect_tables import RmaRow
from backhaul.workflows.parcels import take_parcel_events
from tests.agent.talking import BEARINGS, issued
from tests.dock import counts, settles
from tests.house import House
from web.chat_status import case_status

pytestmark = pytest.mark.slow  # many ways to ask: kept out of the time of a build


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
        (line,) = case_status(uow, case_id, sees_amounts=True)
    assert line.next_words.startswith(beside)
    step = {"delivered": "Received", "refused": "Label ready"}.get(
        scans[1] if scans[1:] else "", "On its way"
    )
    assert line.steps[line.step or 0] == step


@pytest.mark.parametrize(
    "asked", ["has it reached you yet?", "did the box get to you?", "Any sign of our return?"]
)
def test_it_is_told_to_have_arrived_however_it_is_asked_after(sqlite_house: House, asked: str) -> None:
    thread, _ = issued(sqlite_house, BEARINGS)
    scanned(sqlite_house, thread, "dropped_off", "delivered")

    answer = sqlite_house.say(thread, asked).reply

    assert "has arrived at our warehouse" in answer


def test_after_the_dock_each_stage_is_told_with_its_day(sqlite_house: House) -> None:
    thread, number = issued(sqlite_house, BEARINGS)
    case_id, rma = case_and_rma(sqlite_house, thread)
    by = day(settled_by(sqlite_house.store.clock.now().date()))

    first = counts(sqlite_house, rma, 3)
    assert status(sqlite_house, case_id) == ("Received", "Being checked; settled by", None)
    answer = sqlite_house.say(thread, f"where is {number}?").reply
    assert f"3 of 4 pieces came; the other 1 has until {day(rma.return_by)}." in answer
    assert f"We check it; it is expected to be done by {by}." in answer

    when = sqlite_house.say(thread, "when do I get my credit?").reply
    assert "within 5 business days of their arrival" in when
    assert f"expected to be done by {by}." in when

    settles(sqlite_house, first, Disposition.RESTOCK)
    assert status(sqlite_house, case_id)[:2] == ("Checked", "3 came; send the other 1 by")
    settles(sqlite_house, counts(sqlite_house, rma, 1), Disposition.RESTOCK)

    step, words, memo = status(sqlite_house, case_id)
    assert (step, words) == ("Credited", "Settled")
    answer = sqlite_house.say(thread, f"where is {number}?").reply
    assert "is finished" in answer
    assert f"Credit memos {memo} and " in answer


def test_a_promise_that_was_missed_is_called_so(sqlite_house: House) -> None:
    thread, number = issued(sqlite_house, BEARINGS)
    case_id, rma = case_and_rma(sqlite_house, thread)
    promised = settled_by(sqlite_house.store.clock.now().date())
    counts(sqlite_house, rma, 4)
    with sqlite_house.store.begin() as uow:
        move_clock(uow, seconds=8 * 24 * 3600, actor="test")

    answer = sqlite_house.say(thread, f"where is {number}?").reply

    assert f"That was promised by {day(promised)}, so we are late, and I am sorry." in answer
    assert status(sqlite_house, case_id)[1] == "We are late, and are sorry; this was promised by"


def case_and_rma(house: House, thread: str) -> tuple[str, RmaRow]:
    with house.store.read() as uow:
        (case,) = cases.cases_of_thread(uow, thread)
        (rma,) = rmas.rmas_of_case(uow, case.id)
    return case.id, rma


def status(house: House, case_id: str) -> tuple[str, str, str | None]:
    """The step of the one line, what is next, and its first credit memo."""
    with house.store.read() as uow:
        (line,) = case_status(uow, case_id, sees_amounts=True)
    assert line.step is not None
    return line.steps[line.step], line.next_words, next(iter(line.credits), None)
