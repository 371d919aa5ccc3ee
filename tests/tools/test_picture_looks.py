"""Pictures of the house are told apart, and known again after what people do to photos."""

import io
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import pytest
from PIL import Image

from backhaul.simulation.pictures import picture
from backhaul.store.photo_looks import ALIKE_BITS
from tools.picture_looks import looks_of

pytestmark = pytest.mark.slow  # kept out of the time of a build

ROOT = Path(__file__).parent.parent.parent
DRAWN = 400


def apart(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    """The fewest bits between the whole of one picture and anything of the other, as the store compares."""
    pairs = [(one[0], theirs) for theirs in other] + [(mine, other[0]) for mine in one]
    return min((int(mine, 16) ^ int(theirs, 16)).bit_count() for mine, theirs in pairs)


@pytest.fixture(scope="module")
def pictures() -> list[Image.Image]:
    shots = [Image.open(path).convert("RGB") for path in sorted(ROOT.glob("docs/screenshots/*.png"))]
    drawn = [Image.open(io.BytesIO(picture(f"look {number}"))) for number in range(DRAWN)]
    assert len(shots) >= 5
    return [*shots, *drawn]


def test_no_two_pictures_of_the_house_look_alike(pictures: list[Image.Image]) -> None:
    looks = [looks_of(one) for one in pictures]

    alike = [pair for pair in combinations(looks, 2) if apart(*pair) <= ALIKE_BITS]

    assert len(looks) * (len(looks) - 1) // 2 > 80_000
    assert alike == []


def recompressed(image: Image.Image) -> Image.Image:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=30)
    return Image.open(io.BytesIO(out.getvalue()))


def cut(image: Image.Image, share: float) -> Image.Image:
    width, height = image.size
    return image.crop(
        (int(width * share), int(height * share), int(width * (1 - share)), int(height * (1 - share)))
    )


CHANGES: dict[str, tuple[Callable[[Image.Image], Image.Image], float]] = {
    "half the size": (lambda one: one.resize((one.width // 2, one.height // 2)), 0.99),
    "compressed to 30": (recompressed, 0.99),
    "brighter by a fifth": (lambda one: one.point(lambda level: min(level * 6 // 5, 255)), 0.97),
    "mirrored": (lambda one: one.transpose(Image.Transpose.FLIP_LEFT_RIGHT), 0.99),
    "cut by 2 % a side": (lambda one: cut(one, 0.02), 0.95),
    "cut by 5 % a side": (lambda one: cut(one, 0.05), 0.95),
    "cut by 8 % a side": (lambda one: cut(one, 0.08), 0.95),
    "cut by 20 % a side": (lambda one: cut(one, 0.20), 0.0),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_picture_is_known_again_as_often_as_the_decision_says(
    pictures: list[Image.Image], change: str
) -> None:
    make, least = CHANGES[change]
    drawn = pictures[-120:]

    known = sum(apart(looks_of(make(one)), looks_of(one)) <= ALIKE_BITS for one in drawn)

    assert known / len(drawn) >= least


def test_blank_pictures_have_no_looks_and_every_other_one_has_five() -> None:
    assert looks_of(Image.new("RGB", (400, 300), "grey")) == ()
    assert len(looks_of(Image.open(io.BytesIO(picture("x"))))) == 5
