import hashlib
import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from backhaul.connectors.embedded import gs1
from backhaul.connectors.embedded.label_layout import LabelSpec, Text, layout, printable
from backhaul.connectors.embedded.label_print import render_pdf, render_png, render_qr_png, render_zpl
from backhaul.domain.errors import BadInput
from backhaul.domain.trade import Address

CUSTOMER = Address("Kessler Machine Works", "418 Foundry Street, Bay 7", "Dayton", "OH", "45402")
FACILITY = Address("Midwest Returns", "2200 Halsted Avenue", "Chicago", "IL", "60607")
SPEC = LabelSpec(
    ship_from=CUSTOMER,
    ship_to=FACILITY,
    rma_number="RMA-2026-000123",
    carrier="Northline Parcel",
    service="Ground Return",
    tracking_number=gs1.tracking_number(4711),
    sscc=gs1.sscc(815),
    drop_off_code="BHD1:" + gs1.tracking_number(4711),
    weight_grams=3200,
    ship_by=date(2026, 12, 12),
    references=("Order SO-10442, PO 77-4410", "2 x BRG-6204 deep groove ball bearing"),
)
CODES_ON_THE_LABEL = {f"(00){SPEC.sscc}", "(420)60607", SPEC.drop_off_code}


def scanned(png: bytes, *, turned: float = 0) -> dict[str, str]:
    """Text of each code on the picture, with the symbology it was read as."""
    picture = Image.open(io.BytesIO(png)).convert("L")
    if turned:
        picture = picture.rotate(turned, expand=True, fillcolor=255, resample=Image.Resampling.BILINEAR)
    return {code.text: code.symbology_identifier for code in zxingcpp.read_barcodes(picture)}


@pytest.mark.parametrize(
    ("digits", "expected"),
    [("629104150021", 3), ("10614141234567890", 8), ("37610425002123456", 9), ("0", 0)],
)
def test_check_digit_agrees_with_published_examples(digits: str, expected: int) -> None:
    assert gs1.check_digit(digits) == expected


@given(st.integers(0, 10**9 - 1), st.integers(0, 9), st.integers(0, 17), st.integers(1, 9))
def test_one_misread_digit_of_an_sscc_is_always_noticed(
    serial: int, extension: int, place: int, error: int
) -> None:
    good = gs1.sscc(serial, extension=extension)
    wrong = f"{good[:place]}{(int(good[place]) + error) % 10}{good[place + 1 :]}"
    assert gs1.is_sscc(good)
    assert not gs1.is_sscc(wrong)


@given(st.integers(0, 10**10 - 1), st.integers(3, 13), st.integers(1, 9))
def test_one_mistyped_digit_of_a_tracking_number_is_always_noticed(
    serial: int, place: int, error: int
) -> None:
    good = gs1.tracking_number(serial)
    wrong = f"{good[:place]}{(int(good[place]) + error) % 10}{good[place + 1 :]}"
    assert gs1.is_tracking_number(good)
    assert not gs1.is_tracking_number(wrong)


def test_an_sscc_is_made_of_extension_prefix_serial_and_check_digit() -> None:
    assert gs1.sscc(123456789, company_prefix="0614141", extension=1) == "106141411234567897"


@pytest.mark.parametrize(
    ("serial", "prefix", "extension", "field"),
    [
        (10**9, "9520001", 0, "serial"),
        (-1, "9520001", 0, "serial"),
        (1, "952", 0, "company_prefix"),
        (1, "95200o1", 0, "company_prefix"),
        (1, "9520001", 10, "extension"),
    ],
)
def test_an_sscc_that_cannot_be_built_names_the_field(
    serial: int, prefix: str, extension: int, field: str
) -> None:
    with pytest.raises(BadInput) as refused:
        gs1.sscc(serial, company_prefix=prefix, extension=extension)
    assert refused.value.field == field


@pytest.mark.parametrize(
    "damage",
    [
        lambda good: good[:0],
        lambda good: good[:3],
        lambda good: good.lower(),
        lambda good: good[:-1],
        lambda good: f" {good}",
        lambda good: f"{good}0",
        lambda good: good.replace("0", "\N{ARABIC-INDIC DIGIT ZERO}"),
    ],
)
def test_what_is_no_tracking_number_is_not_taken_for_one(damage: Callable[[str], str]) -> None:
    assert not gs1.is_tracking_number(damage(SPEC.tracking_number))


def test_a_tracking_serial_beyond_ten_digits_is_refused() -> None:
    with pytest.raises(BadInput, match="does not fit in 10 digits"):
        gs1.tracking_number(10**10)


@pytest.mark.parametrize(
    ("identifier", "value", "complaint"),
    [
        ("00", "952000100000008150", "wrong check digit"),
        ("00", "123", "cannot carry"),
        ("420", "", "cannot carry"),
        ("420", "60607(00)", "cannot carry"),
        ("99", "anything", "no label carries"),
    ],
)
def test_an_element_string_that_would_mislead_a_scanner_is_refused(
    identifier: str, value: str, complaint: str
) -> None:
    with pytest.raises(BadInput, match=complaint):
        gs1.element_string(identifier, value)


@pytest.mark.parametrize("dpi", [96, 203, 300])
@pytest.mark.parametrize("turned", [0, 3, -7, 90])
def test_all_three_codes_scan_at_printer_and_screen_resolution_and_askew(dpi: int, turned: float) -> None:
    assert set(scanned(render_png(render_pdf(SPEC), dpi=dpi), turned=turned)) == CODES_ON_THE_LABEL


def test_bars_are_gs1_128_and_not_plain_code_128() -> None:
    found = scanned(render_png(render_pdf(SPEC)))
    assert found[f"(00){SPEC.sscc}"] == "]C1"
    assert found["(420)60607"] == "]C1"


def test_a_nine_digit_zip_code_travels_without_its_hyphen() -> None:
    spec = replace(SPEC, ship_to=replace(FACILITY, postal_code="60607-1234"))
    assert "(420)606071234" in scanned(render_png(render_pdf(spec)))
    assert "^FD>;>8420606071234^FS" in render_zpl(spec)


def test_the_drop_off_code_scans_from_a_phone() -> None:
    assert set(scanned(render_qr_png(SPEC.drop_off_code))) == {SPEC.drop_off_code}


def test_the_same_label_has_the_same_bytes_and_another_label_has_not() -> None:
    first, again = render_pdf(SPEC), render_pdf(replace(SPEC))
    other = render_pdf(replace(SPEC, rma_number="RMA-2026-000124"))
    digests = [hashlib.sha256(content).hexdigest() for content in (first, again, other)]
    assert digests[0] == digests[1] != digests[2]
    assert render_png(first) == render_png(again)


def test_a_png_has_four_by_six_inches_of_printer_dots() -> None:
    picture = Image.open(io.BytesIO(render_png(render_pdf(SPEC))))
    assert picture.size == (812, 1218)


def test_a_label_printer_is_told_every_field() -> None:
    zpl = render_zpl(SPEC)
    fields = re.findall(r"\^FO(\d+),(\d+)(.*?)\^FD(.*?)\^FS", zpl)
    data = [field[3] for field in fields]
    assert zpl.startswith("^XA^CI28^PW812^LL1218^LH0,0\n")
    assert zpl.endswith("\n^XZ\n")
    assert zpl.count("^XA") == zpl.count("^XZ") == 1
    assert (["94", "910", "^BY4^BCN,234,N,N,N,N", f">;>800{SPEC.sscc}"]) in [list(field) for field in fields]
    assert (["60", "436", "^BY5^BCN,150,N,N,N,N", ">;>842060607"]) in [list(field) for field in fields]
    assert f"MA,{SPEC.drop_off_code}" in data
    for words in (
        "Northline Parcel",
        "Ground Return",
        "Kessler Machine Works",
        "418 Foundry Street, Bay 7",
        "Dayton, OH 45402",
        "Midwest Returns",
        "2200 Halsted Avenue",
        "Chicago, IL 60607",
        "3.20 kg / 7.1 lb",
        "12 Dec 2026",
        "RETURN RMA-2026-000123",
        "Order SO-10442, PO 77-4410",
        "2 x BRG-6204 deep groove ball bearing",
        f"Tracking {SPEC.tracking_number}",
        f"(00) {SPEC.sscc}",
        "(420) 60607",
    ):
        assert words in data


def test_an_address_cannot_command_the_printer() -> None:
    zpl = render_zpl(replace(SPEC, ship_from=replace(CUSTOMER, name="A^XZ~JR_5E\\ Co")))
    assert zpl.count("^XZ") == 1
    assert "~JR" not in zpl
    assert "A_5EXZ_7EJR_5F5E_5C Co" in zpl


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("Łódź Ćwikła", "Lódz Cwikla"),
        ("Müller & Søn, São", "Müller & Søn, São"),
        ("Ðorđe Şahin", "Ðorde Sahin"),
        ("\N{CJK UNIFIED IDEOGRAPH-5317}京 Trading", "?? Trading"),
        ("Bay 7\nDoor\t2\x00", "Bay 7 Door 2"),
        ("\ud800broken", "broken"),
    ],
)
def test_a_name_from_elsewhere_is_brought_into_the_letters_of_the_printer(written: str, printed: str) -> None:
    assert printable(written) == printed


@settings(max_examples=50)
@given(st.text(max_size=200), st.text(max_size=200))
def test_no_address_keeps_a_label_from_being_made_or_runs_off_it(name: str, street: str) -> None:
    spec = replace(SPEC, ship_from=replace(CUSTOMER, name=name, street=street))
    picture = Image.open(io.BytesIO(render_png(render_pdf(spec), dpi=72)))
    right_margin = picture.crop((picture.width - 8, 0, picture.width, picture.height))
    assert right_margin.getextrema() == (255, 255)


def test_a_very_long_name_is_made_smaller_and_then_cut_but_its_codes_still_scan() -> None:
    spec = replace(SPEC, ship_to=replace(FACILITY, name="Consolidated Industrial Returns " * 5))
    names = [e for e in layout(spec) if isinstance(e, Text) and e.words.startswith("Consolidated")]
    assert names[0].words.endswith("...")
    assert set(scanned(render_png(render_pdf(spec)))) == CODES_ON_THE_LABEL


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"rma_number": " "}, "rma_number"),
        ({"tracking_number": "BHL00000047110"}, "tracking_number"),
        ({"sscc": "952000100000008150"}, "value"),
        ({"drop_off_code": "x" * 200}, "drop_off_code"),
        ({"drop_off_code": "caf\N{LATIN SMALL LETTER E WITH ACUTE}"}, "drop_off_code"),
        ({"drop_off_code": ""}, "drop_off_code"),
    ],
)
def test_a_label_that_would_not_travel_is_not_printed(change: dict[str, str], field: str) -> None:
    with pytest.raises(BadInput) as refused:
        render_pdf(replace(SPEC, **change))  # type: ignore[arg-type]
    assert refused.value.field == field
