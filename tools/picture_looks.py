"""What a photo looks like, in 64 bits that survive other sizes, compression and small crops.

The DCT hash of Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions" (2010), section
3.2.1: grey, 32 x 32, the 8 x 8 lowest frequencies, each above or below their median; the constant term, which
holds the brightness alone, is left out. It does not survive crops, so a photo has several: whole, cut by 3, 6
and 9 % on each side, and mirrored. Two photos look alike when the whole of one is near any of the other.
"""

import numpy as np
from PIL import Image, ImageOps

_SIDE = 32
_LOWEST = 8
_CUT_PERCENT = (3, 6, 9)
_STEPS = np.arange(_SIDE)
_DCT = np.cos(np.pi * (2 * _STEPS[None, :] + 1) * _STEPS[:_LOWEST, None] / (2 * _SIDE))


def looks_of(picture: Image.Image) -> tuple[str, ...]:
    """Hashes of the whole picture, its middle cut three times, and its mirror image; 16 hex digits each.

    A picture without contrast has none: all blank pictures would look alike.
    """
    grey = picture.convert("L")
    if _is_blank(grey):
        return ()
    return tuple(_look(one) for one in (grey, *_cut(grey), ImageOps.mirror(grey)))


def _is_blank(grey: Image.Image) -> bool:
    darkest, brightest = grey.getextrema()
    return darkest == brightest


def _cut(grey: Image.Image) -> list[Image.Image]:
    width, height = grey.size
    return [
        grey.crop(
            (
                width * percent // 100,
                height * percent // 100,
                width - width * percent // 100,
                height - height * percent // 100,
            )
        )
        for percent in _CUT_PERCENT
    ]


def _look(grey: Image.Image) -> str:
    small = np.asarray(grey.resize((_SIDE, _SIDE), Image.Resampling.BOX), dtype=np.float64)
    lowest = (_DCT @ small @ _DCT.T).ravel()[1:]
    above = lowest > np.median(lowest)
    bits = np.concatenate([[False], above])
    return np.packbits(bits).tobytes().hex()
