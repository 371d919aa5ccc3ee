"""A parcel after the last day, in a real browser.

It moves the clock of the house that all these tests share; by its name it comes after the others.
"""

from datetime import timedelta

import pytest

from backhaul.domain.codes import Action
from backhaul.domain.receiving import Disposition, Grade
from backhaul.store.audit import faults
from backhaul.store.business_clock import move_clock
from tests.web.browser_house import Books
from tests.web.browser_people import ARNE, DeskHand, DockHand, People, says
from tests.web.browser_returns import begins, customer_of

pytestmark = pytest.mark.slow


def test_a_parcel_after_the_last_day_is_credited_when_a_person_says_so(
    books: Books, people: People, dora: DockHand
) -> None:
    back = begins(books, "late", 2, "2 of them we no longer need, they are unopened")
    chat, tracking = customer_of(people, back), back.label.tracking_number
    with books.store.begin() as uow:
        days = (back.rma.return_by - uow.clock.now().date()).days + 1
        move_clock(uow, seconds=int(timedelta(days=days).total_seconds()), actor="test")
    says(chat, "#status", "Expired")

    dora.scans(tracking)
    says(dora.page, ".banner", "This return has expired.")
    dora.counts(2)
    dora.inspects(Grade.A, seal="yes")
    dora.settles_on(Disposition.RESTOCK)
    says(dora.page, ".dock-result", "waits for a person", "after the return had ended")
    assert back.memos == []
    DeskHand(people.member(ARNE)).approves(back.review(Action.CREDIT_MEMO).id)

    says(chat, "#messages", "is posted: credit memo")
    (memo,) = back.memos
    says(chat, "#messages", f"credit memo {memo.number} of {memo.amount}", "is finished")
    assert memo.quantity == 2
    with books.store.read() as uow:
        assert faults(uow, back.case_id) == []
