"""Receiving what was announced: counts, serials, other articles, empty boxes."""

import re
from typing import Any

import pytest

from backhaul.domain.receiving import ReceiptState
from backhaul.store import dock, rmas
from tests.web.dock_goods import announced, booked, receipts, the_form
from tests.web.test_chat import as_file, carton


@pytest.fixture
def dora(visitor: Any) -> Any:
    visitor.is_staff("dock")
    return visitor


DRIVES = ("SO-15093", 1, 1)
SERIAL = "KX4-50-118803"


def test_what_came_as_announced_is_one_click(dora: Any, house: Any) -> None:
    rma = announced(house)

    page = dora.sends(f"/dock/rma/{rma}", **the_form(dora.opens(f"/dock/rma/{rma}")), act="count")

    (row,) = receipts(house, rma)
    assert page.url.path == f"/dock/receipt/{row.id}"
    assert "Being booked" in page.text
    assert (row.kind, row.quantity, row.sku, row.state) == ("expected", 2, "BRG-6205-2RS", "counted")
    assert row.tracking_number == "1Z-TRACK"
    assert house.later.started[-1] == ("receive", f"receive-{row.id}", [row.id])


def test_a_second_click_and_a_reload_are_the_same_receipt(dora: Any, house: Any) -> None:
    rma = announced(house)
    form = the_form(dora.opens(f"/dock/rma/{rma}"))

    first = dora.sends(f"/dock/rma/{rma}", **form, act="count")
    second = dora.sends(f"/dock/rma/{rma}", **form, act="count")

    assert first.url.path == second.url.path
    assert len(receipts(house, rma)) == 1


def test_of_two_people_who_count_the_same_parcel_the_second_is_told(
    dora: Any, another: Any, house: Any
) -> None:
    rma = announced(house)
    another.is_staff("dock")
    mine, theirs = dora.opens(f"/dock/rma/{rma}"), another.opens(f"/dock/rma/{rma}")
    another.sends(f"/dock/rma/{rma}", **the_form(theirs), act="count")

    page = dora.sends(f"/dock/rma/{rma}", **(the_form(mine) | {"note": "crushed carton"}), act="count")

    assert page.status_code == 409
    assert "Somebody has counted goods of this return meanwhile" in page.text
    assert ">crushed carton<" in page.text
    assert len(receipts(house, rma)) == 1


def test_part_of_it_leaves_the_rest_expected(dora: Any, house: Any) -> None:
    rma = announced(house)
    page = dora.opens(f"/dock/rma/{rma}")

    dora.sends(f"/dock/rma/{rma}", **counting(page, "1"), act="count")
    booked(house, receipts(house, rma)[0].id)

    assert "2 announced, 1 came before" in dora.opens(f"/dock/rma/{rma}").text
    assert 'value="1" inputmode' in dora.opens(f"/dock/rma/{rma}").text
    assert rma in dora.opens("/dock").text


def counting(page: Any, count: str, **more: str) -> dict[str, str]:
    form = the_form(page)
    named = {name: f"{name}:" for name in ("kind", "article", "serials", "lots")}
    changed = {
        name: more[short]
        for short, start in named.items()
        for name in form
        if name.startswith(start) and short in more
    }
    counts = {name: count for name in form if name.startswith("count:")}
    return form | counts | changed | {name: value for name, value in more.items() if name == "note"}


def test_what_has_all_come_is_expected_no_more(dora: Any, house: Any) -> None:
    rma = announced(house)

    dora.sends(f"/dock/rma/{rma}", **the_form(dora.opens(f"/dock/rma/{rma}")), act="count")
    waiting = dora.opens("/dock").text
    booked(house, receipts(house, rma)[0].id)

    assert rma not in waiting
    assert rma not in dora.opens("/dock").text
    assert "All of it is here" in dora.opens(f"/dock/rma/{rma}").text
    assert "2RS" in dora.opens("/dock?show=inspect").text


def test_more_than_announced_is_taken_and_explained(dora: Any, house: Any) -> None:
    rma = announced(house)

    page = dora.sends(f"/dock/rma/{rma}", **counting(dora.opens(f"/dock/rma/{rma}"), "4"), act="count")

    (row,) = receipts(house, rma)
    assert row.quantity == 4
    assert "2 more than announced" in page.text


@pytest.mark.parametrize(
    ("count", "said"),
    [
        ("two", "is not a number of pieces"),
        ("-1", "is not a number of pieces"),
        ("0", "Nothing is counted"),
        ("9999999", "is not a number of pieces"),
        ("", "Nothing is counted"),
    ],
)
def test_a_count_that_is_none_is_asked_for_again_with_what_was_typed(
    dora: Any, house: Any, count: str, said: str
) -> None:
    rma = announced(house)

    form = counting(dora.opens(f"/dock/rma/{rma}"), count, note="pallet 7")
    page = dora.sends(f"/dock/rma/{rma}", **form, act="count")

    assert page.status_code == 422
    assert said in page.text
    assert f'value="{count}" inputmode' in page.text
    assert ">pallet 7<" in page.text
    assert not receipts(house, rma)


def test_photos_are_kept_with_the_receipt_and_through_a_correction(dora: Any, house: Any) -> None:
    rma = announced(house)
    picture = ("photos", ("box.jpg", as_file(carton()), "image/jpeg"))
    form = counting(dora.opens(f"/dock/rma/{rma}"), "two")

    wrong = dora.sends(f"/dock/rma/{rma}", files=[picture], **form, act="count")
    kept = re.search(r'name="kept" value="([0-9a-f]{64})"', wrong.text)
    assert kept
    page = dora.sends(f"/dock/rma/{rma}", **(counting(wrong, "2") | {"kept": kept[1]}), act="count")

    (row,) = receipts(house, rma)
    assert row.photos == [kept[1]]
    assert dora.client.get(f"{page.url.path}/photos/0").headers["content-type"] == "image/jpeg"
    assert dora.client.get(f"{page.url.path}/photos/1").status_code == 404


def test_what_is_no_photo_is_refused_with_what_was_typed(dora: Any, house: Any) -> None:
    rma = announced(house)
    form = counting(dora.opens(f"/dock/rma/{rma}"), "1", note="dented")

    page = dora.sends(
        f"/dock/rma/{rma}", files=[("photos", ("x.jpg", b"not one", "image/jpeg"))], **form, act="count"
    )

    assert page.status_code == 422
    assert "is not a photo we can open" in page.text
    assert ">dented<" in page.text


def test_an_announced_serial_is_received(dora: Any, house: Any) -> None:
    rma = announced(house, *DRIVES)

    page = dora.opens(f"/dock/rma/{rma}")
    dora.sends(f"/dock/rma/{rma}", **counting(page, "1", serials=f"]C1{SERIAL}\r\n"), act="count")

    (row,) = receipts(house, rma)
    assert row.serials == [SERIAL]


@pytest.mark.parametrize(
    ("serials", "said"),
    [
        ("KX4-50-000000", "KX4-50-000000 is not on this return"),
        ("", "Scan 1 more serial."),
        (f"{SERIAL}, KX4-50-118804", "2 serials for 1 pieces"),
    ],
)
def test_a_serial_that_does_not_fit_is_asked_about(dora: Any, house: Any, serials: str, said: str) -> None:
    rma = announced(house, *DRIVES)

    page = dora.sends(
        f"/dock/rma/{rma}", **counting(dora.opens(f"/dock/rma/{rma}"), "1", serials=serials), act="count"
    )

    assert page.status_code == 422
    assert said in page.text
    assert f">{serials}</textarea>" in page.text
    assert not receipts(house, rma)


def test_a_serial_that_came_already_is_not_received_again(dora: Any, house: Any) -> None:
    rma = announced(house, "SO-15093", 1, 2)
    for_one = counting(dora.opens(f"/dock/rma/{rma}"), "1", serials=SERIAL)
    dora.sends(f"/dock/rma/{rma}", **for_one, act="count")

    again = counting(dora.opens(f"/dock/rma/{rma}"), "1", serials=SERIAL)
    page = dora.sends(f"/dock/rma/{rma}", **again, act="count")

    assert page.status_code == 422
    assert f"{SERIAL} was received already" in page.text


def test_a_serial_nobody_can_read_is_received_with_a_note(dora: Any, house: Any) -> None:
    rma = announced(house, *DRIVES)

    form = counting(dora.opens(f"/dock/rma/{rma}"), "1", note="plate torn off")
    dora.sends(f"/dock/rma/{rma}", **form, act="count")

    assert receipts(house, rma)[0].note == "plate torn off"


def test_another_serial_is_received_as_that(dora: Any, house: Any) -> None:
    rma = announced(house, *DRIVES)

    form = counting(dora.opens(f"/dock/rma/{rma}"), "1", kind="wrong_serial", serials="KX4-50-000000")
    dora.sends(f"/dock/rma/{rma}", **form, act="count")

    (row,) = receipts(house, rma)
    assert (row.kind, row.serials, row.sku) == ("wrong_serial", ["KX4-50-000000"], "DRV-5000-480")


@pytest.mark.parametrize(
    ("typed", "sku", "described"),
    [("ctr-018-024", "CTR-018-024", ""), ("a blue pump <b>", "", "a blue pump <b>")],
)
def test_another_article_is_named_by_sku_or_in_words(
    dora: Any, house: Any, typed: str, sku: str, described: str
) -> None:
    rma = announced(house)

    form = counting(dora.opens(f"/dock/rma/{rma}"), "1", kind="wrong_item", article=typed)
    page = dora.sends(f"/dock/rma/{rma}", **form, act="count")

    (row,) = receipts(house, rma)
    assert (row.kind, row.sku, row.described) == ("wrong_item", sku, described)
    assert "<b>" not in page.text


@pytest.mark.parametrize(
    ("typed", "said"), [("", "Which article came?"), ("brg-6205-2rs", "is the announced article")]
)
def test_another_article_has_to_be_another_one(dora: Any, house: Any, typed: str, said: str) -> None:
    rma = announced(house)

    form = counting(dora.opens(f"/dock/rma/{rma}"), "1", kind="wrong_item", article=typed)
    page = dora.sends(f"/dock/rma/{rma}", **form, act="count")

    assert page.status_code == 422
    assert said in page.text


@pytest.mark.parametrize(("act", "kind"), [("empty", "empty_box"), ("refused", "refused")])
def test_an_empty_box_and_a_refused_parcel_are_receipts_without_pieces(
    dora: Any, house: Any, act: str, kind: str
) -> None:
    rma = announced(house)
    form = the_form(dora.opens(f"/dock/rma/{rma}"))

    for _ in range(2):
        dora.sends(f"/dock/rma/{rma}", **form, act=act)

    (row,) = receipts(house, rma)
    assert (row.kind, row.quantity, row.sku) == (kind, 0, "")


def test_what_is_held_says_why_and_where_to_put_it(dora: Any, house: Any) -> None:
    rma = announced(house)
    dora.sends(f"/dock/rma/{rma}", **the_form(dora.opens(f"/dock/rma/{rma}")), act="empty")
    (row,) = receipts(house, rma)
    with house.store.begin() as uow:
        held = dock.receipt(uow, row.id)
        held.state, held.why = ReceiptState.HELD.value, "The box was empty."

    assert "The box was empty." in dora.opens("/dock?show=held").text
    assert "hold shelf" in dora.opens(f"/dock/receipt/{row.id}").text


def test_a_cancelled_return_that_comes_all_the_same_is_counted_with_a_warning(dora: Any, house: Any) -> None:
    rma = announced(house)
    with house.store.begin() as uow:
        rmas.rma(uow, rma).cancelled_at = uow.clock.now()

    page = dora.opens(f"/dock/rma/{rma}")
    dora.sends(f"/dock/rma/{rma}", **the_form(page), act="count")

    assert "This return was cancelled." in page.text
    assert rma not in dora.opens("/dock").text
    assert len(receipts(house, rma)) == 1


def test_the_desk_looks_and_does_not_count(visitor: Any, house: Any) -> None:
    rma = announced(house)
    visitor.is_staff("reviewer")

    page = visitor.opens(f"/dock/rma/{rma}")
    tried = visitor.sends(f"/dock/rma/{rma}", act="count", seen="0")

    assert 'name="act"' not in page.text
    assert tried.status_code == 403


def test_a_page_without_its_ids_is_asked_for_anew(dora: Any, house: Any) -> None:
    rma = announced(house)
    form = the_form(dora.opens(f"/dock/rma/{rma}"))
    form = {name: "'; drop" if name.startswith("receipt:") else value for name, value in form.items()}

    page = dora.sends(f"/dock/rma/{rma}", **form, act="count")

    assert page.status_code == 422
    assert "This page is too old" in page.text
