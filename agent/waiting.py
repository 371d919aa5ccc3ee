"""How long a turn waits for the worker, and for what."""

import time

from agent.outbox import Outbox
from backhaul.domain.codes import Outcome
from backhaul.store.tables import ThreadEventRow

POLL_SECONDS = 0.03
"""How often a waiting turn looks for news."""

_REPLACEMENT_SECONDS = 0.6
"""A replacement is ordered right after its label, if the terms allow it before the goods are back."""


def what_follows(
    outbox: Outbox, thread_id: str, decided: ThreadEventRow, *, seconds: float
) -> list[ThreadEventRow]:
    """Number, label and replacement that come on the heels of a permit, to be told in the same message."""
    permitted = [
        one["proposal_id"] for one in decided.payload["proposals"] if one["outcome"] == Outcome.PERMIT.value
    ]
    if not permitted:
        return []
    deadline = time.monotonic() + seconds
    while True:
        following = outbox.following(thread_id, decided)
        missing = outbox.missing(permitted, following)
        if missing == "replacement":
            deadline = min(deadline, time.monotonic() + _REPLACEMENT_SECONDS)
        if not missing or time.monotonic() > deadline:
            return following
        time.sleep(POLL_SECONDS)
