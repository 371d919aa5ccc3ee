"""An ending meets something else: another ending, goods at the door, a silent peer, an earlier no."""

from typing import Any

import pytest
import sqlalchemy as sa

from backhaul.connectors.embedded.staged import staged_order
from backhaul.domain.codes import Reason
from backhaul.domain.errors import ConnectorRejected, ConnectorUnavailable
from backhaul.domain.receiving import Disposition, ReceiptKind
from backhaul.domain.stuck import StuckDeed, StuckStage
from backhaul.store import cases, dock, ledger, rmas
from backhaul.store.audit import faults
from backhaul.store.effect_tables import CommandRow, RmaRow
from backhaul.store.tables import ReviewRow
from backhaul.workflows import closing_steps, ending_steps
from tests.agent.talking import last_words
from tests.dock import counts, line_of, receipt, settles, staff_id
from tests.house import House, Wanted, propose_together
from tests.stories.test_closed_loop import PARTIAL, arrives, comes_back, matched, pieces, state, told
from tests.stories.test_goods_that_do_not_come import (
    WHY,
    credited_early,
    differences,
    ends,
    tasks,
)
from tests.workflows.test_approvals import ARNE, RITA, decide
from tests.workflows.test_closing import days_pass
from tests.workflows.test_parcel_events import label_of, scan, tell
from tests.workflows.test_stuck import asks, standing, with_fault

pytestmark = pytest.mark.slow
"""Whole returns in which two endings meet; the ways of one return are in every build"""


def called_off(house: House, rma: RmaRow) -> dict[str, Any]:
    """The customer calls the return off."""
    name = house.desk.ids.new("CO")
    with house.store.begin() as uow:
        args = [rma.id, f"contact:{PARTIAL.contact_id}"]
        house.engine.start(uow, workflow="cancel-rma", workflow_id=name, args=args)
    return house.engine.results[name]


def about_the_end(house: House, rma: RmaRow) -> ReviewRow:
    (found,) = [one for one in tasks(house, rma) if one.action == "cancel_rma"]
    return found


def test_cancelled_by_the_customer_and_ended_by_the_desk_at_once_is_told_once(sqlite_house: House) -> None:
    house, rma = sqlite_house, comes_back(sqlite_house, 4)
    by = f"contact:{PARTIAL.contact_id}"
    assert closing_steps.authorise_cancelling(house.world, rma.id, by) == {"state": "authorised"}
    assert ending_steps.ask(house.world, rma.id, staff_id(house, RITA), WHY) == {"state": "authorised"}

    assert closing_steps.cancel(house.world, rma.id)["state"] == "confirmed"
    assert ending_steps.end(house.world, rma.id)["state"] == "confirmed"

    assert state(house, rma) == "cancelled"
    assert (len(told(house, rma, "rma_cancelled")), told(house, rma, "rma_ended")) == (1, [])
    with house.store.read() as uow:
        assert faults(uow, rma.case_id) == []


def test_ended_by_the_desk_and_cancelled_by_the_customer_at_once_is_told_once(sqlite_house: House) -> None:
    house, rma = sqlite_house, comes_back(sqlite_house, 4)
    by = f"contact:{PARTIAL.contact_id}"
    assert closing_steps.authorise_cancelling(house.world, rma.id, by) == {"state": "authorised"}
    assert ending_steps.ask(house.world, rma.id, staff_id(house, RITA), WHY) == {"state": "authorised"}

    assert ending_steps.end(house.world, rma.id)["state"] == "confirmed"
    assert closing_steps.cancel(house.world, rma.id)["state"] == "confirmed"

    assert (len(told(house, rma, "rma_ended")), told(house, rma, "rma_cancelled")) == (1, [])


def test_goods_held_while_the_erp_does_not_answer_stay_held(sqlite_house: House) -> None:
    house, rma = sqlite_house, comes_back(sqlite_house, 4)
    assert ending_steps.ask(house.world, rma.id, staff_id(house, RITA), WHY) == {"state": "authorised"}
    held = counts(house, rma, 2, kind=ReceiptKind.WRONG_ITEM, sku="VBT-BX54")

    assert ending_steps.end(house.world, rma.id)["state"] == "confirmed"

    assert (state(house, rma), receipt(house, held.id).state) == ("cancelled", "held")
    assert [one.subject for one in tasks(house, rma)] == [held.id]


def test_goods_received_while_the_erp_cancels_it_leave_both_books_the_same(sqlite_house: House) -> None:
    house, rma = sqlite_house, comes_back(sqlite_house, 4)
    assert ending_steps.ask(house.world, rma.id, staff_id(house, RITA), WHY) == {"state": "authorised"}
    real = house.world.erp_writes

    class Slow:
        """The answer takes as long as the dock takes to count a part."""

        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

        def cancel_rma(self, number: str, *, key: str) -> Any:
            done = real.cancel_rma(number, key=key)
            counts(house, rma, 1)
            return done

    object.__setattr__(house.world, "erp_writes", Slow())
    assert ending_steps.end(house.world, rma.id)["state"] == "confirmed"

    with house.store.read() as uow:
        assert rmas.rma(uow, rma.id).cancelled_at is not None
        assert faults(uow, rma.case_id) == []
    assert [one for one in differences(house) if "to come back" in one["what"]] == []


def test_a_no_to_the_desk_is_not_the_answer_to_the_customer(sqlite_house: House) -> None:
    house, rma = sqlite_house, comes_back(sqlite_house, 4)
    credited_early(house, rma)
    ends(house, rma)
    decide(house, about_the_end(house, rma).id, ARNE, yes=False)

    called_off(house, rma)
    assert len(told(house, rma, "rma_cancel_waits")) == 1
    decide(house, about_the_end(house, rma).id, ARNE, yes=False)

    assert len(told(house, rma, "rma_cancel_refused")) == 1


def test_what_the_customer_calls_off_after_a_no_to_the_desk_is_cancelled_and_not_ended(
    sqlite_house: House,
) -> None:
    house, rma = sqlite_house, comes_back(sqlite_house, 4)
    credited_early(house, rma)
    ends(house, rma)
    decide(house, about_the_end(house, rma).id, ARNE, yes=False)

    called_off(house, rma)
    decide(house, about_the_end(house, rma).id, ARNE)

    assert state(house, rma) == "cancelled"
    assert (len(told(house, rma, "rma_cancelled")), told(house, rma, "rma_ended")) == (1, [])


def test_who_waits_for_a_cancellation_hears_of_it_although_the_desk_asks_too(sqlite_house: House) -> None:
    house, rma = sqlite_house, comes_back(sqlite_house, 4)
    credited_early(house, rma)
    called_off(house, rma)
    ends(house, rma)

    decide(house, about_the_end(house, rma).id, ARNE, yes=False)

    assert len(told(house, rma, "rma_cancel_refused")) == 1


def test_the_deadline_after_a_no_to_the_desk_does_not_say_what_the_desk_had_said(sqlite_house: House) -> None:
    house, rma = sqlite_house, comes_back(sqlite_house, 4)
    credited_early(house, rma)
    ends(house, rma)
    decide(house, about_the_end(house, rma).id, ARNE, yes=False)

    days_pass(house, 60)
    decide(house, about_the_end(house, rma).id, ARNE)

    assert (state(house, rma), told(house, rma, "rma_ended")) == ("expired", [])


def test_what_was_credited_ahead_is_not_denied_to_the_customer(sqlite_house: House) -> None:
    house, rma = sqlite_house, comes_back(sqlite_house, 4)
    credited_early(house, rma)
    arrives(house, rma)
    ends(house, rma)
    decide(house, about_the_end(house, rma).id, ARNE)
    with house.store.read() as uow:
        thread = cases.case(uow, rma.case_id).thread_id

    house.conversation().run_pending(thread)

    assert "nothing is credited" not in last_words(house, thread)


def test_goods_held_for_one_and_matched_with_another_leave_the_first_its_answer(sqlite_house: House) -> None:
    other = staged_order("late")
    house, mine, theirs = sqlite_house, comes_back(sqlite_house, 2), comes_back(sqlite_house, 4, of=other)
    held = counts(house, mine, 4, kind=ReceiptKind.WRONG_ITEM, sku=other.sku)
    matched(house, held.id, theirs)

    assert (receipt(house, held.id).state, receipt(house, held.id).rma_id) == ("booked", theirs.id)
    assert [one.subject for one in tasks(house, mine)] == [held.id]


def test_it_does_not_end_before_the_erp_knows_what_came(sqlite_house: House) -> None:
    house, rma = sqlite_house, comes_back(sqlite_house, 6)
    erp = with_fault(house, "receive_goods", ConnectorUnavailable("ERP", "no answer"))
    with pytest.raises(ConnectorUnavailable):
        counts(house, rma, 4, receipt_id="DR-LOST")

    ends(house, rma)

    assert [one.why.partition(": ")[2] for one in tasks(house, rma)] == [
        "it was not ended: DR-LOST is not in the ERP yet."
    ]
    erp.fault = None
    with house.store.begin() as uow:
        house.engine.start(uow, workflow="receive", workflow_id="receive-again", args=["DR-LOST"])
    ends(house, rma, attempt=2)
    decide(house, about_the_end(house, rma).id, ARNE)
    assert pieces(house, rma)["released"] == 2
    assert differences(house) == []


def test_pieces_that_the_erp_is_not_to_free_yet_are_no_difference(sqlite_house: House) -> None:
    """Of two lines one was credited ahead and lost: until a person has seen to it, the ERP frees neither."""
    house = sqlite_house
    wanted = [Wanted("SO-15086", line, 2, Reason.NO_LONGER_NEEDED) for line in (1, 2)]
    sent = propose_together(house.desk, wanted, words="we no longer need them, 2 of each")
    with house.store.read() as uow:
        (rma,) = rmas.rmas_of_case(uow, sent.case_id)
    credited_early(house, rma)
    counts(house, rma, 1)
    counts(house, rma, 1, line=line_of(house, rma, 1))

    days_pass(house, 60)

    with house.store.read() as uow:
        released = [ledger.on_rma_line(uow, one.id)[ledger.RELEASED] for one in rmas.rma_lines(uow, rma.id)]
    assert sorted(released) == [0, 1]
    assert differences(house) == []

    came = counts(house, rma, 1)
    assert came.state == "booked", "what was made good ahead comes after all"
    with house.store.read() as uow:
        of_rma = list(dock.receipts_of(uow, rma.id))
    for one in of_rma:
        settles(house, one, Disposition.RESTOCK)
    assert state(house, rma) == "closed"
    assert differences(house) == [], "and now the ERP has freed the rest of the other line"


def test_what_is_sent_to_the_erp_again_is_put_under_the_return_it_has_found(sqlite_house: House) -> None:
    house, rma = sqlite_house, comes_back(sqlite_house, 6)
    erp = with_fault(house, "receive_goods", ConnectorRejected("ERP", "the period is closed"))
    counts(house, None, 4, receipt_id="DR-LOST", kind=ReceiptKind.UNANNOUNCED, sku=PARTIAL.sku)
    matched(house, "DR-LOST", rma)
    erp.fault = None
    (one,) = standing(house, StuckStage.COMMAND_REJECTED)

    asks(house, one, StuckDeed.REISSUE, why="The period is open again.")

    with house.store.read() as uow:
        told = uow.session.scalars(sa.select(CommandRow.key).where(CommandRow.key.contains("DR-LOST"))).all()
    assert f"{rma.id}:match_receipt:DR-LOST" in told


def test_a_lost_parcel_that_moves_again_is_expected_at_the_dock(sqlite_house: House) -> None:
    house, rma = sqlite_house, comes_back(sqlite_house, 4)
    label = label_of(house, rma.id)
    tell(house, scan(house, label, "in_transit"))
    ends(house, rma)
    assert house.world.warehouse.expected(rma.facility_id) == ()

    tell(house, scan(house, label, "delivered", hours=50))

    assert [one.reference for one in house.world.warehouse.expected(rma.facility_id)] == [rma.id]


def test_an_end_that_was_overtaken_by_the_deadline_leaves_nothing_on_the_desk(sqlite_house: House) -> None:
    house, rma = sqlite_house, comes_back(sqlite_house, 6)
    settles(house, counts(house, rma, 4), Disposition.RESTOCK)
    ends(house, rma)
    waits = about_the_end(house, rma)
    days_pass(house, 60)
    assert state(house, rma) == "closed"

    looked_at = decide(house, waits.id, ARNE)

    assert (looked_at.state, (looked_at.note or "").endswith("it is closed.")) == ("rejected", True)
    assert tasks(house, rma) == []
    assert (len(told(house, rma, "rest_expired")), told(house, rma, "rma_ended")) == (1, [])


def test_who_clicks_when_it_has_ended_already_makes_no_work(sqlite_house: House) -> None:
    house, rma = sqlite_house, comes_back(sqlite_house, 4)
    ends(house, rma)

    ends(house, rma, attempt=2)

    assert tasks(house, rma) == []


def test_a_yes_to_the_customers_cancellation_is_no_second_pair_of_eyes_on_ones_own_end(
    sqlite_house: House,
) -> None:
    house, rma = sqlite_house, comes_back(sqlite_house, 4)
    credited_early(house, rma)
    called_off(house, rma)
    waits = about_the_end(house, rma)
    arrives(house, rma)
    decide(house, waits.id, RITA)
    assert len(told(house, rma, "rma_cancel_refused")) == 1, "it is too late to call it off"

    assert ends(house, rma) == "in_transit"

    assert about_the_end(house, rma).asked_by == staff_id(house, RITA)
    decide(house, waits.id, ARNE)
    assert state(house, rma) == "cancelled"
