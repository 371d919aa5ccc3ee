"""What the worker holds: the only place where the guard, the write connectors and the key come together."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import SecretStr

from backhaul.connectors.ports import Carrier, ErpReads, ErpWrites, Notifier, SupplierDesk, Warehouse
from backhaul.domain.clock import Clock, Ids
from backhaul.store.blobs import BlobStore
from backhaul.store.unit_of_work import Store
from tools.desk import WorkStarter
from tools.guard import Guard


@dataclass(frozen=True, slots=True)
class WorkerWorld:
    """Handed to every step. `carriers` are tried in order; `drop_off` labels parcels when all are silent."""

    store: Store
    guard: Guard
    erp: ErpReads
    erp_writes: ErpWrites
    carriers: Sequence[Carrier]
    warehouse: Warehouse
    supplier_desk: SupplierDesk
    notifier: Notifier
    blobs: BlobStore
    starter: WorkStarter
    clock: Clock
    ids: Ids
    public_url: str
    link_key: SecretStr
    """What links to suppliers are made with; the doors check them with the same"""
    drop_off: Carrier | None = None
    is_simulated: bool = False
    """Nothing in this house is real, and what it prints says so"""


def every_carrier(world: WorkerWorld) -> Sequence[Carrier]:
    """All that can have carried a parcel of ours, our own counters included."""
    return (*world.carriers, world.drop_off) if world.drop_off else tuple(world.carriers)
