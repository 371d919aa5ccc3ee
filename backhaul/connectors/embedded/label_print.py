"""The return label on paper and on a phone: PDF and PNG for any printer, ZPL for label printers, a QR code.

4 x 6 inches at 203 dots per inch. The same spec gives the same bytes on the same library versions, because a
label is stored by its content hash. Addresses are brought into Latin-1; `label_layout` says how.
"""

import io
import re
import threading
from collections.abc import Sequence
from itertools import groupby

import numpy as np
import pypdfium2
from fpdf import FPDF
from numpy.typing import NDArray
from PIL import Image

from backhaul.connectors.embedded.label_layout import (
    HEIGHT,
    MARGIN,
    POINTS_PER_DOT,
    PRINTER_DPI,
    WIDTH,
    Bars,
    Element,
    LabelSpec,
    Qr,
    Rule,
    Text,
    blank_page,
    gs1_modules,
    layout,
    modules,
    qr_code,
)

_QR_PHONE_PIXELS = 10
_BASE_LINE = 0.8
"""Where the base line of Helvetica lies in the height of a line."""
_PDFIUM = threading.Lock()
"""PDFium may be used by one thread at a time."""
_ZPL_CONTROL = re.compile(r"[\^~_\\]")


def render_pdf(spec: LabelSpec) -> bytes:
    """The label as one PDF page with bars and squares drawn as vectors, sharp at any size."""
    return pages_as_pdf([layout(spec)])


def pages_as_pdf(pages: Sequence[Sequence[Element]]) -> bytes:
    """The same for several pages of one size."""
    pdf = blank_page()
    for number, page in enumerate(pages):
        if number:
            pdf.add_page()
        for element in page:
            _draw(pdf, element)
    return bytes(pdf.output())


def _draw(pdf: FPDF, element: Element) -> None:
    match element:
        case Text(x, y, size, words, bold):
            pdf.set_font("Helvetica", "B" if bold else "", size * POINTS_PER_DOT)
            pdf.text(x, y + size * _BASE_LINE, words)
        case Rule(y):
            pdf.rect(MARGIN, y, WIDTH - 2 * MARGIN, 2, style="F")
        case Bars(x, y, dots, height, content):
            _fill(pdf, gs1_modules(content)[:1], x, y, width=dots, height=height)
        case Qr(x, y, dots, payload):
            _fill(pdf, modules(qr_code(payload)), x, y, width=dots, height=dots)


def render_png(pdf: bytes, *, dpi: int = PRINTER_DPI) -> bytes:
    """The first page as a grey PNG; at 203 dpi every bar begins and ends on a dot."""
    with _PDFIUM:
        document = pypdfium2.PdfDocument(pdf)
        try:
            picture = document[0].render(scale=dpi / 72, grayscale=True).to_pil()
        finally:
            document.close()
    return _png(picture, dpi=dpi)


def render_zpl(spec: LabelSpec) -> str:
    """The label in Zebra's printer language; the printer itself draws the codes."""
    return page_as_zpl(layout(spec))


def page_as_zpl(page: Sequence[Element]) -> str:
    """The same for any page of that size."""
    head = f"^XA^CI28^PW{WIDTH}^LL{HEIGHT}^LH0,0"
    return "\n".join((head, *(_zpl_field(element) for element in page), "^XZ", ""))


def render_qr_png(payload: str) -> bytes:
    """The drop-off code with its quiet zone, for the screen of a phone at a counter."""
    image = qr_code(payload).to_image(scale=_QR_PHONE_PIXELS, add_quiet_zones=True)
    return _png(Image.fromarray(np.asarray(image)), dpi=PRINTER_DPI)


def _fill(pdf: FPDF, black: NDArray[np.bool_], x: int, y: int, *, width: int, height: int) -> None:
    """Draw each run of black modules as one box, so that no seam shows between neighbours."""
    for row, line in enumerate(black):
        column = 0
        for is_black, run in groupby(line.tolist()):
            length = len(list(run))
            if is_black:
                pdf.rect(x + column * width, y + row * height, length * width, height, style="F")
            column += length


def _zpl_field(element: Element) -> str:
    match element:
        case Text(x, y, size, words, _):
            return f"^FO{x},{y}^A0N,{size},{size}^FH^FD{_zpl_text(words)}^FS"
        case Rule(y):
            return f"^FO{MARGIN},{y}^GB{WIDTH - 2 * MARGIN},2,2^FS"
        case Bars(x, y, dots, height, content):
            return f"^FO{x},{y}^BY{dots}^BCN,{height},N,N,N,N^FD{_zpl_gs1(content)}^FS"
        case Qr(x, y, dots, payload):
            return f"^FO{x},{y}^BQN,2,{dots}^FH^FDMA,{_zpl_text(payload)}^FS"


def _zpl_text(words: str) -> str:
    """Characters that command the printer as hexadecimal, so that no address can."""
    return _ZPL_CONTROL.sub(lambda found: f"_{ord(found[0]):02X}", words)


def _zpl_gs1(element: str) -> str:
    """Start code, FNC1 (`>8`, which makes it GS1) and data; set C packs pairs of digits."""
    data = re.sub(r"[()]", "", element)
    start = ">;" if data.isdigit() and len(data) % 2 == 0 else ">:"
    return f"{start}>8{data}"


def _png(picture: Image.Image, *, dpi: int) -> bytes:
    buffer = io.BytesIO()
    picture.convert("L").save(buffer, format="PNG", dpi=(dpi, dpi))
    return buffer.getvalue()
