"""A parcel is lost, a box is empty, another article went back: the desk ends the return without its goods."""

import pytest

from backhaul.domain.clock import today
from backhaul.domain.receiving import Disposition, ReceiptKind
from backhaul.store import cases, reviews, rmas
from backhaul.store.audit import faults
from backhaul.store.effect_tables import RmaRow
from backhaul.store.leaks import leaks
from backhaul.store.stuck import stuck
from backhaul.store.tables import ReviewRow
from backhaul.workflows.reconcile import reconcile
from tests.agent.talking import last_words
from tests.dock import counts, line_of, receipt, settles, staff_id
from tests.house import House
from tests.stories.test_closed_loop import (
    PARTIAL,
    arrives,
    comes_back,
    is_whole,
    pieces,
    state,
    told,
)
from tests.stories.test_sent_back import DORA, sends_back
from tests.workflows.test_approvals import ARNE, RITA, decide
from tests.workflows.test_closing import days_pass

pytestmark = pytest.mark.slow
"""Whole returns whose goods are late or lost"""

WHY = "The carrier lost the parcel."


def ends(house: House, rma: RmaRow, by: str = RITA, why: str = WHY, attempt: int = 1) -> str:
    """The desk says that what is missing will not come; where the return stands then."""
    with house.store.begin() as uow:
        args = [rma.id, staff_id(house, by), why]
        house.engine.start(uow, workflow="end-return", workflow_id=f"end-{rma.id}-{attempt}", args=args)
    return state(house, rma)


def returnable(house: House) -> int:
    sold = house.world.erp.order_line(PARTIAL.order_number, 1)
    assert sold is not None
    return sold.quantity_returnable


def differences(house: House) -> list[object]:
    row = reconcile(house.store, house.world.erp, house.world.ids, today(house.store.clock))
    return list(row.differences)


def tasks(house: House, rma: RmaRow) -> list[ReviewRow]:
    with house.store.read() as uow:
        found = reviews.reviews_of_case(uow, rma.case_id)
        return [one for one in found if one.state in reviews.OPEN_STATES]


def credited_early(house: House, rma: RmaRow) -> None:
    with house.store.begin() as uow:
        args = [rma.id, line_of(house, rma).line_id, staff_id(house, RITA)]
        house.engine.start(uow, workflow="credit-early", workflow_id="early", args=args)
    (waits,) = tasks(house, rma)
    decide(house, waits.id, ARNE)


def test_a_lost_parcel_ends_its_return_and_the_pieces_can_come_back_later(house: House) -> None:
    before = returnable(house)
    rma = comes_back(house, 4)
    arrives(house, rma)
    assert (state(house, rma), returnable(house)) == ("in_transit", before - 4)

    assert ends(house, rma) == "cancelled"

    assert returnable(house) == before
    assert pieces(house, rma) == {"authorised": 4, "released": 4}
    assert house.engine.results[f"return-{rma.id}"] == {"state": "cancelled"}
    (news,) = told(house, rma, "rma_ended")
    assert (news["goods"], news["why"], news["alone"]) == ([f"4 x {PARTIAL.sku}"], WHY, True)
    assert is_whole(house, rma)
    assert tasks(house, rma) == []
    assert differences(house) == []
    days_pass(house, 60)
    assert told(house, rma, "rma_expired") == []
    assert ends(house, rma, attempt=2) == "cancelled", "a second click ends nothing anew"
    assert len(told(house, rma, "rma_ended")) == 1


def test_the_customer_reads_why(sqlite_house: House) -> None:
    house, rma = sqlite_house, comes_back(sqlite_house, 4)
    arrives(house, rma)
    ends(house, rma)
    with house.store.read() as uow:
        thread = _thread(house, rma)
        number = rmas.rma(uow, rma.id).erp_number

    house.conversation().run_pending(thread)

    said = last_words(house, thread)
    assert f"We have ended your return {number}, because 4 x {PARTIAL.sku} did not reach us" in said
    assert f'A colleague writes: "{WHY}"' in said
    assert "nothing is credited or sent for it" in said


def test_a_label_that_was_never_used_is_taken_back(sqlite_house: House) -> None:
    rma = comes_back(sqlite_house, 4)

    assert ends(sqlite_house, rma) == "cancelled"

    with sqlite_house.store.read() as uow:
        assert rmas.live_label(uow, rma.id) is None


def test_an_empty_box_is_no_longer_held_once_its_return_has_ended(sqlite_house: House) -> None:
    house, rma = sqlite_house, comes_back(sqlite_house, 4)
    arrives(house, rma)
    box = counts(house, rma, 0, kind=ReceiptKind.EMPTY_BOX)
    days_pass(house, 5)
    with house.store.read() as uow:
        said = [one.what for one in stuck(uow) if one.subject != box.id]
    assert any(f"receipt {box.id} of it is held (the box was empty)" in what for what in said)
    assert not any("nobody has counted it" in what for what in said)

    assert ends(house, rma) == "cancelled"

    assert receipt(house, box.id).state == "nothing"
    assert tasks(house, rma) == []
    assert told(house, rma, "review_closed") == []
    days_pass(house, 5)
    with house.store.read() as uow:
        assert {one.subject for one in stuck(uow)} & {box.id, rma.id} == set()
        assert leaks(uow, case_id=rma.case_id) == []


def test_goods_that_are_held_keep_it_open_until_they_are_sent_back(sqlite_house: House) -> None:
    house, rma = sqlite_house, comes_back(sqlite_house, 2)
    held = counts(house, rma, 2, kind=ReceiptKind.WRONG_ITEM, sku="VBT-BX54")

    assert ends(house, rma) == "labelled"
    assert any(f"it was not ended: {held.id} is held" in one.why for one in tasks(house, rma))

    sends_back(house, held)
    assert ends(house, rma, attempt=2) == "cancelled"


def test_the_rest_of_a_return_is_given_up_before_its_deadline_with_a_second_person(house: House) -> None:
    rma = comes_back(house, 6)
    settles(house, counts(house, rma, 4), Disposition.RESTOCK)
    assert state(house, rma) == "received"
    shipped = returnable(house)

    assert ends(house, rma) == "received"
    (waits,) = [one for one in tasks(house, rma) if one.action == "cancel_rma"]
    decide(house, waits.id, RITA)
    assert state(house, rma) == "received", "who asked for it does not approve it"
    decide(house, waits.id, ARNE)

    assert state(house, rma) == "closed"
    assert pieces(house, rma)["released"] == 2
    assert returnable(house) == shipped + 2
    (news,) = told(house, rma, "rma_ended")
    assert (news["goods"], news["alone"]) == ([f"2 x {PARTIAL.sku}"], False)
    assert told(house, rma, "rma_cancelled") == []
    assert is_whole(house, rma)
    assert differences(house) == []


def test_what_was_credited_ahead_and_lost_takes_two_people_and_stays_on_the_leak_report(
    sqlite_house: House,
) -> None:
    house, rma = sqlite_house, comes_back(sqlite_house, 4)
    credited_early(house, rma)
    arrives(house, rma)

    assert ends(house, rma) == "in_transit"
    (waits,) = tasks(house, rma)
    decide(house, waits.id, ARNE)

    assert state(house, rma) == "cancelled"
    with house.store.read() as uow:
        assert faults(uow, rma.case_id) == []
        found = leaks(uow, case_id=rma.case_id)
    assert len(found) == 1, found


def test_a_refusal_keeps_it_open_and_the_customer_hears_nothing(sqlite_house: House) -> None:
    house, rma = sqlite_house, comes_back(sqlite_house, 4)
    credited_early(house, rma)
    arrives(house, rma)
    ends(house, rma)
    (waits,) = tasks(house, rma)

    decide(house, waits.id, ARNE, yes=False)

    assert state(house, rma) == "in_transit"
    assert told(house, rma, "rma_ended") == told(house, rma, "rma_cancel_refused") == []


def test_what_comes_all_the_same_is_received_and_a_person_decides(sqlite_house: House) -> None:
    house, rma = sqlite_house, comes_back(sqlite_house, 4)
    arrives(house, rma)
    ends(house, rma)

    came = counts(house, rma, 4)
    settles(house, came, Disposition.RESTOCK)

    assert state(house, rma) == "received"
    assert house.world.erp.credit_memos(PARTIAL.order_number) == ()
    assert [one.action for one in tasks(house, rma)] == ["credit_memo"]


def test_nobody_but_the_desk_ends_it_and_nobody_without_a_reason(sqlite_house: House) -> None:
    house, rma = sqlite_house, comes_back(sqlite_house, 4)

    assert ends(house, rma, by=DORA) == "labelled"
    assert ends(house, rma, why=" ", attempt=2) == "labelled"

    with house.store.read() as uow:
        assert rmas.rma(uow, rma.id).end_asked_by is None
    with house.store.begin() as uow:
        args = ["RM-NOSUCH", staff_id(house, RITA), WHY]
        house.engine.start(uow, workflow="end-return", workflow_id="end-none", args=args)
    assert house.engine.results["end-none"]["state"] == "refused"


def _thread(house: House, rma: RmaRow) -> str:
    with house.store.read() as uow:
        return cases.case(uow, rma.case_id).thread_id
