"""The right to answer on a thread: one holder at a time, across threads, processes and hosts."""

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from backhaul.domain.errors import BackhaulError
from backhaul.store import conversation
from backhaul.store.unit_of_work import Store, UnitOfWork

LEASE_SECONDS = 60
"""A dead holder blocks a thread this long. Longer than the slowest step, one reading by a language model."""


_YOUNG_SECONDS = 5.0
"""A lease younger than this need not be renewed."""


class LeaseLost(BackhaulError):
    """Somebody else answers on this thread now; what was prepared here must not be said."""

    code = "lease_lost"


class Lease:
    """A held turn lock."""

    def __init__(self, store: Store, thread_id: str, holder: str) -> None:
        self.store, self.thread_id, self.holder = store, thread_id, holder
        self._renewed = time.monotonic()

    def renew(self) -> None:
        """Hold on for another period, when a good part of this one is over. LeaseLost when it is too late."""
        if time.monotonic() - self._renewed < _YOUNG_SECONDS:
            return
        with self.store.begin() as uow:
            if not conversation.take_turn_lock(uow, self.thread_id, self.holder, seconds=LEASE_SECONDS):
                raise LeaseLost(f"the turn on {self.thread_id} was taken over")
        self._renewed = time.monotonic()

    def check(self, uow: UnitOfWork) -> None:
        """Refuse the open transaction unless the lock is still ours."""
        if conversation.thread(uow, self.thread_id, lock=True).lock_holder != self.holder:
            raise LeaseLost(f"the turn on {self.thread_id} was taken over")


@contextmanager
def turn_lease(store: Store, thread_id: str) -> Iterator[Lease | None]:
    """The lock for the block, or `None` while somebody else works."""
    holder = uuid.uuid4().hex
    with store.begin() as uow:
        taken = conversation.take_turn_lock(uow, thread_id, holder, seconds=LEASE_SECONDS)
    if not taken:
        yield None
        return
    try:
        yield Lease(store, thread_id, holder)
    finally:
        with store.begin() as uow:
            conversation.release_turn_lock(uow, thread_id, holder)
