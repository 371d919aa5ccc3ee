"""The dock's first page: what people at the dock see and scan."""

from typing import Any

import pytest

from backhaul.domain.receiving import ReceiptKind, ReceiptState
from backhaul.store import dock
from backhaul.store.dock import Counted
from tests.web.dock_goods import announced


@pytest.fixture
def dora(visitor: Any) -> Any:
    visitor.is_staff("dock")
    return visitor


def test_what_is_announced_is_listed_with_what_is_in_it(dora: Any, house: Any) -> None:
    rma = announced(house)

    page = dora.opens("/dock").text

    assert f'href="/dock/rma/{rma}"' in page
    assert "Harbor Mechanical" in page
    assert "BRG-6205-2RS" in page


@pytest.mark.parametrize("show", ["expected", "inspect", "settle", "held", "unmatched", "nonsense"])
def test_an_empty_list_says_what_will_come(dora: Any, show: str) -> None:
    page = dora.opens(f"/dock?show={show}")

    assert page.status_code == 200
    assert 'class="empty-state"' in page.text


def test_a_long_list_goes_on_over_the_page(dora: Any, house: Any) -> None:
    with house.store.begin() as uow:
        for number in range(101):
            counted = Counted(
                f"DR-{number:08}",
                ReceiptKind.UNANNOUNCED,
                "CMH1",
                "test",
                described=f"box {number}",
                quantity=1,
            )
            dock.count(uow, counted).state = ReceiptState.UNMATCHED.value

    first = dora.opens("/dock?show=unmatched").text
    rest = dora.opens("/dock?show=unmatched&after=100").text

    assert first.count("<tr data-row") == 100
    assert "1 to 100 of 101" in first
    assert 'href="/dock?show=unmatched&amp;after=100"' in first
    assert rest.count("<tr data-row") == 1
    assert "101 to 101 of 101" in rest
    assert rest.count("after=") == 1
    assert dora.opens("/dock?show=unmatched&after=900000").text.count("<tr data-row") == 1


@pytest.mark.parametrize(
    "scan", ["{rma}", "ERP-1", " erp-1\r\n", "1Z-TRACK", "]C11Z-TRACK", "(00)340123450000000017", "SO-15086"]
)
def test_a_scan_opens_the_one_return_it_belongs_to(dora: Any, house: Any, scan: str) -> None:
    rma = announced(house)

    page = dora.client.get("/dock", params={"scan": scan.format(rma=rma)})

    assert page.url.path == f"/dock/rma/{rma}"


def test_an_article_that_two_returns_have_shows_both(dora: Any, house: Any) -> None:
    one = announced(house)
    other = announced(house, erp_number="ERP-2", tracking="1Z-OTHER")

    page = dora.client.get("/dock", params={"scan": "brg-6205-2rs"}).text

    assert one in page
    assert other in page
    assert "2 returns fit" in page


def test_a_serial_of_an_announced_line_opens_its_return(dora: Any, house: Any) -> None:
    rma = announced(house, "SO-15093", 1, 1)

    assert dora.opens("/dock?scan=KX4-50-118803").url.path == f"/dock/rma/{rma}"


def test_a_number_nobody_announced_leads_to_receiving_without_papers(dora: Any, house: Any) -> None:
    announced(house)

    page = dora.opens("/dock?scan=NOBODY%3Cb%3E").text

    assert "Nothing announced under that number" in page
    assert 'href="/dock/unannounced?number=NOBODY%3CB%3E"' in page
    assert "<B>" not in page
