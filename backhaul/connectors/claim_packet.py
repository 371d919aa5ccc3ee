"""The packet of a vendor claim on paper: what a supplier needs to decide, and nothing about our customer.

The fonts built into PDF know Latin-1 only; a letter outside of it becomes `?`.
"""

import io
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from PIL import Image, UnidentifiedImageError

from backhaul.domain.claims import Bought
from backhaul.domain.money import LEDGER_CURRENCY, Money

_PICTURE_SIDE = 1_200
"""Longest side of a photo in the packet, in pixels: a page wide at 150 dots per inch."""
_WIDTH, _PICTURE_WIDTH, _LINE, _LABEL_WIDTH = 180, 120, 5.5, 46
"""Millimetres"""
_BODY, _HEAD, _TITLE = 10, 12, 17
"""Points"""


@dataclass(frozen=True, slots=True)
class Picture:
    """A photo and what it shows."""

    caption: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Packet:
    """All that stands in a packet. Amounts are cents of the ledger currency."""

    claim_id: str
    made_on: date
    supplier_name: str
    sku: str
    supplier_part: str
    description: str
    quantity: int
    serials: tuple[str, ...]
    lots: tuple[str, ...]
    reason: str
    grade: str
    checklist: tuple[tuple[str, str], ...]
    inspected_on: date
    received_on: date
    customer_words: str
    """Without names, addresses and numbers that lead to a person"""
    notes: tuple[str, ...]
    invoices: tuple[str, ...]
    """Number and day of our own invoice for the goods: it shows when they were sold"""
    purchases: tuple[Bought, ...]
    cost_minor: int
    allowance_minor: int
    pictures: tuple[Picture, ...]
    is_simulated: bool = False


def print_packet(packet: Packet) -> bytes:
    """The packet as a PDF of A4 pages; the same packet gives the same bytes on the same library versions."""
    pdf = FPDF(format="A4")
    pdf.set_creation_date(datetime.combine(packet.made_on, time(), UTC))
    pdf.set_title(f"Claim {packet.claim_id}")
    pdf.set_margins(15, 15)
    pdf.set_auto_page_break(auto=True, margin=15)
    pdf.add_page()
    if packet.is_simulated:
        _write(pdf, "Simulated: nothing in this claim is real.", bold=True)
    _write(pdf, f"Claim {packet.claim_id}", size=_TITLE, bold=True)
    _write(pdf, f"To {packet.supplier_name}, {packet.made_on:%d %B %Y}")
    for head, rows in _sections(packet):
        _section(pdf, head, rows)
    for picture in packet.pictures:
        _picture(pdf, picture)
    return bytes(pdf.output())


_Rows = list[tuple[str, str]]


def _sections(packet: Packet) -> list[tuple[str, _Rows]]:
    told = [("What our customer says", packet.customer_words or "nothing in writing")]
    told += [("Note", note) for note in packet.notes]
    return [
        ("The goods", _goods(packet)),
        ("What we ask for", _amounts(packet)),
        ("What we bought, and when it was sold", _origin(packet)),
        ("What we found", _found(packet)),
        ("What was said", told),
    ]


def _goods(packet: Packet) -> _Rows:
    return [
        ("Your part", packet.supplier_part),
        ("Our article", f"{packet.sku}, {packet.description}"),
        ("Pieces", str(packet.quantity)),
        ("Serial numbers", ", ".join(packet.serials) or "none on these goods"),
        *([("Lots", ", ".join(packet.lots))] if packet.lots else []),
    ]


def _amounts(packet: Packet) -> _Rows:
    cost, allowance = packet.cost_minor, packet.allowance_minor
    return [
        ("Cost of the goods", _money(cost)),
        ("Agreed allowance", _money(allowance)),
        ("Together", _money(cost + allowance)),
    ]


def _origin(packet: Packet) -> _Rows:
    bought = [
        (
            f"Purchase {one.number}",
            f"{one.quantity} pieces at {_money(one.unit_cost_minor)}, received {one.received_on:%d %B %Y}",
        )
        for one in packet.purchases
    ]
    return [*bought, *(("Sold with", invoice) for invoice in packet.invoices)]


def _found(packet: Packet) -> _Rows:
    return [
        ("Came back", f"{packet.received_on:%d %B %Y}"),
        ("Inspected", f"{packet.inspected_on:%d %B %Y}"),
        ("Reason", packet.reason.replace("_", " ")),
        ("Grade", packet.grade),
        *packet.checklist,
    ]


def _money(minor: int) -> str:
    return str(Money(minor, LEDGER_CURRENCY))


def _section(pdf: FPDF, head: str, rows: _Rows) -> None:
    pdf.ln(4)
    _write(pdf, head, size=_HEAD, bold=True)
    for label, words in rows:
        pdf.set_font("Helvetica", "B", _BODY)
        top = pdf.get_y()
        pdf.multi_cell(_LABEL_WIDTH, _LINE, _latin_1(label), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        below, page = pdf.get_y(), pdf.page
        pdf.set_xy(pdf.l_margin + _LABEL_WIDTH, top if below > top else pdf.t_margin)
        pdf.set_font("Helvetica", "", _BODY)
        width = _WIDTH - _LABEL_WIDTH
        pdf.multi_cell(width, _LINE, _latin_1(words), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        if pdf.page == page:
            pdf.set_y(max(below, pdf.get_y()))


def _write(pdf: FPDF, words: str, *, size: int = _BODY, bold: bool = False) -> None:
    pdf.set_font("Helvetica", "B" if bold else "", size)
    pdf.multi_cell(_WIDTH, size * 0.5, _latin_1(words), new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _picture(pdf: FPDF, picture: Picture) -> None:
    drawn = smaller(picture.content)
    height = _PICTURE_WIDTH * drawn.height / drawn.width
    if pdf.will_page_break(height + 2 * _LINE):
        pdf.add_page()
    pdf.ln(4)
    pdf.image(drawn, w=_PICTURE_WIDTH)
    _write(pdf, picture.caption)


def smaller(content: bytes) -> Image.Image:
    """A photo as it goes into a packet. UnidentifiedImageError when it is none."""
    with Image.open(io.BytesIO(content)) as opened:
        drawn = opened.convert("RGB")
    drawn.thumbnail((_PICTURE_SIDE, _PICTURE_SIDE))
    return drawn


def is_picture(content: bytes) -> bool:
    """Whether a stored file can be drawn at all."""
    try:
        with Image.open(io.BytesIO(content)) as opened:
            opened.verify()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        return False
    return True


def _latin_1(words: str) -> str:
    return words.encode("latin-1", "replace").decode("latin-1")
