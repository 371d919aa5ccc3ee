"""Finding, beside the worker's other work, which decided cases a new one is like."""

import threading
from collections.abc import Callable, Sequence

import numpy as np
import structlog
from numpy.typing import NDArray

from backhaul.analytics.likeness import nearest, packed
from backhaul.domain.errors import ConnectorUnavailable
from backhaul.store import similar
from backhaul.store.unit_of_work import Store

Embed = Callable[[Sequence[str]], NDArray[np.float32]]
"""One unit vector for each text"""

MOST_SHOWN = 5
_AT_A_TIME = 8
_PAUSE_SECONDS = 10.0
"""Looking whether there is anything new reads all reviews"""

log = structlog.get_logger("backhaul.similar")


def compare(store: Store, embed: Embed) -> int:
    """Read the words of some reviews that were not read yet, and hold those that wait against the decided.

    One text at a time: a vector must not depend on what stands beside it.
    """
    with store.read() as uow:
        unread = similar.unread_words(uow, limit=_AT_A_TIME)
    vectors = [(one, packed(embed([one.words])[0])) for one in unread]
    if vectors:
        with store.begin() as uow:
            for one, vector in vectors:
                similar.keep(uow, one, vector)
    with store.read() as uow:
        waiting = [(row, similar.decided_like(uow, row)) for row in similar.to_compare(uow, limit=_AT_A_TIME)]
    found = [(row.review_id, nearest(row.vector, others, most=MOST_SHOWN)) for row, others in waiting]
    if found:
        with store.begin() as uow:
            for review_id, these in found:
                similar.keep_nearest(uow, review_id, these)
    return len(vectors) + len(found)


def compare_until(stop: threading.Event, store: Store, embed: Embed) -> threading.Thread:
    """Do so in a thread of its own until told to stop: the model takes seconds to load."""

    def work() -> None:
        while not stop.wait(_PAUSE_SECONDS):
            try:
                while not stop.is_set() and compare(store, embed):
                    pass
            except ConnectorUnavailable as silent:
                log.warning("similar cases not looked for", peer=silent.peer)

    thread = threading.Thread(target=work, name="similar", daemon=True)
    thread.start()
    return thread
