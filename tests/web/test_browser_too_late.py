"""A parcel after the last day, in a real browser.

It moves the clock of the house that all these tests share; by its name it comes after the others.
"""

from datetime import timedelta

import pytest

from backhaul.store.business_clock import move_clock
from tests.web.browser_house import Books
from tests.web.browser_people import RITA, DeskHand, DockHand, People, says
from tests.web.browser_returns import begins, customer_of

pytestmark = pytest.mark.browser


def test_a_parcel_after_the_last_day_is_held(books: Books, people: People, dora: DockHand) -> None:
    back = begins(books, "late", 2, "2 of them we no longer need, they are unopened")
    chat, tracking = customer_of(people, back), back.label.tracking_number
    with books.store.begin() as uow:
        days = (back.rma.return_by - uow.clock.now().date()).days + 1
        move_clock(uow, seconds=int(timedelta(days=days).total_seconds()), actor="test")
    says(chat, "#status", "Expired")

    dora.scans(tracking)
    says(dora.page, ".banner", "This return has expired.")
    dora.counts(2)
    says(dora.page, ".dock-next", "Held.", "It came after the return was expired")
    says(chat, "#messages", "it came after the return was expired")
    desk = DeskHand(people.member(RITA))
    desk.opens(back.review().id)
    says(desk.page, "#case", "it came after the return was expired")
    assert back.memos == []
    assert back.pieces["authorised"] == back.pieces["released"] == 2
    assert back.is_whole()
