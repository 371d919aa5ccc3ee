"""Photos taken at the dock: written anew and stored by content, and kept when a form has to be corrected."""

from collections.abc import Sequence

from fastapi.responses import Response
from starlette.datastructures import FormData, UploadFile

from backhaul.domain.errors import BadInput, NotFound
from backhaul.store.blobs import BlobStore
from tools.desk import Desk
from web.photos import MOST_BYTES, MOST_PHOTOS

UPLOAD_BYTES = MOST_PHOTOS * MOST_BYTES + 1_000_000


def taken(desk: Desk, form: FormData) -> tuple[str, ...]:
    """Blob names of the photos in a form, and of those it has kept from before.

    Raises:
        BadInput: Not a photo, too large, or too many.
    """
    uploads = [one for one in form.getlist("photos") if isinstance(one, UploadFile) and one.filename]
    kept = [str(name) for name in form.getlist("kept") if _is_here(desk.blobs, str(name))]
    if len(uploads) + len(kept) > MOST_PHOTOS:
        raise BadInput(f"At most {MOST_PHOTOS} photos.", field="photos")
    return tuple(dict.fromkeys([*kept, *(_keep(desk, one) for one in uploads)]))


def shown(desk: Desk, photos: Sequence[object], position: int) -> Response:
    """One of the photos of a record.

    Raises:
        NotFound: There are not so many.
    """
    if not 0 <= position < len(photos):
        raise NotFound("photo", str(position))
    return Response(desk.blobs.get(str(photos[position])), media_type="image/jpeg")


def _keep(desk: Desk, upload: UploadFile) -> str:
    from web.pictures import rewritten  # noqa: PLC0415 - NumPy and Pillow, for those who send a photo

    name, content = upload.filename or "photo", upload.file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise BadInput(f"{name} is larger than 10 MB. Send a smaller photo.", field="photos")
    return desk.blobs.put(rewritten(content, name).content)


def _is_here(blobs: BlobStore, name: str) -> bool:
    try:
        blobs.get(name)
    except NotFound:
        return False
    return True
