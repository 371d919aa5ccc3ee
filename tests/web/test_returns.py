"""My returns: what a customer sees of their own, and can do about it."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from backhaul.domain.codes import Reason
from backhaul.store import rmas
from backhaul.store.conversation import Speaker
from tests.house import SPEAKER, House, Wanted, propose_together
from tests.web.conftest import Visitor
from tests.web.whole_house import at_the_doors, shared_house
from tools.writes import cancel_rma

MISTAKE = "ordered by mistake, unopened"
STRANGER = Speaker("A-1003", "Somebody else", "contact:C-1003-1")


def asked_back(house: House, *orders: str) -> tuple[str, str]:
    """A permitted return of one piece of the first line of each order; its case and its RMA."""
    wanted = [Wanted(order, 1, 1, Reason.ORDERED_BY_MISTAKE) for order in orders]
    case = propose_together(house.desk, wanted, words=MISTAKE).case_id
    with house.store.read() as uow:
        (rma,) = rmas.rmas_of_case(uow, case)
    return case, rma.id


@pytest.fixture(scope="module")
def whole(seeded_home: Path, reader_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One house for all of these: each looks at a return of its own."""
    yield from shared_house(seeded_home, reader_cache, tmp_path_factory.mktemp("returns"))


@pytest.fixture
def dana(whole: House) -> Visitor:
    return at_the_doors(whole, SPEAKER)


def test_a_return_is_listed_and_its_page_says_what_comes_next_and_when(whole: House, dana: Visitor) -> None:
    case, rma_id = asked_back(whole, "SO-15086")
    with whole.store.read() as uow:
        number, label = rmas.rma(uow, rma_id).erp_number, rmas.live_label(uow, rma_id)
    assert label is not None

    listed, page = dana.opens("/returns").text, dana.opens(f"/returns/{case}").text

    due = f"{label.ship_by:%a} {label.ship_by.day} {label.ship_by:%b %Y}"
    assert f'href="/returns/{case}">{number}' in listed
    for text in (listed, page):
        assert f"Hand the parcel in by <strong>{due}</strong>" in text
    assert f"Approved as {number}" in page
    assert f"Label {label.tracking_number} made" in page


def test_a_label_is_there_in_every_print_and_as_a_code(whole: House, dana: Visitor) -> None:
    case, _ = asked_back(whole, "SO-15086")
    links = re.findall(rf'"(/returns/{case}/labels/[^"]+)"', dana.opens(f"/returns/{case}").text)

    prints = {link.rpartition("/")[2]: dana.client.get(link) for link in links}

    begins = {kind: (one.headers["content-type"], one.content[:4]) for kind, one in prints.items()}
    assert begins == {
        "pdf": ("application/pdf", b"%PDF"),
        "png": ("image/png", b"\x89PNG"),
        "zpl": ("application/zpl", b"^XA^"),
        "qr": ("image/png", b"\x89PNG"),
    }


def test_a_return_is_called_off_on_its_page_and_its_label_is_gone(whole: House, dana: Visitor) -> None:
    case, rma_id = asked_back(whole, "SO-15086")
    dana.opens(f"/returns/{case}")

    page = dana.sends(f"/returns/{case}/cancel", rma=rma_id)

    assert "Cancelled; nothing needs to be sent" in page.text
    assert "/labels/" not in page.text
    assert dana.sends(f"/returns/{case}/cancel", rma=rma_id).status_code == 409


def test_a_new_label_takes_the_place_of_a_lost_one(whole: House, dana: Visitor) -> None:
    case, rma_id = asked_back(whole, "SO-15086")
    before = dana.opens(f"/returns/{case}").text

    after = dana.sends(f"/returns/{case}/label", rma=rma_id).text

    first, second = (re.findall(r"Tracking <span class=\"num\">(\w+)", text) for text in (before, after))
    assert len(first) == len(second) == 1
    assert first != second
    assert "made anew" in after


def test_a_number_finds_the_return_that_carries_it(whole: House, dana: Visitor) -> None:
    case, _ = asked_back(whole, "SO-15086")

    found, nothing = dana.opens("/returns?q=so-15086").text, dana.opens("/returns?q=SO-1").text

    assert f"/returns/{case}" in found
    assert f"/returns/{case}" not in nothing
    assert "Nothing carries that number" in nothing


def test_another_account_learns_nothing_of_it_and_can_do_nothing_to_it(whole: House) -> None:
    case, rma_id = asked_back(whole, "SO-15086")
    with whole.store.read() as uow:
        label = rmas.live_label(uow, rma_id)
    assert label is not None
    stranger = at_the_doors(whole, STRANGER)

    assert case not in stranger.opens("/returns").text
    answers = [
        stranger.opens(f"/returns/{case}"),
        stranger.opens(f"/returns/{case}/labels/{label.id}/pdf"),
        stranger.sends(f"/returns/{case}/cancel", rma=rma_id),
        stranger.sends(f"/returns/{case}/label", rma=rma_id),
    ]
    assert {one.status_code for one in answers} == {404}
    with whole.store.read() as uow:
        assert rmas.rma(uow, rma_id).state == "labelled"


def test_who_proved_one_order_calls_off_what_is_of_that_order_only(whole: House) -> None:
    alone, alone_rma = asked_back(whole, "SO-15086")
    mixed, mixed_rma = asked_back(whole, "SO-15122", "SO-15086")
    guest = Speaker("A-1001", "Order SO-15086", "contact:order-SO-15086", order_scope="SO-15086")
    slip = at_the_doors(whole, guest)

    page = slip.opens(f"/returns/{mixed}").text

    assert "SO-15086/1" in page
    assert "SO-15122" not in page
    assert slip.sends(f"/returns/{mixed}/cancel", rma=mixed_rma).status_code == 404
    assert "Cancelled; nothing needs" in slip.sends(f"/returns/{alone}/cancel", rma=alone_rma).text


def test_a_guest_sees_no_amounts(whole: House) -> None:
    case, _ = asked_back(whole, "SO-15086")
    guest = replace(SPEAKER, requested_by="contact:order-SO-15086", order_scope="SO-15086")

    page = at_the_doors(whole, guest).opens(f"/returns/{case}").text

    assert "SO-15086/1" in page
    assert not re.search(r"\d+\.\d\d (?:USD|EUR|CAD)|\$\d", page)


def test_a_colleague_calls_off_what_somebody_on_the_telephone_names(whole: House) -> None:
    _, rma_id = asked_back(whole, "SO-15086")

    cancel_rma(whole.desk, replace(SPEAKER, requested_by="staff:ST-1 for A-1001"), rma_id)

    with whole.store.read() as uow:
        assert rmas.rma(uow, rma_id).state == "cancelled"
