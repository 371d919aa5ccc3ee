"""Story C: from the parcel to the credit, once on each database, for every way a return can go."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from backhaul.connectors.embedded.staged import StagedOrder, staged_order
from backhaul.domain.clock import today
from backhaul.domain.codes import QualityStatus, Reason, Resolution
from backhaul.domain.errors import ConnectorUnavailable
from backhaul.domain.receiving import Disposition, Finding, Grade, ParcelStatus, ReceiptKind
from backhaul.store import cases, conversation, dock, ledger, reviews, rmas
from backhaul.store.audit import faults
from backhaul.store.business_clock import move_clock
from backhaul.store.conversation import Speaker
from backhaul.store.effect_tables import CommandRow, RmaRow
from backhaul.store.leaks import leaks
from backhaul.workflows.dispose_steps import authorise_move, move
from backhaul.workflows.reconcile import reconcile
from backhaul.workflows.sweep import take_parcel_events, tick
from tests.dock import counts, disposition, line_of, receipt, settles, staff_id
from tests.house import House
from tests.workflows.test_approvals import ARNE, RITA, decide
from tests.workflows.test_closing import days_pass
from tests.workflows.test_stuck import with_fault

PARTIAL, EXCHANGE, REPAIR = (staged_order(key) for key in ("partial", "exchange", "repair"))
DEFECTIVE = "do not work any more, they are defective"


def comes_back(
    house: House,
    quantity: int = 4,
    reason: Reason = Reason.DEFECTIVE,
    resolution: Resolution = Resolution.CREDIT,
    *,
    of: StagedOrder = PARTIAL,
    words: str = DEFECTIVE,
    **more: Any,
) -> RmaRow:
    """An RMA with its label for pieces of an order."""
    sent = house.propose(
        of.order_number,
        1,
        quantity,
        reason,
        words=f"{quantity} of them {words}",
        resolution=resolution,
        speaker=Speaker(of.account_id, "Customer", f"contact:{of.contact_id}"),
        **more,
    )
    with house.store.read() as uow:
        (rma,) = rmas.rmas_of_case(uow, sent.case_id)
    return rma


def arrives(house: House, rma: RmaRow) -> None:
    """The carrier delivers the parcel, and the worker reads the scan."""
    with house.store.read() as uow:
        label = rmas.live_label(uow, rma.id)
    assert label is not None
    carrier: Any = house.world.carriers[0]
    for status in (ParcelStatus.DROPPED_OFF, ParcelStatus.IN_TRANSIT, ParcelStatus.DELIVERED):
        carrier.report(label.tracking_number, status, at=house.store.clock.now())
    take_parcel_events(house.world)


def state(house: House, rma: RmaRow) -> str:
    with house.store.read() as uow:
        return rmas.rma(uow, rma.id).state


def told(house: House, rma: RmaRow, kind: str) -> list[dict[str, Any]]:
    with house.store.read() as uow:
        thread = cases.case(uow, rma.case_id).thread_id
        return [dict(one.payload) for one in conversation.events_after(uow, thread, 0, [kind])]


def stock(house: House, sku: str, status: QualityStatus, facility_id: str) -> int:
    return sum(
        one.quantity
        for one in house.world.erp.inventory(sku)
        if one.bin.quality_status is status and one.bin.facility_id == facility_id
    )


def pieces(house: House, rma: RmaRow) -> dict[str, int]:
    return dict(_counted(house, rma))


def _counted(house: House, rma: RmaRow) -> Any:
    with house.store.read() as uow:
        return ledger.on_rma_line(uow, rmas.rma_lines(uow, rma.id)[0].id)


def is_whole(house: House, rma: RmaRow) -> bool:
    """Nothing is missing from the audit chain of the case, and nothing leaked."""
    with house.store.read() as uow:
        return faults(uow, rma.case_id) == [] and leaks(uow, case_id=rma.case_id) == []


def test_what_came_back_good_is_restocked_credited_and_closed(house: House) -> None:
    rma = comes_back(house, reason=Reason.NO_LONGER_NEEDED, words="we no longer need, the line is closed")
    arrives(house, rma)
    before = stock(house, PARTIAL.sku, QualityStatus.AVAILABLE, rma.facility_id)

    came = counts(house, rma, 4)
    done = settles(house, came, Disposition.RESTOCK)

    assert (came.state, done.state, state(house, rma)) == ("booked", "posted", "closed")
    assert stock(house, PARTIAL.sku, QualityStatus.AVAILABLE, rma.facility_id) == before + 4
    (memo,) = house.world.erp.credit_memos(PARTIAL.order_number)
    (news,) = told(house, rma, "credit_posted")
    assert news["credit_memo"] == memo.number
    assert pieces(house, rma) == {"authorised": 4, "received": 4, "disposed": 4, "credited": 4}
    assert house.engine.results[f"return-{rma.id}"] == {"state": "closed"}
    assert is_whole(house, rma)


def test_a_return_in_two_parcels_is_credited_part_by_part(house: House) -> None:
    rma = comes_back(house, 6)

    first = counts(house, rma, 4)
    settles(house, first, Disposition.SCRAP, grade=Grade.D)
    assert state(house, rma) == "received"
    second = counts(house, rma, 2)
    settles(house, second, Disposition.SCRAP, grade=Grade.D)

    assert state(house, rma) == "closed"
    assert [memo.quantity for memo in house.world.erp.credit_memos(PARTIAL.order_number)] == [4, 2]
    assert pieces(house, rma) == {"authorised": 6, "received": 6, "disposed": 6, "credited": 6}


def test_more_than_announced_is_kept_aside_and_not_credited(sqlite_house: House) -> None:
    rma = comes_back(sqlite_house, 2)

    came = counts(sqlite_house, rma, 5)
    settles(sqlite_house, came, Disposition.SCRAP, grade=Grade.D)

    with sqlite_house.store.read() as uow:
        (surplus,) = dock.parts_of(uow, came.id)
    assert (came.quantity, surplus.quantity, surplus.state) == (2, 3, "unmatched")
    assert [memo.quantity for memo in sqlite_house.world.erp.credit_memos(PARTIAL.order_number)] == [2]
    assert stock(sqlite_house, PARTIAL.sku, QualityStatus.QUARANTINE, rma.facility_id) >= 3


def test_goods_without_papers_are_kept_and_find_their_return_later(sqlite_house: House) -> None:
    rma = comes_back(sqlite_house, 2)
    lost = counts(
        sqlite_house, None, 2, kind=ReceiptKind.UNANNOUNCED, sku=PARTIAL.sku, facility_id=rma.facility_id
    )
    assert (lost.state, state(sqlite_house, rma)) == ("unmatched", "labelled")

    matched(sqlite_house, lost.id, rma)

    assert (receipt(sqlite_house, lost.id).state, state(sqlite_house, rma)) == ("booked", "received")
    settles(sqlite_house, receipt(sqlite_house, lost.id), Disposition.SCRAP, grade=Grade.D)
    assert state(sqlite_house, rma) == "closed"


@pytest.mark.parametrize(
    ("kind", "quantity", "sku", "why"),
    [
        (ReceiptKind.EMPTY_BOX, 0, None, "the box was empty"),
        (ReceiptKind.WRONG_ITEM, 2, "VBT-BX54", "VBT-BX54 came instead of PRX-12-04P"),
    ],
)
def test_what_was_not_announced_is_held_for_a_person(
    sqlite_house: House, kind: ReceiptKind, quantity: int, sku: str | None, why: str
) -> None:
    rma = comes_back(sqlite_house, 2)

    came = counts(sqlite_house, rma, quantity, kind=kind, sku=sku)

    assert (came.state, came.why) == ("held", why)
    with sqlite_house.store.read() as uow:
        (task,) = reviews.reviews_of_case(uow, rma.case_id)
    assert why in task.why
    assert sqlite_house.world.erp.credit_memos(PARTIAL.order_number) == ()
    assert [one["why"] for one in told(sqlite_house, rma, "goods_held")] == [why]


def test_a_wrong_item_comes_back_and_both_stocks_are_put_right(house: House) -> None:
    """The ordered contactors never left the shelf; those that did were never booked out."""
    swapped, sent_instead = staged_order("wrong_item"), "CTR-025-120"
    rma = comes_back(
        house,
        2,
        Reason.WRONG_ITEM,
        of=swapped,
        received_sku=sent_instead,
        words="are the wrong item: you sent CTR-025-120, we ordered CTR-025-024",
    )
    place = QualityStatus.AVAILABLE, rma.facility_id
    ordered, sent = (stock(house, sku, *place) for sku in (swapped.sku, sent_instead))

    settles(house, counts(house, rma, 2, sku=sent_instead), Disposition.RESTOCK)

    assert stock(house, swapped.sku, *place) == ordered + 2
    assert stock(house, sent_instead, *place) == sent
    assert state(house, rma) == "closed"


def test_another_serial_than_the_authorised_one_is_held(sqlite_house: House) -> None:
    relay = staged_order("wrong_serial")
    rma = comes_back(sqlite_house, 1, of=relay, serials=relay.serials)

    came = counts(sqlite_house, rma, 1, serials=("TSR4-999999",))

    assert (came.state, came.why) == ("held", "serial TSR4-999999 came, authorised is TSR4-508833")
    assert pieces(sqlite_house, rma).get("received", 0) == 0


def test_what_was_credited_before_receipt_is_not_credited_again(house: House) -> None:
    sensors = staged_order("credit_before_receipt")
    rma = comes_back(house, 3, of=sensors)
    line = line_of(house, rma)
    with house.store.begin() as uow:
        args = [rma.id, line.line_id, staff_id(house, "rita.reviewer@halden.example")]
        house.engine.start(uow, workflow="credit-early", workflow_id="early", args=args)
    with house.store.read() as uow:
        (waits,) = [one for one in reviews.reviews_of_case(uow, rma.case_id) if one.action == "credit_memo"]
    decide(house, waits.id, ARNE)
    assert len(house.world.erp.credit_memos(sensors.order_number)) == 1

    settles(house, counts(house, rma, 3), Disposition.SCRAP, grade=Grade.D)

    assert len(house.world.erp.credit_memos(sensors.order_number)) == 1
    assert state(house, rma) == "closed"


def test_a_move_is_posted_at_the_value_that_was_permitted(sqlite_house: House) -> None:
    """The article's cost is corrected in the ERP between the permit and the posting."""
    rma = comes_back(sqlite_house, 2)
    settled = settles(
        sqlite_house, counts(sqlite_house, rma, 2), Disposition.SCRAP, grade=Grade.D, carried_out=False
    )
    assert authorise_move(sqlite_house.world, settled.id) == {"state": "authorised"}
    before = sqlite_house.world.erp.item(PARTIAL.sku)
    assert before is not None
    with closing(sqlite3.connect(sqlite_house.settings.erp_path)) as erp, erp:
        erp.execute("UPDATE item SET cost_minor = cost_minor / 2 WHERE sku = ?", (PARTIAL.sku,))

    move(sqlite_house.world, settled.id)

    assert disposition(sqlite_house, settled.id).write_down_minor == 2 * before.cost.minor


def test_an_early_credit_that_nobody_asked_for_and_nobody_approved_is_a_forged_start(
    sqlite_house: House,
) -> None:
    rma = comes_back(sqlite_house, 2)
    with sqlite_house.store.begin() as uow:
        args = [rma.id, line_of(sqlite_house, rma).line_id, ""]
        sqlite_house.engine.start(uow, workflow="credit-early", workflow_id="early", args=args)

    assert sqlite_house.engine.results["early"]["state"] == "refused"
    with sqlite_house.store.read() as uow:
        assert reviews.reviews_of_case(uow, rma.case_id) == []


def test_a_refused_parcel_leaves_the_return_open(sqlite_house: House) -> None:
    rma = comes_back(sqlite_house, 2)

    came = counts(sqlite_house, rma, 0, kind=ReceiptKind.REFUSED, note="oil leaks from the carton")

    assert (came.state, state(sqlite_house, rma)) == ("refused", "labelled")
    assert [one["why"] for one in told(sqlite_house, rma, "parcel_refused")] == ["oil leaks from the carton"]


def test_a_second_click_at_the_dock_is_the_same_receipt(sqlite_house: House) -> None:
    rma = comes_back(sqlite_house, 2)

    first = counts(sqlite_house, rma, 2, receipt_id="DR-TWICE")
    again = counts(sqlite_house, rma, 2, receipt_id="DR-TWICE")

    assert first.id == again.id
    assert pieces(sqlite_house, rma)["received"] == 2


def test_what_is_found_otherwise_waits_for_a_person_and_teaches_the_one_who_let_it_in(house: House) -> None:
    rma = comes_back(house, 2)
    came = counts(house, rma, 2)

    done = settles(
        house, came, Disposition.RESTOCK, finding=Finding.DIFFERS, found_reason=Reason.NO_LONGER_NEEDED.value
    )

    assert done.state == "posted"
    assert house.world.erp.credit_memos(PARTIAL.order_number) == ()
    with house.store.read() as uow:
        (waits,) = [one for one in reviews.reviews_of_case(uow, rma.case_id) if one.action == "credit_memo"]
    decide(house, waits.id, ARNE)
    (memo,) = house.world.erp.credit_memos(PARTIAL.order_number)
    assert memo.restocking_fee.minor > 0
    assert (disposition(house, done.id).settled_at is not None, state(house, rma)) == (True, "closed")


def test_a_credit_that_a_person_refuses_closes_the_return_without_one(sqlite_house: House) -> None:
    rma = comes_back(sqlite_house, 2)
    settles(sqlite_house, counts(sqlite_house, rma, 2), Disposition.RESTOCK, finding=Finding.UNCLEAR)
    with sqlite_house.store.read() as uow:
        (waits,) = [one for one in reviews.reviews_of_case(uow, rma.case_id) if one.action == "credit_memo"]

    decide(sqlite_house, waits.id, ARNE, yes=False)

    assert (sqlite_house.world.erp.credit_memos(PARTIAL.order_number), state(sqlite_house, rma)) == (
        (),
        "closed",
    )
    assert len(told(sqlite_house, rma, "credit_refused")) == 1


def test_received_goods_are_exchanged_for_the_right_ones(house: House) -> None:
    rma = comes_back(
        house,
        2,
        Reason.NOT_AS_DESCRIBED,
        Resolution.REPLACEMENT,
        of=EXCHANGE,
        words="are not what your page describes, please exchange them",
    )

    settles(house, counts(house, rma, 2), Disposition.SCRAP, grade=Grade.D)

    with house.store.read() as uow:
        (sent,) = rmas.replacements(uow, rma.id)
    assert (sent.sku, sent.quantity, state(house, rma)) == (EXCHANGE.sku, 2, "closed")
    assert house.world.erp.credit_memos(PARTIAL.order_number) == ()


def test_what_was_to_be_repaired_is_repaired(sqlite_house: House) -> None:
    rma = comes_back(
        sqlite_house,
        1,
        Reason.WARRANTY_FAILURE,
        Resolution.REPAIR,
        of=REPAIR,
        serials=REPAIR.serials,
        words="failed under warranty, please repair it",
    )

    settles(
        sqlite_house, counts(sqlite_house, rma, 1, serials=REPAIR.serials), Disposition.REPAIR, grade=Grade.C
    )

    (ordered,) = told(sqlite_house, rma, "repair_ordered")
    assert ordered["order_number"]
    assert state(sqlite_house, rma) == "closed"


def test_a_parcel_that_comes_after_its_return_expired_is_credited_when_a_person_says_so(house: House) -> None:
    breakers = staged_order("late")
    rma = comes_back(house, 4, of=breakers)
    passes_its_deadline(house, rma)
    assert state(house, rma) == "expired"

    came = counts(house, rma, 4)
    settles(house, came, Disposition.SCRAP, grade=Grade.D)

    assert (came.state, state(house, rma)) == ("booked", "received")
    assert house.world.erp.credit_memos(breakers.order_number) == ()
    with house.store.read() as uow:
        (waits,) = [one for one in reviews.reviews_of_case(uow, rma.case_id) if one.action == "credit_memo"]
    assert "after the return had ended" in waits.why
    decide(house, waits.id, ARNE)
    (memo,) = house.world.erp.credit_memos(breakers.order_number)
    assert (memo.quantity, state(house, rma)) == (4, "closed")
    again = house.propose(
        breakers.order_number,
        1,
        1,
        Reason.DEFECTIVE,
        words=f"1 of them {DEFECTIVE}",
        speaker=Speaker(breakers.account_id, "Customer", f"contact:{breakers.contact_id}"),
    )
    with house.store.read() as uow:
        assert rmas.rmas_of_case(uow, again.case_id) == []


def test_what_did_not_come_in_time_is_given_up_and_the_rest_of_the_return_closes(house: House) -> None:
    rma = comes_back(house, 6)
    settles(house, counts(house, rma, 4), Disposition.RESTOCK)
    passes_its_deadline(house, rma)

    assert state(house, rma) == "closed"
    assert pieces(house, rma) == {"authorised": 6, "received": 4, "disposed": 4, "credited": 4, "released": 2}
    assert [one["goods"] for one in told(house, rma, "rest_expired")] == [[f"2 x {PARTIAL.sku}"]]
    sold = house.world.erp.order_line(PARTIAL.order_number, 1)
    assert sold is not None
    assert sold.quantity_returned == 4, "the ERP lets the other two come back later"
    assert house.engine.results[f"return-{rma.id}"] == {"state": "closed"}
    assert is_whole(house, rma)


def test_goods_that_found_their_return_later_are_not_given_up_in_the_erp_with_the_rest(house: House) -> None:
    rma = comes_back(house, 6)
    sold = house.world.erp.order_line(PARTIAL.order_number, 1)
    assert sold is not None
    lost = counts(house, None, 4, kind=ReceiptKind.UNANNOUNCED, sku=PARTIAL.sku, facility_id=rma.facility_id)
    matched(house, lost.id, rma)
    settles(house, receipt(house, lost.id), Disposition.RESTOCK)

    passes_its_deadline(house, rma)

    assert state(house, rma) == "closed"
    after = house.world.erp.order_line(PARTIAL.order_number, 1)
    assert after is not None
    assert after.quantity_returnable == sold.quantity_returnable + 2
    assert (
        reconcile(house.store, house.world.erp, house.world.ids, today(house.store.clock)).differences == []
    )


def test_goods_that_are_matched_while_the_erp_is_silent_are_put_under_their_return(
    sqlite_house: House,
) -> None:
    house, rma = sqlite_house, comes_back(sqlite_house, 6)
    erp = with_fault(house, "receive_goods", ConnectorUnavailable("ERP", "no answer"))
    with pytest.raises(ConnectorUnavailable):
        counts(house, None, 4, receipt_id="DR-LOST", kind=ReceiptKind.UNANNOUNCED, sku=PARTIAL.sku)
    matched(house, "DR-LOST", rma)
    erp.fault = None

    with house.store.begin() as uow:
        house.engine.start(uow, workflow="receive", workflow_id="receive-again", args=["DR-LOST"])

    with house.store.read() as uow:
        told = uow.session.scalars(sa.select(CommandRow.key).where(CommandRow.key.contains("DR-LOST"))).all()
    assert sorted(told) == sorted(["DR-LOST:receive_goods:DR-LOST", f"{rma.id}:match_receipt:DR-LOST"])
    passes_its_deadline(house, rma)
    assert (
        reconcile(house.store, house.world.erp, house.world.ids, today(house.store.clock)).differences == []
    )


def matched(house: House, receipt_id: str, rma: RmaRow) -> None:
    with house.store.begin() as uow:
        args = [receipt_id, line_of(house, rma).id, staff_id(house)]
        house.engine.start(uow, workflow="match-receipt", workflow_id=f"match-{receipt_id}", args=args)


def test_what_came_in_time_is_settled_after_the_rest_was_given_up(sqlite_house: House) -> None:
    rma = comes_back(sqlite_house, 6)
    came = counts(sqlite_house, rma, 4)
    passes_its_deadline(sqlite_house, rma)
    assert state(sqlite_house, rma) == "received"

    done = settles(sqlite_house, came, Disposition.RESTOCK)

    assert state(sqlite_house, rma) == "closed", done.why


def test_pieces_that_were_credited_and_never_came_are_put_before_a_person(sqlite_house: House) -> None:
    rma = comes_back(sqlite_house, 6)
    line = line_of(sqlite_house, rma)
    with sqlite_house.store.begin() as uow:
        args = [rma.id, line.line_id, staff_id(sqlite_house, RITA)]
        sqlite_house.engine.start(uow, workflow="credit-early", workflow_id="early", args=args)
    with sqlite_house.store.read() as uow:
        (waits,) = reviews.reviews_of_case(uow, rma.case_id)
    decide(sqlite_house, waits.id, ARNE)
    counts(sqlite_house, rma, 4)

    passes_its_deadline(sqlite_house, rma)

    assert "released" not in pieces(sqlite_house, rma)
    with sqlite_house.store.read() as uow:
        tasks = [one.why for one in reviews.reviews_of_case(uow, rma.case_id)]
    assert any(f"2 x {PARTIAL.sku} were made good before they came" in why for why in tasks)
    assert told(sqlite_house, rma, "rest_expired") == []


def passes_its_deadline(house: House, rma: RmaRow) -> None:
    with house.store.begin() as uow:
        days = (rmas.rma(uow, rma.id).return_by - uow.clock.now().date()).days + 1
        move_clock(uow, seconds=int(timedelta(days=days).total_seconds()), actor="test")
    tick(house.world)


def test_the_rest_is_given_up_also_when_the_first_part_came_after_the_first_deadline(house: House) -> None:
    rma = comes_back(house, 3, reason=Reason.NO_LONGER_NEEDED, words="we no longer need")
    with house.store.read() as uow:
        label = rmas.live_label(uow, rma.id)
    assert label is not None
    carrier: Any = house.world.carriers[0]
    carrier.report(label.tracking_number, ParcelStatus.DROPPED_OFF, at=house.store.clock.now())
    take_parcel_events(house.world)
    days_pass(house, 40)
    assert state(house, rma) == "in_transit"

    settles(house, counts(house, rma, 2), Disposition.RESTOCK)
    assert state(house, rma) == "received"
    days_pass(house, 40)

    assert (state(house, rma), pieces(house, rma)["released"]) == ("closed", 1)
