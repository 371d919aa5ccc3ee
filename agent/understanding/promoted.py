"""Heads that were trained here and promoted: what they are called, and the content to read with.

Loads nothing that takes long: which heads are in use is asked before the reader is needed.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from agent.understanding import exemplar
from agent.understanding.installed import WEIGHTS_SHA256, libraries, recipe


@dataclass(frozen=True, slots=True)
class Promoted:
    """Trained heads as the content of their file, which whoever hands it over has verified."""

    name: str
    content: bytes


def none_promoted() -> Promoted | None:
    """Where nothing was promoted the heads are those that the shipped exemplars make."""
    return None


def name_of(exemplars: Sequence[exemplar.Exemplar]) -> str:
    """The hash of all that heads trained on these depend on: with another one they may read otherwise."""
    parts = [exemplar.digest(exemplars), WEIGHTS_SHA256, recipe(), *libraries()]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
