"""A return label as a file: to print, to show at a counter, or to send to a label printer."""

from fastapi.responses import Response

from backhaul.domain.errors import NotFound
from backhaul.store.effect_tables import LabelRow
from web.files import called
from web.world import Doors

PRINTS = {
    "pdf": ("pdf_blob", "application/pdf"),
    "png": ("png_blob", "image/png"),
    "zpl": ("zpl_blob", "application/zpl"),
    "qr": ("qr_blob", "image/png"),
}
"""Where each print of a label is kept, and its media type"""


def known_print(kind: str) -> str:
    """The kind of print, if there is such a one; NotFound otherwise."""
    if kind not in PRINTS:
        raise NotFound("print", kind)
    return kind


def label_file(doors: Doors, label: LabelRow, kind: str) -> Response:
    """The label in one of its prints; `qr` is the code that a counter scans from a phone."""
    column, media_type = PRINTS[known_print(kind)]
    ending = "png" if kind == "qr" else kind
    placed = "attachment" if kind == "zpl" else "inline"
    return Response(
        doors.desk.blobs.get(getattr(label, column)),
        media_type=media_type,
        headers=called(f"return-{label.tracking_number}.{ending}", placed=placed),
    )
