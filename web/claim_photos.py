"""Pictures that belong to claims: from a supplier, or from staff who complete a packet."""

from collections.abc import Sequence

from fastapi import UploadFile

from backhaul.domain.errors import BadInput
from tools.desk import Desk
from web.photos import MOST_BYTES, MOST_PHOTOS


def keep(desk: Desk, uploads: Sequence[UploadFile]) -> tuple[str, ...]:
    """Write pictures anew and store them; their blob names. Empty file fields are passed over.

    Raises:
        BadInput: Not a picture, one that shows nothing, too large, or too many.
    """
    files = [upload for upload in uploads if upload.filename]
    if len(files) > MOST_PHOTOS:
        raise BadInput(f"Send at most {MOST_PHOTOS} pictures at once.", field="photos")
    return tuple(_keep(desk, upload) for upload in files)


def _keep(desk: Desk, upload: UploadFile) -> str:
    from web.pictures import rewritten  # noqa: PLC0415 - NumPy and Pillow, for those who send a picture

    name, content = upload.filename or "picture", upload.file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise BadInput(f"{name} is larger than 10 MB. Send a smaller picture.", field="photos")
    clean = rewritten(content, name)
    if clean.unusable:
        raise BadInput(f"{name}: {clean.unusable}", field="photos")
    return desk.blobs.put(clean.content)
