"""Photos of packing slips, carton labels and type plates, as phones take them: turned, shaded, compressed."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image, ImageFilter

from tests.house import SPEAKER, House
from tests.web.conftest import Visitor
from tests.web.test_orders import cards_in, shown
from tests.web.whole_house import at_the_doors, shared_house
from web.slips import Slip, read_slip

QR, BARS = zxingcpp.BarcodeFormat.QRCode, zxingcpp.BarcodeFormat.Code128
PLATE = "(240)DRV-5000-480(21){serial}"


@pytest.fixture(scope="module")
def whole(seeded_home: Path, reader_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    yield from shared_house(seeded_home, reader_cache, tmp_path_factory.mktemp("slips"))


@pytest.fixture
def dana(whole: House) -> Visitor:
    return at_the_doors(whole, SPEAKER)


def photo(*codes: tuple[str, zxingcpp.BarcodeFormat], turned: float = 7) -> bytes:
    """A sheet with those codes under one another, photographed by hand."""
    sheet = Image.new("L", (1500, 1200), 245)
    at = 80
    for text, kind in codes:
        gs1 = {"gs1": True} if text.startswith("(") else {}
        drawn = Image.fromarray(zxingcpp.create_barcode(text, kind, **gs1).to_image(scale=3))
        sheet.paste(drawn, (120, at))
        at += drawn.height + 60
    out = io.BytesIO()
    taken = sheet.rotate(turned, fillcolor=180).filter(ImageFilter.GaussianBlur(0.8)).convert("RGB")
    taken.save(out, "JPEG", quality=70)
    return out.getvalue()


def serial_of(house: House) -> str:
    sold = house.desk.erp.order_line("SO-15093", 1)
    assert sold is not None
    return sold.serials[0]


def test_an_order_number_and_an_article_name_the_line(whole: House) -> None:
    slip = read_slip(whole.desk, SPEAKER, photo(("SO-15086", BARS), ("BRG-6205-2RS", BARS)))

    assert slip == Slip(("SO-15086",), ("SO-15086/1",), ("BRG-6205-2RS",), (), codes=2)


def test_the_customers_own_number_on_the_slip_names_the_order(whole: House) -> None:
    assert read_slip(whole.desk, SPEAKER, photo(("HM-7702", QR))).orders == ("SO-15086",)


def test_a_type_plate_names_the_order_that_its_serial_was_shipped_on(whole: House) -> None:
    serial = serial_of(whole)

    slip = read_slip(whole.desk, SPEAKER, photo((PLATE.format(serial=serial), BARS)))

    assert (slip.orders, slip.lines, slip.serials) == (("SO-15093",), ("SO-15093/1",), (serial,))


def test_an_article_on_many_orders_names_none_of_them(whole: House) -> None:
    orders = whole.desk.erp.find_orders("A-1001", "WRN-012")
    assert len(orders) > 1
    assert read_slip(whole.desk, SPEAKER, photo(("WRN-012", BARS))).orders == ()


def test_what_is_in_nobodys_papers_and_what_is_in_a_strangers_is_the_same(whole: House) -> None:
    strangers, nobodys = (
        read_slip(whole.desk, SPEAKER, photo((text, QR))) for text in ("SO-15129", "https://x.example/SO-1")
    )

    assert strangers == nobodys == Slip(codes=1)


def test_a_photo_of_the_slip_ticks_the_line_on_the_cards(whole: House, dana: Visitor) -> None:
    serial = serial_of(whole)
    dana.opens("/orders")

    sent = {"photo": ("plate.jpg", photo((PLATE.format(serial=serial), BARS)), "image/jpeg")}
    page = dana.sends("/orders/slip", files=sent).text

    assert 'value="SO-15093/1" checked' in page
    assert f'value="{serial}" checked' in page
    assert "This is what the photo names" in page
    assert "SO-15086" not in page


def test_a_photo_without_a_code_says_what_to_do(dana: Visitor) -> None:
    dana.opens("/orders")

    page = dana.sends("/orders/slip", files={"photo": ("wall.jpg", photo(), "image/jpeg")}).text

    assert "There is no code in the photo that could be read" in page
    assert dana.sends("/orders/slip").status_code == 422


def test_in_the_chat_a_photo_says_which_order_is_meant(dana: Visitor) -> None:
    dana.opens("/chat")
    codes = photo(("SO-15086", BARS), ("BRG-6205-2RS", BARS))

    page = dana.sends(
        "/chat",
        text="We ordered 2 of these by mistake, credit please",
        files={"photos": ("slip.jpg", codes, "image/jpeg")},
    )

    text = shown(dana, page)
    assert "Read from the photo: order SO-15086, part BRG-6205-2RS." in text
    assert cards_in(text) == [("SO-15086/1", "2", "ordered by mistake")]
