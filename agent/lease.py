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
    """A turn lock, held or to be taken."""

    def __init__(self, store: Store, thread_id: str) -> None:
        self.store, self.thread_id, self.holder = store, thread_id, uuid.uuid4().hex
        self._renewed = time.monotonic()
        self._held = False

    def take(self, uow: UnitOfWork) -> bool:
        """Take the lock, or hold on for another period; False while somebody else has it."""
        return conversation.take_turn_lock(uow, self.thread_id, self.holder, seconds=LEASE_SECONDS)

    def renew(self) -> None:
        """Hold on for another period, when a good part of this one is over. LeaseLost when it is too late."""
        if time.monotonic() - self._renewed < _YOUNG_SECONDS:
            return
        with self.store.begin() as uow:
            if not self.take(uow):
                raise LeaseLost(f"the turn on {self.thread_id} was taken over")
        self._renewed = time.monotonic()

    def check(self, uow: UnitOfWork) -> None:
        """Refuse the open transaction unless the lock is still ours."""
        if conversation.thread(uow, self.thread_id, lock=True).lock_holder != self.holder:
            raise LeaseLost(f"the turn on {self.thread_id} was taken over")

    def give_back(self, uow: UnitOfWork) -> None:
        """Let the lock go with the open transaction."""
        conversation.release_turn_lock(uow, self.thread_id, self.holder)
        uow.after_commit.append(self._let_go)

    @contextmanager
    def held(self) -> Iterator[None]:
        """For the block that works under the lock: given back at the end, unless that was done on the way."""
        self._held = True
        try:
            yield
        finally:
            if self._held:
                with self.store.begin() as uow:
                    self.give_back(uow)

    def _let_go(self) -> None:
        self._held = False
