"""What stands where on a return label, in printer dots: one layout for every renderer, so that prints agree.

The fonts built into PDF know Latin-1 only. Other Latin letters lose their marks (`ł` becomes `l`) and what
has no Latin form becomes `?`: a label with a question mark still travels on its codes.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime

import numpy as np
import zxingcpp
from fpdf import FPDF
from numpy.typing import NDArray

from backhaul.connectors.embedded.gs1 import element_string, is_tracking_number
from backhaul.domain.errors import BadInput
from backhaul.domain.trade import Address

PRINTER_DPI = 203
WIDTH, HEIGHT = 4 * PRINTER_DPI, 6 * PRINTER_DPI
"""Four by six inches in dots; so are all places and sizes below."""
MARGIN = 30
POINTS_PER_DOT = 72 / PRINTER_DPI

_BAR_DOTS, _WIDE_BAR_DOTS, _POSTAL_ROOM = 4, 5, 460
"""X-dimensions of the bars, 0.0197 and 0.0246 in: the least GS1 allows for transport labels is 0.0195 in."""
_QR_DOTS, _QR_ROOM, _QR_LEAST_DOTS = 8, 200, 4
_GRAMS_PER_POUND = 453.59237
_LEAST_SHARE = 0.6
"""Letters are made smaller down to this share of their size; then the line is cut."""
_LATIN_1_END = 256
_LATIN_NAME = re.compile(r"LATIN (SMALL|CAPITAL) LETTER ([A-Z])(?: WITH .+)?")
_PARCEL_FOOT = "Tape flat on the outside and cover old labels. One label for each parcel."
_PALLET_FOOT = "Fix the two copies to two neighbouring sides of this pallet."
_CREATED = datetime(2000, 1, 1, tzinfo=UTC)
"""A fixed date inside the PDF: a clock there would change the hash of the same label."""


@dataclass(frozen=True, slots=True)
class LabelSpec:
    """All that stands on a return label: from the customer, to the facility that takes the return.

    `drop_off_code` is what the QR says. `references` are up to two lines for the dock, such as the PO number.
    BadInput for a tracking number with a wrong check digit, or without an RMA number.
    """

    ship_from: Address
    ship_to: Address
    rma_number: str
    carrier: str
    service: str
    tracking_number: str
    sscc: str
    drop_off_code: str
    weight_grams: int
    ship_by: date
    references: tuple[str, ...] = ()
    pallet: str = ""
    """Which of the pallets of a pickup it is, as in `Pallet 1 of 2`; then `drop_off_code` is the bill of
    lading and `ship_by` the day of the pickup.
    """

    def __post_init__(self) -> None:
        if not self.rma_number.strip():
            raise BadInput("a return label needs its RMA number", field="rma_number")
        if not is_tracking_number(self.tracking_number):
            raise BadInput(
                f"{self.tracking_number!r} is no tracking number of this carrier", field="tracking_number"
            )


@dataclass(frozen=True, slots=True)
class Text:
    """Words in a box of one line; `size` is the height of the line."""

    x: int
    y: int
    size: int
    words: str
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across the label."""

    y: int


@dataclass(frozen=True, slots=True)
class Bars:
    """A GS1-128 bar code of one element string; `dots` is the width of its narrowest bar."""

    x: int
    y: int
    dots: int
    height: int
    element: str


@dataclass(frozen=True, slots=True)
class Qr:
    """A QR code; `dots` is the side of one of its squares."""

    x: int
    y: int
    dots: int
    payload: str


Element = Text | Rule | Bars | Qr


def layout(spec: LabelSpec) -> tuple[Element, ...]:
    """What stands where. From top to bottom: carrier, addresses, routing, return, parcel."""
    return (*_carrier(spec), *_addresses(spec), *_routing(spec), *_return(spec), *_parcel(spec))


def printable(words: str) -> str:
    """The words in Latin-1 on one line, as the module's docstring says."""
    return " ".join("".join(_latin(character) for character in unicodedata.normalize("NFC", words)).split())


def blank_page() -> FPDF:
    """An empty label whose unit is the printer dot."""
    pdf = FPDF(unit=POINTS_PER_DOT, format=(WIDTH, HEIGHT))
    pdf.set_creation_date(_CREATED)
    pdf.set_auto_page_break(auto=False)
    pdf.add_page()
    return pdf


def qr_code(payload: str) -> zxingcpp.Barcode:
    """The QR code with medium error correction; BadInput unless the payload is printable ASCII."""
    if not (payload and payload.isascii() and payload.isprintable()):
        raise BadInput("a drop-off code is printable ASCII", field="drop_off_code")
    return zxingcpp.create_barcode(payload, zxingcpp.BarcodeFormat.QRCode, ec_level="M")


def gs1_modules(element: str) -> NDArray[np.bool_]:
    """Rows of bars, true where black. RuntimeError when the library did not make a GS1 code of it."""
    code = zxingcpp.create_barcode(element, zxingcpp.BarcodeFormat.Code128, gs1=True)
    # The library ignores options it does not know: without this check a plain Code 128 could be printed.
    if code.symbology_identifier != "]C1":
        raise RuntimeError(f"{element} became {code.symbology_identifier}, not the GS1-128 code ]C1")
    return modules(code)


def modules(code: zxingcpp.Barcode) -> NDArray[np.bool_]:
    """The smallest squares of a code, row by row, true where black."""
    black: NDArray[np.bool_] = np.asarray(code.to_image(scale=1, add_quiet_zones=False)) == 0
    return black


def line_within(x: int, y: int, size: int, words: str, *, width: int, bold: bool = False) -> Text:
    """A line that stays within `width`: first in smaller letters, at last cut off with dots."""
    words = printable(words)
    pdf = blank_page()
    pdf.set_font("Helvetica", "B" if bold else "", size * POINTS_PER_DOT)
    share = min(1, max(_LEAST_SHARE, width / max(1, pdf.get_string_width(words))))
    while pdf.get_string_width(words) * share > width:
        words = words.removesuffix("...")[:-1] + "..."
    return Text(x, y, int(size * share), words, bold)


def postal_lines(address: Address) -> tuple[str, ...]:
    """An address on three lines."""
    place = f"{address.city}, {address.state} {address.postal_code}"
    return address.name, address.street, place


def spaced(element: str) -> str:
    """An element string as it is printed below its bars."""
    return element.replace(")", ") ")


def _carrier(spec: LabelSpec) -> tuple[Element, ...]:
    return (
        line_within(MARGIN, 26, 40, spec.carrier, width=460, bold=True),
        line_within(510, 32, 30, spec.service, width=272),
        Rule(80),
    )


def _addresses(spec: LabelSpec) -> tuple[Element, ...]:
    pounds = spec.weight_grams / _GRAMS_PER_POUND
    sender, receiver = postal_lines(spec.ship_from), postal_lines(spec.ship_to)
    return (
        Text(MARGIN, 92, 20, "FROM"),
        *(line_within(MARGIN, 116 + 30 * row, 26, line, width=470) for row, line in enumerate(sender)),
        Text(530, 92, 20, "WEIGHT"),
        Text(530, 116, 26, f"{spec.weight_grams / 1000:.2f} kg / {pounds:.1f} lb"),
        Text(530, 152, 20, "PICKUP ON" if spec.pallet else "HAND IN BY"),
        Text(530, 176, 30, _day(spec.ship_by), bold=True),
        Rule(216),
        Text(MARGIN, 228, 20, "TO"),
        *(
            line_within(90, 228 + 46 * row, 38, line, width=692, bold=True)
            for row, line in enumerate((*receiver[:1], "Returns dock", *receiver[1:]))
        ),
        Rule(416),
    )


def _routing(spec: LabelSpec) -> tuple[Element, ...]:
    postal = element_string("420", spec.ship_to.postal_code)
    # A screen of 96 dots an inch shows the wider bars more surely; nine digits leave no room for them.
    fits = gs1_modules(postal).shape[1] * _WIDE_BAR_DOTS <= _POSTAL_ROOM
    bar_dots = _WIDE_BAR_DOTS if fits else _BAR_DOTS
    squares = len(modules(qr_code(spec.drop_off_code)))
    dots = min(_QR_DOTS, _QR_ROOM // squares)
    if dots < _QR_LEAST_DOTS:
        raise BadInput("the drop-off code is too long to be scanned from the label", field="drop_off_code")
    return (
        Bars(60, 436, bar_dots, 150, postal),
        Text(60, 594, 26, spaced(postal)),
        Qr(572, 430, dots, spec.drop_off_code),
        Text(572, 430 + squares * dots + 6, 20, "Bill of lading" if spec.pallet else "Drop-off code"),
        Rule(676),
    )


def _return(spec: LabelSpec) -> tuple[Element, ...]:
    return (
        line_within(MARGIN, 692, 60, f"RETURN {spec.rma_number}", width=752, bold=True),
        line_within(
            MARGIN, 762, 26, "Dock: scan the code below, count, check serials, put in quarantine.", width=752
        ),
        *(
            line_within(MARGIN, 794 + 30 * row, 24, line, width=752)
            for row, line in enumerate(spec.references[:2])
        ),
        Rule(860),
    )


def _parcel(spec: LabelSpec) -> tuple[Element, ...]:
    sscc = element_string("00", spec.sscc)
    return (
        line_within(
            MARGIN,
            872,
            28,
            f"{spec.pallet}, pro number {spec.tracking_number}"
            if spec.pallet
            else f"Tracking {spec.tracking_number}",
            width=752,
            bold=True,
        ),
        Bars(94, 910, _BAR_DOTS, 234, sscc),
        Text(94, 1150, 26, spaced(sscc)),
        Text(MARGIN, 1184, 22, _PALLET_FOOT if spec.pallet else _PARCEL_FOOT),
    )


def _day(day: date) -> str:
    return f"{day:%d %b %Y}"


def _latin(character: str) -> str:
    if not character.isprintable():
        return " "
    if ord(character) < _LATIN_1_END:
        return character
    plain = "".join(c for c in unicodedata.normalize("NFKD", character) if not unicodedata.combining(c))
    if plain.isascii():
        return plain
    named = _LATIN_NAME.fullmatch(unicodedata.name(character, ""))
    if named is None:
        return "?"
    return named[2] if named[1] == "CAPITAL" else named[2].lower()
