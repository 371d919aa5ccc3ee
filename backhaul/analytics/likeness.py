"""How alike two texts are, by their vectors; a byte for each number is exact enough to rank by."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_SCALE = 127
_PERMILLE = 1_000


def packed(vector: NDArray[np.float32]) -> bytes:
    """A unit vector in one signed byte for each number."""
    return np.rint(vector * _SCALE).astype(np.int8).tobytes()


def nearest(own: bytes, others: Sequence[tuple[str, bytes]], *, most: int) -> list[tuple[str, int]]:
    """The ids of the most alike with their cosine in permille, nearest first; equal ones by their id."""
    if not others:
        return []
    ids = sorted(range(len(others)), key=lambda place: others[place][0])
    rows = np.frombuffer(b"".join(others[place][1] for place in ids), dtype=np.int8)
    those = rows.reshape(len(ids), -1).astype(np.float32)
    this = np.frombuffer(own, dtype=np.int8).astype(np.float32)
    cosines = those @ this / (np.linalg.norm(those, axis=1) * np.linalg.norm(this))
    best = np.argsort(-cosines, kind="stable")[:most]
    return [(others[ids[place]][0], round(float(cosines[place]) * _PERMILLE)) for place in best]
