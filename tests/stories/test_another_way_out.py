"""Where what was wished cannot be had, or a person says no: every return comes to its end, and says which."""

import pytest

from agent import news as telling
from backhaul.connectors.embedded.staged import StagedOrder, staged_order
from backhaul.domain.audit import Tag
from backhaul.domain.codes import QualityStatus, Reason, Resolution
from backhaul.domain.receiving import Disposition, Finding, Grade
from backhaul.domain.settlement import CreditMemo
from backhaul.store import cases, conversation, reviews, rmas, staff, stuck
from backhaul.store.audit import events
from backhaul.store.dock_tables import DispositionRow
from backhaul.store.effect_tables import RmaRow
from backhaul.store.tables import ReviewRow
from tests.dock import counts, disposition, settles
from tests.house import House
from tests.stories.test_closed_loop import (
    EXCHANGE,
    PARTIAL,
    REPAIR,
    comes_back,
    is_whole,
    pieces,
    state,
    stock,
    told,
)
from tests.workflows.test_approvals import ARNE, RITA, decide
from tests.workflows.test_closing import days_pass
from web.chat_status import case_status

NO_FAULT = Reason.NO_LONGER_NEEDED.value
NOTE = "the seals are broken"
"""What the reviewer of these tests writes when they say no"""


def to_exchange(house: House) -> RmaRow:
    """Two pieces that the customer wants exchanged, because they are not as described."""
    words = "are not what your page describes, please exchange them"
    return comes_back(house, 2, Reason.NOT_AS_DESCRIBED, Resolution.REPLACEMENT, of=EXCHANGE, words=words)


def to_repair(house: House) -> RmaRow:
    """One piece that failed under warranty, to be repaired."""
    return comes_back(
        house,
        1,
        Reason.WARRANTY_FAILURE,
        Resolution.REPAIR,
        of=REPAIR,
        serials=REPAIR.serials,
        words="failed under warranty, please repair it",
    )


def waits(house: House, rma: RmaRow, action: str = "credit_memo") -> ReviewRow:
    """The one decision about it that waits for a person."""
    with house.store.read() as uow:
        (found,) = [
            one
            for one in reviews.reviews_of_case(uow, rma.case_id)
            if one.action == action and one.subject and one.state in reviews.OPEN_STATES
        ]
    return found


def nobody_waits(house: House, rma: RmaRow) -> bool:
    with house.store.read() as uow:
        found = reviews.reviews_of_case(uow, rma.case_id)
    return not [one for one in found if one.state in reviews.OPEN_STATES]


def memos(house: House, of: StagedOrder) -> tuple[CreditMemo, ...]:
    return tuple(house.world.erp.credit_memos(of.order_number))


def hears(house: House, rma: RmaRow, kind: str) -> str:
    """What the customer reads of news of that kind."""
    with house.store.read() as uow:
        thread = cases.case(uow, rma.case_id).thread_id
        (event,) = conversation.events_after(uow, thread, 0, [kind])
    message = telling.tell(event, sees_amounts=True)
    assert message is not None
    return str(message.said["text"])


def ends_as(house: House, rma: RmaRow) -> str:
    """The last step of the return on the customer's page."""
    with house.store.read() as uow:
        (line,) = case_status(uow, rma.case_id, sees_amounts=True)
    assert line.step == len(line.steps) - 1
    return line.steps[-1]


def stands_still(house: House, rma: RmaRow) -> list[str]:
    """What the list of stuck things says of the return, three weeks later."""
    days_pass(house, 21)
    with house.store.read() as uow:
        return [one.title for one in stuck.stuck(uow) if one.case_id == rma.case_id]


def who_refused(house: House, done: DispositionRow) -> list[tuple[str, str]]:
    """Who said that nothing is owed for these pieces, and why, as the audit log has it."""
    with house.store.read() as uow:
        found = [one for one in events(uow, tag=Tag.NOTHING_OWED) if one.subject == done.id]
        people = [staff.staff_by_id(uow, one.actor.removeprefix("staff:")) for one in found]
    return [(who.name if who else "", str(one.facts["why"])) for who, one in zip(people, found, strict=True)]


def test_sound_goods_that_were_to_be_exchanged_are_credited_less_the_fee_when_a_person_says_so(
    house: House,
) -> None:
    rma = to_exchange(house)
    before = stock(house, EXCHANGE.sku, QualityStatus.AVAILABLE, rma.facility_id)
    came = counts(house, rma, 2)

    done = settles(house, came, Disposition.RESTOCK, finding=Finding.DIFFERS, found_reason=NO_FAULT)

    assert (memos(house, EXCHANGE), state(house, rma)) == ((), "received")
    review = waits(house, rma)
    assert "replacement" in review.why
    assert "finding: differs" in review.why
    assert "colleague" in hears(house, rma, "instead_waits")
    decide(house, review.id, ARNE)
    (memo,) = memos(house, EXCHANGE)
    line = house.world.erp.order_line(EXCHANGE.order_number, 1)
    assert line is not None
    assert memo.goods == line.unit_price * 2
    assert memo.restocking_fee.minor > 0
    assert memo.amount == memo.goods + memo.tax - memo.restocking_fee - memo.return_freight
    with house.store.read() as uow:
        assert rmas.replacements(uow, rma.id) == []
    assert memo.number in hears(house, rma, "credit_posted")
    assert stock(house, EXCHANGE.sku, QualityStatus.AVAILABLE, rma.facility_id) == before + 2
    assert ends_as(house, rma) == "Credited"
    assert (disposition(house, done.id).settled_at is not None, state(house, rma)) == (True, "closed")
    assert pieces(house, rma) == {"authorised": 2, "received": 2, "disposed": 2, "credited": 2}
    assert (nobody_waits(house, rma), is_whole(house, rma)) == (True, True)


def test_sound_goods_that_were_to_be_exchanged_earn_nothing_when_a_person_says_so(house: House) -> None:
    rma = to_exchange(house)
    came = counts(house, rma, 2)
    done = settles(house, came, Disposition.RESTOCK, finding=Finding.DIFFERS, found_reason=NO_FAULT)

    decide(house, waits(house, rma).id, ARNE, yes=False)

    assert memos(house, EXCHANGE) == ()
    assert NOTE in hears(house, rma, "credit_refused")
    assert is_refused(house, rma, done, pieces_refused=2)


def test_what_cannot_be_repaired_any_more_is_credited_when_a_person_says_so(house: House) -> None:
    rma = to_repair(house)
    came = counts(house, rma, 1, serials=REPAIR.serials)

    settles(house, came, Disposition.SCRAP, grade=Grade.D)
    decide(house, waits(house, rma, "move_stock").id, RITA)

    review = waits(house, rma)
    assert "not for repair (scrap)" in review.why
    words = hears(house, rma, "instead_waits")
    assert "You do not get a repair for 1 x" in words
    assert "not for repair (scrap)" in words
    decide(house, review.id, ARNE)
    (memo,) = memos(house, REPAIR)
    assert (memo.quantity, memo.restocking_fee.minor) == (1, 0), "the goods had failed: no fee"
    assert memo.number in hears(house, rma, "credit_posted")
    assert ends_as(house, rma) == "Credited"
    assert state(house, rma) == "closed"
    assert pieces(house, rma) == {"authorised": 1, "received": 1, "disposed": 1, "credited": 1}
    assert (nobody_waits(house, rma), is_whole(house, rma)) == (True, True)
    assert stands_still(house, rma) == []


@pytest.mark.parametrize(
    ("chosen", "grade"), [(Disposition.RESTOCK, Grade.A), (Disposition.B_STOCK, Grade.B)]
)
def test_a_repair_whose_goods_go_another_way_is_put_before_a_person(
    sqlite_house: House, chosen: Disposition, grade: Grade
) -> None:
    rma = to_repair(sqlite_house)
    came = counts(sqlite_house, rma, 1, serials=REPAIR.serials)

    done = settles(sqlite_house, came, chosen, grade=grade)
    decide(sqlite_house, waits(sqlite_house, rma).id, ARNE, yes=False)

    assert is_refused(sqlite_house, rma, done, pieces_refused=1)


def test_a_credit_that_a_person_refuses_ends_the_return_and_everybody_knows_why(house: House) -> None:
    rma = comes_back(house, 2)
    done = settles(house, counts(house, rma, 2), Disposition.RESTOCK, finding=Finding.UNCLEAR)

    decide(house, waits(house, rma).id, ARNE, yes=False)

    assert memos(house, PARTIAL) == ()
    words = hears(house, rma, "credit_refused")
    assert words.startswith(f"The credit for 2 x {PARTIAL.sku} of your return")
    assert NOTE in words
    assert is_refused(house, rma, done, pieces_refused=2)


def test_one_part_refused_and_one_part_credited_end_the_return_together(house: House) -> None:
    rma = comes_back(house, 3)
    refused = settles(house, counts(house, rma, 1), Disposition.RESTOCK, finding=Finding.UNCLEAR)
    decide(house, waits(house, rma).id, ARNE, yes=False)
    assert (f"1 x {PARTIAL.sku}" in hears(house, rma, "credit_refused"), state(house, rma)) == (
        True,
        "received",
    )

    settles(house, counts(house, rma, 2), Disposition.SCRAP, grade=Grade.D)

    assert [memo.quantity for memo in memos(house, PARTIAL)] == [2]
    assert state(house, rma) == "closed"
    assert pieces(house, rma) == {"authorised": 3, "received": 3, "disposed": 3, "credited": 2, "refused": 1}
    assert who_refused(house, refused) == [("Arne Lindqvist", NOTE)]
    assert is_whole(house, rma)


def is_refused(house: House, rma: RmaRow, done: DispositionRow, *, pieces_refused: int) -> bool:
    """Whether nothing is owed for the pieces, who said so is on record, and nothing is left over."""
    moved = dict.fromkeys(("authorised", "received", "disposed", "refused"), pieces_refused)
    after = disposition(house, done.id)
    assert after.why is not None
    assert "nothing is owed" in after.why
    assert who_refused(house, done) == [("Arne Lindqvist", NOTE)]
    assert (after.settled_at is not None, state(house, rma), pieces(house, rma)) == (True, "closed", moved)
    assert (nobody_waits(house, rma), is_whole(house, rma), stands_still(house, rma)) == (True, True, [])
    assert (len(told(house, rma, "rma_closed")), ends_as(house, rma)) == (1, "Settled")
    return True


def test_who_would_rather_credit_than_exchange_has_a_credit_asked_for(house: House) -> None:
    rma = to_exchange(house)
    done = settles(house, counts(house, rma, 2), Disposition.RESTOCK, finding=Finding.UNCLEAR)
    review = waits(house, rma, "replacement")

    with house.store.begin() as uow:
        rita = staff.staff_by_email(uow, RITA)
        assert rita is not None
        row = reviews.review(uow, review.id)
        reviews.reject(
            uow, row, user_id=rita.id, note="none are left in stock", marked=reviews.CREDIT_INSTEAD
        )
        house.engine.start(uow, workflow="resume-review", workflow_id="instead", args=[row.id])

    assert "none are left in stock" in hears(house, rma, "instead_waits")
    assert (told(house, rma, "exchange_refused"), state(house, rma)) == ([], "received")
    asked = waits(house, rma)
    assert asked.why.startswith("none are left in stock")
    decide(house, asked.id, ARNE)
    (memo,) = memos(house, EXCHANGE)
    assert (memo.quantity, memo.restocking_fee.minor) == (2, 0)
    assert disposition(house, done.id).settled_at is not None
    assert (state(house, rma), nobody_waits(house, rma), is_whole(house, rma)) == ("closed", True, True)


def test_what_the_policy_gives_nothing_for_ends_the_return_with_its_reason(sqlite_house: House) -> None:
    """A final sale that was said to be defective, and is not."""
    sold = staged_order("final_sale")
    rma = comes_back(sqlite_house, 1, of=sold)
    came = counts(sqlite_house, rma, 1)

    done = settles(sqlite_house, came, Disposition.RESTOCK, finding=Finding.DIFFERS, found_reason=NO_FAULT)

    assert "final sale" in hears(sqlite_house, rma, "credit_refused")
    after = disposition(sqlite_house, done.id)
    assert after.why is not None
    assert after.why.startswith("nothing is owed, says the policy: This was a final sale")
    assert (memos(sqlite_house, sold), state(sqlite_house, rma)) == ((), "closed")
    assert pieces(sqlite_house, rma) == dict.fromkeys(("authorised", "received", "disposed", "refused"), 1)
    assert (nobody_waits(sqlite_house, rma), is_whole(sqlite_house, rma)) == (True, True)
