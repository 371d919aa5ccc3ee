"""The world that is handed to the agent's verbs: reads, and the means to ask for a decision."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from backhaul.connectors.ports import ErpReads
from backhaul.domain.clock import Clock, Ids
from backhaul.store.blobs import BlobStore
from backhaul.store.unit_of_work import Store, UnitOfWork
from policies.book import PolicyBook


class WorkStarter(Protocol):
    """Starts durable work in the transaction that stores its cause: both happen or neither."""

    def start(self, uow: UnitOfWork, *, workflow: str, workflow_id: str, args: Sequence[Any]) -> None:
        """Start once; the same id again changes nothing."""
        ...

    def send(
        self, uow: UnitOfWork, *, workflow_id: str, topic: str, message: dict[str, Any], key: str
    ) -> None:
        """Deliver a message once per key."""
        ...


def nobody_looked(_uow: UnitOfWork) -> str | None:
    """Where nobody looked which version proposes."""
    return None


@dataclass(frozen=True, slots=True)
class Desk:
    """What the web side holds: a read-only ERP connector, the store and the policies; no key to sign with."""

    store: Store
    erp: ErpReads
    clock: Clock
    ids: Ids
    blobs: BlobStore
    policies: Callable[[], PolicyBook]
    starter: WorkStarter
    program: Callable[[UnitOfWork], str | None] = nobody_looked
    """Hash of what this process runs, see domain Release: every proposal says what proposed it"""
