"""What a photo is, read from its content and never from its name.

Every photo is decoded and written anew, so that metadata (place, owner, device) and anything hidden in the
file stay outside.
"""

import io
from dataclasses import dataclass
from threading import BoundedSemaphore

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from backhaul.domain.errors import BadInput
from tools.picture_looks import looks_of
from web.errors import TooOften

_MOST_PIXELS = 60_000_000
_FORMATS = ("JPEG", "PNG", "WEBP")
_KEPT_SIDE = 2_400
"""Longest side that is kept: enough to read a nameplate."""
_LOOKED_AT_SIDE = 640
"""Longest side for judging; sharpness is compared at one size."""
_SMALLEST_SIDE = 160
_FLAT = 6.0
"""Standard deviation of grey levels (0-255) under which a picture shows nothing."""
_SOFT = 12.0
"""Variance of the Laplacian under which nothing in the picture has an edge."""
_JPEG_QUALITY = 88
_AT_ONCE = BoundedSemaphore(2)
"""A file of some kilobytes may unfold to 60 million pixels: more at once would take all the memory."""
_LONGEST_WAIT_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Clean:
    """A photo written anew; `unusable` says in words why it shows nothing."""

    content: bytes
    unusable: str | None
    looks: tuple[str, ...]
    """See tools.picture_looks"""


def rewritten(content: bytes, file_name: str) -> Clean:
    """The photo as pixels alone.

    Raises:
        BadInput: It is none.
        TooOften: Too many are being looked at just now.
    """
    if not _AT_ONCE.acquire(timeout=_LONGEST_WAIT_SECONDS):
        raise TooOften(_LONGEST_WAIT_SECONDS)
    try:
        return _rewritten(content, file_name)
    finally:
        _AT_ONCE.release()


def _rewritten(content: bytes, file_name: str) -> Clean:
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as opened:
            if opened.width * opened.height > _MOST_PIXELS:
                raise BadInput(f"{file_name} has too many pixels. Send a smaller photo.", field="photos")
            picture = ImageOps.exif_transpose(opened).convert("RGB")
    except (
        UnidentifiedImageError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
        OSError,
        SyntaxError,
        ValueError,
    ) as error:
        raise BadInput(
            f"{file_name} is not a photo we can open. Send it as JPEG, PNG or WebP.", field="photos"
        ) from error
    unusable = _why_unusable(picture)
    picture.thumbnail((_KEPT_SIDE, _KEPT_SIDE))
    out = io.BytesIO()
    # A fresh picture of the pixels alone: nothing of the file's own information goes along.
    Image.fromarray(np.asarray(picture)).save(out, "JPEG", quality=_JPEG_QUALITY)
    return Clean(out.getvalue(), unusable, looks_of(picture))


def _why_unusable(picture: Image.Image) -> str | None:
    """In words, why a picture shows nothing that could be judged; `None` when it may."""
    if min(picture.size) < _SMALLEST_SIDE:
        return "The photo is too small to see anything on it."
    small = picture.convert("L")
    small.thumbnail((_LOOKED_AT_SIDE, _LOOKED_AT_SIDE))
    grey = np.asarray(small, dtype=np.float32)
    if float(grey.std()) < _FLAT:
        return "The photo is blank."
    laplacian = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:] - 4 * grey[1:-1, 1:-1]
    return "The photo is too blurred to see the damage." if float(laplacian.var()) < _SOFT else None
