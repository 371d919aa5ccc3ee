# ruff: noqa: F811 - fixtures of another file are asked for by their names
"""Files that are no photos, too many of them, and photos that are more than they seem."""

import io
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from random import Random
from threading import Lock
from typing import Any

import numpy as np
import pytest
from PIL import Image

from backhaul.domain.errors import BadInput
from backhaul.store import conversation as talk
from tests.web.shared_house import shared_house  # noqa: F401 - a fixture
from web import photos, pictures

SCRIPT = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


def photo(kind: str = "JPEG", **more: Any) -> bytes:
    pixels = np.random.default_rng(3).integers(0, 255, (200, 260, 3), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, kind, **more)
    return out.getvalue()


def huge_png(width: int, height: int, rows: bytes = b"") -> bytes:
    """A PNG that says it is that large, whatever it holds."""
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    chunks = (
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def huge_jpeg() -> bytes:
    """A small JPEG whose frame header claims 65,500 by 65,500 pixels."""
    content = bytearray(photo())
    at = content.index(b"\xff\xc0")
    content[at + 5 : at + 9] = struct.pack(">HH", 65_500, 65_500)
    return bytes(content)


def packed_text() -> bytes:
    """A small PNG with eighty megabytes of text in a chunk of eighty kilobytes."""
    plain, data = photo("PNG"), b"a\x00\x00" + zlib.compress(b"\x00" * 80_000_000)
    chunk = struct.pack(">I", len(data)) + b"zTXt" + data + struct.pack(">I", zlib.crc32(b"zTXt" + data))
    return plain[:33] + chunk + plain[33:]


DISGUISED = {
    "a page as a photo": b"<html><script>alert(1)</script></html>",
    "a drawing with a script": SCRIPT,
    "a program": b"MZ\x90\x00" + b"\x00" * 500,
    "a document": b"%PDF-1.7\n" + SCRIPT,
    "an animation": photo("GIF"),
    "a bitmap": photo("BMP"),
    "a photo that breaks off": photo()[:900],
    "a PNG of ten thousand million pixels": huge_png(100_000, 100_000),
    "a PNG just over what we open": huge_png(60_001, 1_000),
    "a JPEG of four thousand million pixels": huge_jpeg(),
    "text packed a thousandfold": packed_text(),
}


@pytest.mark.parametrize("what", DISGUISED)
def test_what_is_no_photo_is_refused_whatever_it_is_called(what: str) -> None:
    with pytest.raises(BadInput):
        pictures.rewritten(DISGUISED[what], "plate.jpg")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_of_a_photo_only_the_pixels_are_kept(kind: str) -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x013B] = "Maker of the phone", "Dana Whitfield"
    kept = pictures.rewritten(photo(kind, exif=exif) + SCRIPT, "plate.svg").content

    assert kept.startswith(b"\xff\xd8\xff")
    assert not [one for one in (b"Maker of", b"Dana", b"<script", b"svg") if one in kept]


def test_no_damaged_photo_brings_anything_but_a_refusal() -> None:
    """Bytes of photos changed, cut out and put in at random: nothing breaks."""
    random, seeds = Random(11), [photo(kind) for kind in ("JPEG", "PNG", "WEBP")]
    refused = 0
    for _ in range(150):
        content = bytearray(random.choice(seeds))
        for _ in range(random.randint(1, 10)):
            at = random.randrange(min(len(content), 400))
            content[at : at + random.randint(0, 6)] = random.randbytes(random.randint(0, 6))
        try:
            pictures.rewritten(bytes(content), "plate.jpg")
        except BadInput:
            refused += 1

    assert refused > 50


def test_only_two_photos_are_unfolded_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixty million pixels take four hundred megabytes while they are looked at."""
    lock, now, most = Lock(), [0], [0]
    unfold = pictures._rewritten  # noqa: SLF001 - watched, and still done

    def watched(content: bytes, name: str) -> pictures.Clean:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        try:
            return unfold(content, name)
        finally:
            with lock:
                now[0] -= 1

    monkeypatch.setattr(pictures, "_rewritten", watched)
    with ThreadPoolExecutor(8) as many:
        done = list(many.map(lambda _: pictures.rewritten(photo(), "plate.jpg"), range(16)))

    assert len(done) == 16
    assert most[0] <= 2


def attached(house: Any) -> int:
    with house.store.read() as uow:
        return sum(len(talk.attachments(uow, one.id)) for one in talk.threads_of(uow, "A-1001"))


def files(*contents: bytes, name: str = "plate.jpg", claimed: str = "image/jpeg") -> list[Any]:
    return [("photos", (name, content, claimed)) for content in contents]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (files(DISGUISED["a page as a photo"]), 422),
        (files(huge_jpeg()), 422),
        (files(*[photo()] * (photos.MOST_PHOTOS + 1)), 422),
        (files(photo() + b"\x00" * photos.MOST_BYTES), 422),
        (files(b"\x00" * (photos.MOST_PHOTOS * photos.MOST_BYTES + 2_000_000)), 413),
    ],
    ids=["disguised", "huge", "too many", "too large", "larger than all together"],
)
def test_the_chat_takes_no_such_file_and_keeps_nothing_of_it(
    shared_house: Any,
    at_the_doors_of: Any,
    sent: list[Any],
    status: int,
) -> None:
    visitor = at_the_doors_of(shared_house)
    visitor.plays(shared_house.doors.stories[0].key)
    before = attached(shared_house)

    assert visitor.sends("/chat", files=sent, text="look").status_code == status
    assert attached(shared_house) == before


def test_what_was_sent_under_a_wicked_name_is_shown_as_a_photo_and_nothing_else(
    shared_house: Any,
    at_the_doors_of: Any,
) -> None:
    visitor = at_the_doors_of(shared_house)
    visitor.plays(shared_house.doors.stories[0].key)
    name = '../../"><script>alert(1)</script>\r\nX-Planted: 1.html'

    page = visitor.sends("/chat", files=files(photo(), name=name, claimed="text/html"), text="look")
    thread = page.url.path
    with shared_house.store.read() as uow:
        row = talk.attachments(uow, thread.rpartition("/")[2])[0]
    shown = visitor.client.get(f"{thread}/photos/{row.id}")

    assert not set(row.file_name) & set('/\\<>"\r\n')
    assert "<script>alert" not in page.text
    assert shown.headers["content-type"] == "image/jpeg"
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert "x-planted" not in shown.headers
