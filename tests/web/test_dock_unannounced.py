"""Goods without papers: received, kept aside, and matched with the return they belong to."""

import re
from typing import Any

import pytest

from backhaul.domain.receiving import RECEIPT_PREFIX, ReceiptKind, ReceiptState
from backhaul.store import dock, rmas
from backhaul.store import staff as people
from backhaul.store.dock import Counted
from tests.web.conftest import STAFF
from tests.web.dock_goods import announced, the_form
from tests.web.test_chat import as_file, carton


@pytest.fixture
def dora(visitor: Any) -> Any:
    visitor.is_staff("dock")
    return visitor


def typed(dora: Any, **changed: str) -> dict[str, str]:
    form = the_form(dora.opens("/dock/unannounced?number=4711"))
    return form | {"article": "brg-6205-2rs", "facility": "CMH1", "sender": "Harbor Mechanical"} | changed


def receipt_of(house: Any, page: Any) -> Any:
    with house.store.read() as uow:
        return dock.receipt(uow, page.url.path.rpartition("/")[2])


def test_what_came_without_papers_is_a_receipt_with_all_that_is_known(dora: Any, house: Any) -> None:
    form = typed(dora, quantity="3", serials="A1\nA2", note="wet carton")

    page = dora.sends(
        "/dock/unannounced", files=[("photos", ("x.jpg", as_file(carton()), "image/jpeg"))], **form
    )

    row = receipt_of(house, page)
    assert (row.kind, row.sku, row.quantity, row.rma_id) == ("unannounced", "BRG-6205-2RS", 3, None)
    assert row.serials == ["A1", "A2"]
    assert (row.tracking_number, row.facility_id, len(row.photos)) == ("4711", "CMH1", 1)
    assert row.note == "Sender: Harbor Mechanical\nwet carton"
    assert house.later.started == [("receive", f"receive-{row.id}", [row.id])]


def test_an_article_nobody_knows_is_described(dora: Any, house: Any) -> None:
    row = receipt_of(house, dora.sends("/dock/unannounced", **typed(dora, article="a blue pump")))

    assert (row.sku, row.described) == ("", "a blue pump")


def test_a_second_click_is_the_same_receipt(dora: Any, house: Any) -> None:
    form = typed(dora)

    pages = [dora.sends("/dock/unannounced", **form).url.path for _ in range(2)]

    assert pages[0] == pages[1]
    with house.store.read() as uow:
        assert len(dock.receipts_in(uow, ReceiptState.COUNTED)) == 1


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"article": ""}, "What is it?"),
        ({"quantity": "0"}, "How many are there?"),
        ({"quantity": "a few"}, "is not a number of pieces"),
        ({"facility": "NOWHERE"}, "Which dock is this?"),
        ({"serials": "A1, A2", "quantity": "1"}, "2 serials for 1 pieces"),
    ],
)
def test_what_is_missing_is_asked_for_with_what_was_typed(
    dora: Any, house: Any, changed: dict[str, str], said: str
) -> None:
    page = dora.sends("/dock/unannounced", **typed(dora, note="by hand", **changed))

    assert page.status_code == 422
    assert said in page.text
    assert ">by hand</textarea>" in page.text
    assert 'value="Harbor Mechanical"' in page.text
    assert not house.later.started


def unmatched(house: Any, **differs: Any) -> str:
    """Goods that the worker could not match."""
    what: dict[str, Any] = {"sku": "DRV-5000-480", "quantity": 1, "serials": ("KX4-50-118804",), **differs}
    with house.store.begin() as uow:
        counted = Counted(
            house.doors.desk.ids.new(RECEIPT_PREFIX), ReceiptKind.UNANNOUNCED, "CMH1", "test", **what
        )
        row = dock.count(uow, counted)
        row.state = ReceiptState.UNMATCHED.value
        return str(row.id)


def match_form(dora: Any, receipt: str) -> dict[str, str]:
    """Fields behind the first "This is it"."""
    html = dora.opens(f"/dock/unmatched/{receipt}").text
    return {name: re.findall(rf'name="{name}" value="([^"]+)"', html)[0] for name in ("once", "rma_line_id")}


def line_of(house: Any, rma: str) -> str:
    with house.store.read() as uow:
        return str(rmas.rma_lines(uow, rma)[0].id)


def test_the_return_with_the_same_serial_comes_first_and_says_why(dora: Any, house: Any) -> None:
    same = announced(house, "SO-15093", 1, 2)
    of_sender = announced(house, erp_number="ERP-2", tracking="1Z-2")
    receipt = unmatched(house, note="Sender: Harbor Mechanical")

    page = dora.opens(f"/dock/unmatched/{receipt}").text

    assert page.index(line_of(house, same)) < page.index(line_of(house, of_sender))
    assert "same serial" in page
    assert "same article" in page


def test_nothing_is_suggested_for_no_reason(dora: Any, house: Any) -> None:
    announced(house)

    assert "No likely return" in dora.opens(f"/dock/unmatched/{unmatched(house)}").text


@pytest.mark.parametrize("search", ["harbor", "ERP-1", "so-15086", "brg-6205-2rs", "1z-track"])
def test_a_search_finds_by_customer_number_order_and_article(dora: Any, house: Any, search: str) -> None:
    rma = announced(house)

    page = dora.opens(f"/dock/unmatched/{unmatched(house)}?search={search}").text

    assert line_of(house, rma) in page


def test_this_is_it_lets_the_worker_match_once(dora: Any, house: Any) -> None:
    line, receipt = line_of(house, announced(house, "SO-15093", 1, 2)), unmatched(house)
    form = match_form(dora, receipt)

    page, again = (dora.sends(f"/dock/unmatched/{receipt}", **form) for _ in range(2))

    assert form["rma_line_id"] == line
    assert again.url.path == page.url.path
    assert page.url.path == f"/dock/receipt/{receipt}"
    with house.store.read() as uow:
        found = people.staff_by_email(uow, STAFF["dock"][0])
    assert found is not None
    first, second = house.later.started[-2:]
    assert first == ("match-receipt", f"match-{receipt}-{form['once']}", [receipt, line, found.id])
    assert second == first, "the engine starts it once"


def test_what_was_matched_meanwhile_is_not_matched_again(dora: Any, house: Any) -> None:
    line, receipt = line_of(house, announced(house, "SO-15093", 1, 2)), unmatched(house)
    form = match_form(dora, receipt)
    with house.store.begin() as uow:
        dock.receipt(uow, receipt).state = ReceiptState.BOOKED.value

    before = len(house.later.started)

    assert form["rma_line_id"] == line
    assert dora.sends(f"/dock/unmatched/{receipt}", **form).status_code == 409
    assert "wait for no return any more" in dora.opens(f"/dock/unmatched/{receipt}").text
    assert len(house.later.started) == before


def test_a_line_that_is_none_matches_nothing(dora: Any, house: Any) -> None:
    announced(house, "SO-15093", 1, 2)
    receipt = unmatched(house)
    form = match_form(dora, receipt) | {"rma_line_id": "ML-NOBODY"}

    assert dora.sends(f"/dock/unmatched/{receipt}", **form).status_code == 404
    assert "match-receipt" not in {workflow for workflow, *_ in house.later.started}


def test_what_is_held_may_belong_to_another_return(dora: Any, house: Any) -> None:
    announced(house, "SO-15093", 1, 2)
    receipt = unmatched(house)
    with house.store.begin() as uow:
        dock.receipt(uow, receipt).state = ReceiptState.HELD.value

    assert f'href="/dock/unmatched/{receipt}"' in dora.opens(f"/dock/receipt/{receipt}").text
    assert "This is it" in dora.opens(f"/dock/unmatched/{receipt}").text


@pytest.fixture
def rita(visitor: Any) -> Any:
    visitor.is_staff("reviewer")
    return visitor


def once_of(person: Any, receipt: str) -> str:
    return re.findall(r'name="once" value="([^"]+)"', person.opens(f"/dock/unmatched/{receipt}").text)[0]


def test_the_desk_sends_back_what_belongs_to_no_return(rita: Any, house: Any) -> None:
    receipt = unmatched(house)
    form = {"once": once_of(rita, receipt), "how": "  FedEx\n7712  "}

    page, _again = (rita.sends(f"/dock/unmatched/{receipt}/send-back", **form) for _ in range(2))

    assert page.url.path == f"/dock/receipt/{receipt}"
    assert "Being carried out." in page.text
    with house.store.read() as uow:
        reviewer = people.staff_by_email(uow, STAFF["reviewer"][0])
    assert reviewer is not None
    name = f"send-back-{receipt}-{form['once']}"
    assert house.later.started[0] == ("send-back", name, [receipt, reviewer.id, "FedEx 7712"])


def test_how_it_travels_must_be_told(rita: Any, house: Any) -> None:
    receipt = unmatched(house)

    page = rita.sends(f"/dock/unmatched/{receipt}/send-back", once=once_of(rita, receipt), how=" ")

    assert page.status_code == 422
    assert "How does it travel?" in page.text
    assert not house.later.started


def test_the_dock_is_told_who_sends_it_back_and_may_not(dora: Any, house: Any) -> None:
    receipt = unmatched(house)

    assert "A reviewer sends it back" in dora.opens(f"/dock/unmatched/{receipt}").text
    page = dora.sends(f"/dock/unmatched/{receipt}/send-back", once="ON-23456789", how="FedEx")
    assert page.status_code == 403
    assert not house.later.started


def test_what_is_gone_says_so_on_its_page(rita: Any, house: Any) -> None:
    receipt = unmatched(house)
    once = once_of(rita, receipt)
    with house.store.begin() as uow:
        row = dock.receipt(uow, receipt)
        row.state, row.why = ReceiptState.SENT_BACK.value, "FedEx 7712"

    page = rita.opens(f"/dock/receipt/{receipt}").text
    assert "Goes back to its sender." in page
    assert "FedEx 7712. Take it off the shelf" in page
    assert rita.sends(f"/dock/unmatched/{receipt}/send-back", once=once, how="FedEx").status_code == 409
