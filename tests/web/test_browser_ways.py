"""Story C in a real browser: from the label to stock, credit, exchange or repair, for each way of a return.

One house of two processes and one browser serve all of it; the customer's side is prepared through the chat's
own commands where the chat is not the point. Each asserts what the pages say, and what stands in the ERP.
"""

from io import BytesIO

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import FilePayload, expect

from backhaul.connectors.embedded.staged import staged_order
from backhaul.domain.codes import Action, QualityStatus, Reason, Resolution
from backhaul.domain.receiving import Disposition, Finding, Grade, ParcelStatus
from backhaul.store.audit import faults
from backhaul.store.leaks import leaks
from backhaul.store.money_kept import repairs_of
from tests.web.browser_house import ANSWER_MS, Books
from tests.web.browser_people import ARNE, FAY, RITA, DeskHand, DockHand, People, says
from tests.web.browser_returns import begins, chat_of, customer_of, scanned_in

pytestmark = pytest.mark.browser

AVAILABLE = QualityStatus.AVAILABLE
UNOPENED = "of them we no longer need, they are unopened"
DEFECTIVE = "of them do not work any more, they are defective"


def photo(name: str, lines: int) -> FilePayload:
    """A picture with something to see on it."""
    picture = Image.effect_noise((640, 480), 90).convert("RGB")
    ImageDraw.Draw(picture).multiline_text((40, 40), "half empty\n" * lines, fill="red", font_size=60)
    kept = BytesIO()
    picture.save(kept, "PNG")
    return {"name": name, "mimeType": "image/png", "buffer": kept.getvalue()}


def test_what_is_as_good_as_new_goes_back_to_the_shelf_and_is_credited(
    books: Books, people: People, dora: DockHand
) -> None:
    back = begins(books, "plain", 3, f"3 {UNOPENED}")
    chat = customer_of(people, back)
    back.moves(ParcelStatus.DROPPED_OFF, ParcelStatus.IN_TRANSIT, ParcelStatus.DELIVERED)
    says(chat, "#status", "The parcel has arrived and is not yet checked in")
    before = back.stock(AVAILABLE)

    scanned_in(dora, back)
    dora.counts(3)
    says(chat, "#messages", "All 3 x MEA-DMM60")
    dora.inspects(Grade.A, seal="yes")
    says(dora.page, "[data-proposed]", "Restock", "Net recovery for 3")
    dora.settles_on(Disposition.RESTOCK)

    says(dora.page, ".dock-result", "Put them back on the shelf.", "Credit memo")
    (memo,) = back.memos
    says(dora.page, ".dock-result", memo.number)
    says(chat, "#messages", f"{memo.number} of {memo.amount}", "is paid back to you", "is finished")
    says(chat, "#status", "Credited")
    fay = people.member(FAY)
    fay.goto("/finance?show=credits")
    says(fay, "main", memo.number)
    assert back.stock(AVAILABLE) == before + 3
    assert (memo.quantity, memo.goods.minor) == (3, 3 * 13_430)
    assert back.pieces == {"authorised": 3, "received": 3, "disposed": 3, "credited": 3}
    assert back.is_whole()


def test_a_return_in_two_parcels_is_credited_parcel_by_parcel(
    books: Books, people: People, dora: DockHand
) -> None:
    back = begins(books, "partial", 6, f"6 {DEFECTIVE}", Reason.DEFECTIVE)
    chat = customer_of(people, back)

    for number, told in ((4, "the other 2 have until"), (2, "All 6 x PRX-12-04P")):
        scanned_in(dora, back)
        dora.counts(number)
        says(chat, "#messages", told)
        dora.inspects(Grade.D)
        dora.settles_on(Disposition.SCRAP)
        dora.waits_for_credit()

    first, second = back.memos
    says(chat, "#messages", f"{first.number} of {first.amount}", f"{second.number} of {second.amount}")
    assert [one.quantity for one in (first, second)] == [4, 2]
    assert back.stock(QualityStatus.SCRAP) == 6
    assert back.is_whole()


def test_a_wrong_item_comes_back_and_both_stocks_are_put_right(
    books: Books, people: People, dora: DockHand
) -> None:
    sent = "CTR-025-120"
    words = f"2 of them are the wrong item: you sent {sent}, we ordered CTR-025-024"
    back = begins(books, "wrong_item", 2, words, Reason.WRONG_ITEM, received_sku=sent)
    chat = customer_of(people, back)
    ordered_before, sent_before = back.stock(AVAILABLE), back.stock(AVAILABLE, sent)

    scanned_in(dora, back)
    says(dora.page, ".dock-line-head", sent, "sent instead of CTR-025-024")
    dora.counts(2)
    dora.inspects(Grade.A, seal="yes")
    dora.settles_on(Disposition.RESTOCK)
    dora.waits_for_credit()

    says(chat, "#status", "Credited")
    assert back.stock(AVAILABLE) == ordered_before + 2
    assert back.stock(AVAILABLE, sent) == sent_before
    assert [one.quantity for one in back.memos] == [2]
    assert back.is_whole()


def test_goods_are_exchanged_once_they_are_back(books: Books, people: People, dora: DockHand) -> None:
    words = "3 of them are not what your page describes, please exchange them"
    back = begins(books, "exchange", 3, words, Reason.NOT_AS_DESCRIBED, Resolution.REPLACEMENT)
    chat = customer_of(people, back)

    scanned_in(dora, back)
    dora.counts(3)
    dora.inspects(Grade.D)
    dora.settles_on(Disposition.SCRAP)

    says(dora.page, ".dock-result", "Replacement")
    (sent,) = back.replacements
    says(dora.page, ".dock-result", sent.erp_number)
    says(chat, "#messages", f"is on order {sent.erp_number} and ships on")
    says(chat, "#status", "Replaced")
    free = books.erp.order(sent.erp_number)
    assert free is not None
    assert [(one.sku, one.quantity_ordered, one.unit_price.minor) for one in free.lines] == [
        ("SOL-52-02-24", 3, 0)
    ]
    assert back.memos == []
    assert back.is_whole()


def test_what_failed_under_warranty_is_repaired(books: Books, people: People, dora: DockHand) -> None:
    words = "it failed under warranty, please repair it"
    back = begins(books, "repair", 1, words, Reason.WARRANTY_FAILURE, Resolution.REPAIR)
    chat = customer_of(people, back)

    scanned_in(dora, back)
    dora.counts(1, serials=back.order.serials)
    dora.inspects(Grade.C)
    dora.settles_on(Disposition.REPAIR)

    says(dora.page, ".dock-result", "Bring them to the repair bench.", "Repair order")
    with books.store.read() as uow:
        (repair,) = repairs_of(uow, back.rma.id)
    says(dora.page, ".dock-result", repair.erp_number)
    says(chat, "#messages", f"is ordered, number {repair.erp_number}")
    says(chat, "#status", "In repair")
    assert back.stock(QualityStatus.REPAIR) == 1
    assert back.memos == []
    assert back.is_whole()


def test_after_an_advance_replacement_the_goods_owe_nothing_more(
    books: Books, people: People, dora: DockHand
) -> None:
    words = "2 of them are defective, dead, please send replacements"
    back = begins(books, "advance_replacement", 2, words, Reason.DEFECTIVE, Resolution.REPLACEMENT)
    chat = customer_of(people, back)
    says(chat, "#status", "ships")
    (sent,) = back.replacements
    says(chat, "#messages", sent.erp_number)

    scanned_in(dora, back)
    dora.counts(2)
    says(chat, "#messages", "What was agreed for it is done already")
    dora.inspects(Grade.D)
    dora.settles_on(Disposition.SCRAP)

    says(chat, "#messages", "is finished")
    says(chat, "#status", "Replaced")
    assert len(back.replacements) == 1
    assert back.memos == []
    assert back.is_whole()


def test_cheap_goods_shown_in_photos_are_credited_and_stay(books: Books, people: People) -> None:
    order = staged_order("returnless")
    chat = people.customer(order.account_id, order.contact_id)
    chat.goto("/chat")
    chat.fill(
        "#text",
        f"2 of the {order.sku} from {order.order_number} came with missing parts: no tubes in the box."
        " Credit please.",
    )
    chat.set_input_files("#photos", [photo("kit-1.png", 1), photo("kit-2.png", 2)])
    chat.click("#composer button.button")
    says(chat, "#messages", "credit to your account; you keep it")
    chat.locator(".choices button").first.click()

    says(chat, "#messages", "is posted: credit memo", "You keep the goods; nothing needs to be sent back.")
    says(chat, "#status", "Credited", "you keep the goods")
    (memo,) = books.erp.credit_memos(order.order_number)
    says(chat, "#messages", f"credit memo {memo.number} of {memo.amount}")
    assert (memo.quantity, memo.goods.minor) == (2, 2 * 2_990)
    with books.store.read() as uow:
        assert faults(uow, memo.case_id) == []
        assert leaks(uow, case_id=memo.case_id) == []


def test_a_credit_before_receipt_takes_two_people_and_is_owed_once(
    books: Books, people: People, dora: DockHand
) -> None:
    back = begins(books, "credit_before_receipt", 3, f"3 {DEFECTIVE}", Reason.DEFECTIVE)
    chat = customer_of(people, back)
    chat.click("text=Talk to a person")
    says(chat, "#messages", "A colleague")
    rita, arne = (DeskHand(people.member(who)) for who in (RITA, ARNE))
    rita.opens(back.review().id)
    rita.page.click("text=Credit now, before the goods are back")
    says(rita.page, "#early", "Asked for.")
    arne.page.goto("/desk")
    says(arne.page, "table.queue", "Photoelectric sensor")
    assert back.memos == []
    arne.approves(back.review(Action.CREDIT_MEMO).id)

    says(chat, "#messages", "Please send the goods of your return")
    (memo,) = back.memos
    says(chat, "#messages", f"credit memo {memo.number} of {memo.amount}")
    scanned_in(dora, back)
    dora.counts(3)
    dora.inspects(Grade.D)
    dora.settles_on(Disposition.SCRAP)
    says(chat, "#messages", "is finished")
    assert [one.number for one in back.memos] == [memo.number]
    assert back.is_whole()


def test_what_is_found_otherwise_goes_to_a_person_costs_a_fee_and_teaches_who_had_decided(
    books: Books, people: People, dora: DockHand
) -> None:
    back = begins(books, "untraceable", 4, "Please take 4 of them back.", Reason.DEFECTIVE)
    rita, arne = (DeskHand(people.member(who)) for who in (RITA, ARNE))
    chat = chat_of(people, back)
    says(chat, "#status", "A colleague decides by")
    rita.approves(back.review().id)
    expect(chat.locator(".label")).to_be_visible(timeout=ANSWER_MS)

    scanned_in(dora, back)
    dora.counts(4)
    dora.inspects(Grade.A, Finding.DIFFERS, truth=Reason.NO_LONGER_NEEDED.value, seal="yes")
    dora.settles_on(Disposition.RESTOCK)
    says(dora.page, ".dock-result", "waits for a person")
    says(chat, "#messages", "is with a colleague")
    assert back.memos == []
    arne.approves(back.review(Action.CREDIT_MEMO).id)

    says(chat, "#messages", "is finished")
    (memo,) = back.memos
    says(chat, "#messages", f"credit memo {memo.number} of {memo.amount}")
    assert memo.restocking_fee.minor > 0
    assert memo.amount.minor == memo.goods.minor + memo.tax.minor - memo.restocking_fee.minor
    rita.page.goto("/desk")
    says(rita.page, ".outcomes", "Otherwise", "approved as defective, found no longer needed, grade A")
    rita.page.click(".outcomes button")
    expect(rita.page.locator(".outcomes")).to_have_count(0)
    assert back.is_whole()


def test_goods_for_the_supplier_wait_in_staging_and_are_claimed(
    books: Books, people: People, dora: DockHand
) -> None:
    back = begins(books, "lot", 8, f"8 {DEFECTIVE}, they run rough", Reason.DEFECTIVE)
    chat = customer_of(people, back)

    scanned_in(dora, back)
    dora.page.fill("input[name^='lots:']", "L6308-0917")
    dora.counts(8)
    dora.inspects(Grade.C)
    dora.settles_on(Disposition.RETURN_TO_VENDOR)
    says(dora.page, ".dock-result", "Put them into supplier staging.", "Supplier claim")

    rita = people.member(RITA)
    rita.goto("/claims")
    says(rita, "main", "BRG-6308-2RS")
    says(chat, "#status", "Credited")
    assert back.stock(QualityStatus.VENDOR_STAGING) == 8
    assert [one.quantity for one in back.memos] == [8]
    assert back.is_whole()
