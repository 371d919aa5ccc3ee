"""Pictures for made-up returns: drawn, each another one, with the word on it that says so."""

import io
from functools import cache
from random import Random

from PIL import Image, ImageDraw, ImageFont

from backhaul.simulation.floor import Floor
from backhaul.store.conversation import Photo

_SIZE = (640, 480)
_BLOTS = 60
_WORD = "drawn, not photographed"


def picture(seed: str) -> bytes:
    """A JPEG; the same seed gives the same one."""
    random = Random(seed)
    image = Image.new("RGB", _SIZE, tuple(random.randint(90, 160) for _ in range(3)))
    pen = ImageDraw.Draw(image)
    for _ in range(_BLOTS):
        left, top = random.randint(0, _SIZE[0]), random.randint(0, _SIZE[1])
        box = (left, top, left + random.randint(10, 120), top + random.randint(10, 90))
        pen.rectangle(box, fill=tuple(random.randint(40, 230) for _ in range(3)))
    pen.text((16, _SIZE[1] - 48), _WORD, fill="white", font=ImageFont.load_default(32))
    out = io.BytesIO()
    image.save(out, "JPEG")
    return out.getvalue()


def blobs(floor: Floor, seed: str, count: int) -> tuple[str, ...]:
    """So many pictures in the blob store; their names."""
    return tuple(floor.desk.blobs.put(picture(f"{seed} {number}")) for number in range(count))


def photos(floor: Floor, seed: str, count: int) -> tuple[Photo, ...]:
    """The same as photos that come with a message."""
    return tuple(_photo(floor, picture(f"{seed} {at}"), at) for at in range(count))


def _photo(floor: Floor, content: bytes, at: int) -> Photo:
    return Photo(floor.desk.blobs.put(content), f"photo-{at + 1}.jpg", "image/jpeg", len(content))


def same_picture(floor: Floor, name: str) -> Photo:
    """One picture for all, with a name behind its end: another file each time, and nothing drawn anew."""
    return _photo(floor, _drawn_once() + name.encode(), 0)


@cache
def _drawn_once() -> bytes:
    return picture("the same for all")
