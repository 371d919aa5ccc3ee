"""Photos that customers send: checked, written anew, and stored under their content.

A blank, blurred, tiny or reused photo is kept and shown, with words why it is no evidence.
"""

from collections.abc import Sequence

from starlette.datastructures import UploadFile

from backhaul.domain.errors import BadInput
from backhaul.store import conversation as talk
from backhaul.store.conversation import Photo
from backhaul.store.unit_of_work import Store
from tools.desk import Desk

MOST_BYTES = 10 * 1024 * 1024
MOST_PHOTOS = 6
"""Of one message."""


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


def clean(upload: UploadFile) -> bytes:
    """One photo written anew, to be looked at and not kept. BadInput when it is none, or too large."""
    from web.pictures import rewritten  # noqa: PLC0415 - NumPy and Pillow, for those who send a photo

    name = upload.filename or "photo"
    return rewritten(_within_size(upload.file.read(MOST_BYTES + 1), name), name).content


def _within_size(content: bytes, file_name: str) -> bytes:
    if len(content) > MOST_BYTES:
        raise BadInput(f"{file_name} is larger than 10 MB. Send a smaller photo.", field="photos")
    return content


def keep(
    desk: Desk, thread_id: str, file_name: str, content: bytes, *, line_hint: int | None = None
) -> Photo:
    """Check one photo, write it anew and store it under its content hash."""
    from web.pictures import rewritten  # noqa: PLC0415 - NumPy and Pillow, for those who send a photo

    anew = rewritten(_within_size(content, file_name), file_name)
    blob = desk.blobs.put(anew.content)
    unusable = anew.unusable or _reused(desk.store, blob, thread_id)
    size = len(anew.content)
    return Photo(blob, _plain_name(file_name), "image/jpeg", size, line_hint, unusable, anew.looks)


def _reused(store: Store, blob: str, thread_id: str) -> str | None:
    with store.read() as uow:
        seen = talk.blob_seen_elsewhere(uow, blob, thread_id)
    return "The same photo was already sent with another request." if seen else None


def _plain_name(file_name: str) -> str:
    stem = file_name.replace("\\", "/").rpartition("/")[2].rpartition(".")[0]
    kept = "".join(letter if letter.isalnum() or letter in "-_ " else "-" for letter in stem)
    return f"{kept.strip(' -')[:60] or 'photo'}.jpg"
