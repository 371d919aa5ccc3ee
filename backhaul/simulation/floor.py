"""Where made-up returns happen: the real store, guard, workflows and systems, run inline on a moved clock."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from backhaul.bootstrap import stores
from backhaul.bootstrap.doors import build_desk
from backhaul.bootstrap.policy_shelf import PolicyShelf, policy_copy, policy_folder
from backhaul.bootstrap.worker import Replaced, build_world
from backhaul.connectors.embedded.carrier import EmbeddedCarrier
from backhaul.domain.clock import MovedClock
from backhaul.domain.errors import NotFound
from backhaul.settings import Settings
from backhaul.store import staff
from backhaul.store.unit_of_work import Store
from backhaul.workflows.inline import InlineEngine
from backhaul.workflows.world import WorkerWorld
from tools.desk import Desk


@dataclass(frozen=True, slots=True)
class Floor:
    """Handles of a house whose people are scripted. `channel` marks the conversations that begin here."""

    store: Store
    clock: MovedClock
    desk: Desk
    world: WorkerWorld
    engine: InlineEngine
    carriers: tuple[EmbeddedCarrier, ...]
    channel: str
    staff: dict[str, str]
    """Ids of the staff by e-mail address"""

    def person(self, email: str) -> str:
        """The id of a member of staff; NotFound otherwise."""
        if email not in self.staff:
            with self.store.read() as uow:
                row = staff.staff_by_email(uow, email)
            if row is None:
                raise NotFound("member of staff", email)
            self.staff[email] = row.id
        return self.staff[email]


@contextmanager
def open_floor(
    settings: Settings,
    store: Store,
    clock: MovedClock,
    *,
    channel: str,
    carriers: tuple[EmbeddedCarrier, ...],
    replaced: Replaced | None = None,
) -> Iterator[Floor]:
    """Put a house together over a home that is ready; `store` reads the moved clock.

    Raises:
        PolicyError: There are no documents to decide by.
    """
    engine = InlineEngine()
    shelf = PolicyShelf(policy_folder(settings), copy=policy_copy(settings))
    # Nobody would read what is drawn, and a seed has to give the same returns again.
    quiet = settings.model_copy(update={"blind_share_permille": 0, "blind_escalated_permille": 0})
    world = build_world(quiet, store, shelf, engine, replace(replaced or Replaced(), carriers=carriers))
    engine.world = world
    try:
        desk = build_desk(settings, store, engine)
        yield Floor(store, clock, desk, world, engine, carriers, channel, {})
    finally:
        engine.close()


def moved_store(settings: Settings, clock: MovedClock) -> Store:
    """The database of a home, read and written under another clock than the house's own."""
    opened = stores.open_store(settings)
    return Store(opened.engine, clock, also_close=opened.also_close, hours=opened.hours)
