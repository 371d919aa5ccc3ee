"""What is not as announced, in a real browser: set aside at the dock, told to the customer."""

import pytest
from playwright.sync_api import expect

from backhaul.domain.codes import QualityStatus, Reason
from backhaul.domain.receiving import Disposition, Grade
from tests.web.browser_house import Books
from tests.web.browser_people import RITA, DeskHand, DockHand, People, says
from tests.web.browser_returns import begins, customer_of, scanned_in

pytestmark = pytest.mark.slow

QUARANTINE = QualityStatus.QUARANTINE
UNOPENED = "of them we no longer need, they are unopened"


def test_another_serial_than_the_authorised_one_is_held_for_a_person(
    books: Books, people: People, dora: DockHand
) -> None:
    back = begins(books, "wrong_serial", 1, "it does not work any more, it is defective", Reason.DEFECTIVE)
    chat = customer_of(people, back)

    scanned_in(dora, back)
    receipt_id = dora.counts(1, kind="wrong_serial", serials=["TSR4-999999"])

    why = "erial TSR4-999999 came, authorised is TSR4-508833"
    says(dora.page, ".dock-next", "Held.", why, receipt_id)
    says(chat, "#messages", "it is not as agreed", why)
    desk = DeskHand(people.member(RITA))
    desk.opens(back.review().id)
    says(desk.page, "#case", why)
    expect(desk.page.locator(f"#case a[href='/dock/receipt/{receipt_id}']")).to_be_visible()
    assert back.memos == []
    assert back.pieces == {"authorised": 1}
    assert back.is_whole()


def test_an_empty_box_is_held_and_nothing_is_credited(books: Books, people: People, dora: DockHand) -> None:
    back = begins(books, "empty_box", 2, f"2 {UNOPENED}")
    chat = customer_of(people, back)
    before = back.stock(QUARANTINE)

    scanned_in(dora, back)
    dora.presses("Empty box")

    says(dora.page, ".dock-next", "Held.", "The box was empty")
    says(chat, "#messages", "it is not as agreed: the box was empty")
    desk = DeskHand(people.member(RITA))
    desk.opens(back.review().id)
    says(desk.page, "#case", "the box was empty")
    assert back.stock(QUARANTINE) == before
    assert back.memos == []
    assert back.is_whole()


def test_a_parcel_refused_at_the_door_leaves_the_return_open(
    books: Books, people: People, dora: DockHand
) -> None:
    back = begins(books, "refused", 1, f"1 {UNOPENED}")
    chat = customer_of(people, back)

    scanned_in(dora, back)
    dora.page.fill("#note", "Oil leaks from the carton.")
    dora.presses("Refused at the door")

    says(dora.page, ".dock-next", "Not taken in.", "Oil leaks from the carton.")
    says(chat, "#messages", "Our warehouse did not take the parcel", "Your return stays open.")
    says(chat, "#status", "ask for a new label here")
    assert back.rma.state == "labelled"
    assert back.memos == []
    assert back.is_whole()


def test_goods_without_papers_are_kept_and_find_their_return_later(
    books: Books, people: People, dora: DockHand
) -> None:
    dora.scans("WRITTEN-BY-HAND-7")
    dora.page.click("text=Receive without papers")
    dora.page.fill("#article", "PLR-CRM-09")
    dora.page.fill("#quantity", "2")
    dora.page.select_option("#facility", "CMH1")
    receipt_id = dora.presses("Received without papers")
    says(dora.page, ".dock-next", "No return fits yet.")

    back = begins(books, "unannounced", 2, f"2 {UNOPENED}")
    chat = customer_of(people, back)
    dora.page.goto("/dock?show=unmatched")
    dora.page.click(f"a[href='/dock/unmatched/{receipt_id}']")
    says(dora.page, ".dock-matches", "same article", "as many as expected")
    dora.presses("This is it")
    dora.inspects(Grade.A, seal="yes")
    dora.settles_on(Disposition.RESTOCK)
    dora.waits_for_credit()

    (memo,) = back.memos
    says(chat, "#messages", f"credit memo {memo.number} of {memo.amount}")
    assert back.pieces == {"authorised": 2, "received": 2, "disposed": 2, "credited": 2}
    assert back.is_whole()


def test_a_return_that_is_called_off_is_no_longer_expected(
    books: Books, people: People, dora: DockHand
) -> None:
    back = begins(books, "cancelled", 3, f"3 {UNOPENED}")
    chat, tracking = customer_of(people, back), back.label.tracking_number
    chat.fill("#text", "Please cancel this return, we keep them after all.")
    chat.click("#composer button.button")
    chat.locator(".choices button").first.click()

    says(chat, "#status", "Cancelled; nothing needs to be sent")
    dora.page.goto("/dock")
    expect(dora.page.locator(".dock-list")).not_to_contain_text(back.rma.erp_number or "")
    dora.scans(tracking)
    says(dora.page, ".banner", "This return was cancelled.")
    assert back.rma.cancelled_at is not None
    booked = books.erp.returns_on(back.order.order_number)
    assert [one.cancelled for one in booked] == [True]
    assert back.is_whole()
