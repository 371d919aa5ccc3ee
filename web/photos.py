"""Photos that customers send: what they are is read from their content, never from their name.

Every photo is decoded and written anew, so that metadata (place, owner, device) and anything hidden in the
file stay outside. A blank, blurred, tiny or reused photo is kept and shown, with words why it is no evidence.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from fastapi import UploadFile
from PIL import Image, ImageOps, UnidentifiedImageError

from backhaul.domain.errors import BadInput
from backhaul.store import conversation as talk
from backhaul.store.conversation import Photo
from backhaul.store.unit_of_work import Store
from tools.desk import Desk

MOST_BYTES = 10 * 1024 * 1024
MOST_PHOTOS = 6
"""Of one message."""
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


@dataclass(frozen=True, slots=True)
class _Clean:
    content: bytes
    unusable: str | None


def accept(
    desk: Desk, thread_id: str, uploads: Sequence[UploadFile], *, line_hint: int | None = None
) -> list[Photo]:
    """Store what was uploaded, ready to go with a message. Empty file fields are passed over.

    Raises:
        BadInput: Not a photo, too large, or too many.
    """
    files = [upload for upload in uploads if upload.filename]
    if len(files) > MOST_PHOTOS:
        raise BadInput(f"Send at most {MOST_PHOTOS} photos with one message.", field="photos")
    return [
        keep(
            desk, thread_id, upload.filename or "photo", upload.file.read(MOST_BYTES + 1), line_hint=line_hint
        )
        for upload in files
    ]


def keep(
    desk: Desk, thread_id: str, file_name: str, content: bytes, *, line_hint: int | None = None
) -> Photo:
    """Check one photo, write it anew and store it under its content hash."""
    clean = _rewritten(content, file_name)
    blob = desk.blobs.put(clean.content)
    unusable = clean.unusable or _reused(desk.store, blob, thread_id)
    return Photo(blob, _plain_name(file_name), "image/jpeg", len(clean.content), line_hint, unusable)


def _reused(store: Store, blob: str, thread_id: str) -> str | None:
    with store.read() as uow:
        seen = talk.blob_seen_elsewhere(uow, blob, thread_id)
    return "The same photo was already sent with another request." if seen else None


def _plain_name(file_name: str) -> str:
    stem = file_name.replace("\\", "/").rpartition("/")[2].rpartition(".")[0]
    kept = "".join(letter if letter.isalnum() or letter in "-_ " else "-" for letter in stem)
    return f"{kept.strip(' -')[:60] or 'photo'}.jpg"


def _rewritten(content: bytes, file_name: str) -> _Clean:
    if len(content) > MOST_BYTES:
        raise BadInput(f"{file_name} is larger than 10 MB. Send a smaller photo.", field="photos")
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
    unusable = why_unusable(picture)
    picture.thumbnail((_KEPT_SIDE, _KEPT_SIDE))
    out = io.BytesIO()
    # A fresh picture of the pixels alone: nothing of the file's own information goes along.
    Image.fromarray(np.asarray(picture)).save(out, "JPEG", quality=_JPEG_QUALITY)
    return _Clean(out.getvalue(), unusable)


def why_unusable(picture: Image.Image) -> str | None:
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
