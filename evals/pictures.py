"""Photos that customers of scenarios send: drawn, each name its own picture, with a text on it if need be."""

import io

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from backhaul.connectors.embedded.label_layout import modules, qr_code
from backhaul.simulation import pictures
from backhaul.simulation.floor import Floor
from backhaul.store.conversation import Photo
from evals.scenario import Saying

_MODULE_PIXELS = 6
_MARGIN = 24


def photos(floor: Floor, said: Saying) -> tuple[Photo, ...]:
    """Put the pictures of a message into the blob store."""
    return tuple(_photo(floor, name, said) for name in said.photos)


def _photo(floor: Floor, name: str, said: Saying) -> Photo:
    content = _with_text(name, said.photo_text) if said.photo_text else pictures.picture(name)
    return Photo(floor.desk.blobs.put(content), said.file_name, "image/jpeg", len(content))


def _with_text(name: str, text: str) -> bytes:
    image = Image.open(io.BytesIO(pictures.picture(name)))
    pen = ImageDraw.Draw(image)
    pen.text((_MARGIN, _MARGIN), text, fill="white", font=ImageFont.load_default(20))
    black = modules(qr_code(text))
    code = Image.fromarray(np.where(black, 0, 255).astype(np.uint8))
    side = code.width * _MODULE_PIXELS
    paper = Image.new("L", (side + 2 * _MARGIN, side + 2 * _MARGIN), "white")
    paper.paste(code.resize((side, side), Image.Resampling.NEAREST), (_MARGIN, _MARGIN))
    image.paste(paper, (_MARGIN, 3 * _MARGIN))
    out = io.BytesIO()
    image.save(out, "JPEG")
    return out.getvalue()
