"""The house under attack: the real store, guard, gateway and workflows between peers that believe all."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from pathlib import Path

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import SecretStr

from backhaul.connectors.embedded.erp_reads import EmbeddedErpReads
from backhaul.connectors.ports import Notifier, SupplierDesk
from backhaul.domain.clock import Ids, MovedClock
from backhaul.domain.codes import Role
from backhaul.store import ledger, staff
from backhaul.store.blobs import BlobStore
from backhaul.store.database import open_engine, sqlite_url
from backhaul.store.unit_of_work import Store, UnitOfWork
from backhaul.workflows.world import WorkerWorld
from policies.book import PolicyBook
from tests.tools.bypass_engine import SteppingEngine
from tests.tools.bypass_peers import (
    CredulousCarrier,
    CredulousErp,
    HearsMumbling,
    NoBlobs,
    NoPost,
    NoSupplier,
    OpenDock,
)
from tools.guard import Guard
from tools.permits import Signer

SIGNER = Signer("worker-key", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
STRANGER = Signer("worker-key", Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33))))
"""Somebody else's key under the name of the worker's"""

PEOPLE = {
    "arne": (Role.APPROVER,),
    "rita": (Role.REVIEWER,),
    "dora": (Role.INSPECTOR,),
    "olga": (Role.AUDITOR,),
    "finn": (Role.FINANCE,),
}
"""Members of staff by the first part of their address. The first two may approve, the last where all that
moves is money."""


@dataclass
class InForce:
    """The editions that can be published, and the one that is in force."""

    books: dict[str, PolicyBook]
    edition: str = "shipped"

    def book(self) -> PolicyBook:
        return self.books[self.edition]


@dataclass(frozen=True)
class Stage:
    """One house under attack, with everything its attacker and its judge can see."""

    store: Store
    clock: MovedClock
    erp: CredulousErp
    carrier: CredulousCarrier
    engine: SteppingEngine
    world: WorkerWorld
    ids: Ids
    staff: dict[str, str]
    """Staff ids by first name"""
    policy: InForce
    path: Path
    """The database, for those who read it without our help"""

    def close(self) -> None:
        self.engine.close()
        self.store.close()


@dataclass(frozen=True)
class Props:
    """What all houses of a run share. One engine, so that no statement is compiled anew for each house."""

    template: Path
    path: Path
    store: Store
    clock: MovedClock
    erp: EmbeddedErpReads
    books: dict[str, PolicyBook]
    staff: dict[str, str]


def set_up(template: Path, erp: EmbeddedErpReads, books: dict[str, PolicyBook]) -> Props:
    """Put staff and the worker's key into an empty database, to be copied for every house."""
    clock = MovedClock(noon())
    store, ids = _open(template, clock), Ids(1)
    with store.begin() as uow:
        ledger.publish_key(uow, SIGNER.key_id, SIGNER.public_hex)
        people = {name: _hire(uow, ids, name, roles) for name, roles in PEOPLE.items()}
    store.close()  # whoever closes last moves the log into the file
    path = template.with_name("house.db")
    return Props(template, path, _open(path, clock), clock, erp, books, people)


def _hire(uow: UnitOfWork, ids: Ids, name: str, roles: Sequence[Role]) -> str:
    email = f"{name}@halden.example"
    return staff.add_staff(uow, ids, email=email, name=name, roles=roles, password_hash="-", actor="test").id


def noon() -> datetime:
    """When every walk begins. The seeded books are dated back from today."""
    return datetime.combine(datetime.now(UTC).date(), time(12, tzinfo=UTC))


@dataclass(frozen=True)
class Peers:
    """Who stands around a house."""

    erp: CredulousErp
    carrier: CredulousCarrier
    supplier_desk: SupplierDesk = field(default_factory=NoSupplier)
    notifier: Notifier = field(default_factory=NoPost)
    blobs: BlobStore = field(default_factory=NoBlobs)


def raise_stage(
    props: Props, peers: Peers | None = None, *, template: Path | None = None, seed: int = 7
) -> Stage:
    """A fresh house in the place of the one before; `template` is one where something has happened before.

    Two houses of one template need different seeds for their ids.
    """
    for old in props.path.parent.glob(f"{props.path.name}*"):
        old.unlink()
    shutil.copyfile(template or props.template, props.path)
    clock, store = props.clock, props.store
    clock.at = noon()
    ids, engine = Ids(seed), SteppingEngine()
    around = peers or Peers(CredulousErp(props.erp, clock.now().date()), CredulousCarrier())
    erp, carrier = around.erp, around.carrier
    in_force = InForce(props.books)
    guard = Guard(
        store=store,
        erp=erp,
        book=in_force.book,
        scorer=HearsMumbling(),
        signer=SIGNER,
        ids=ids,
        permit_seconds=60,
    )
    engine.world = WorkerWorld(
        store=store,
        guard=guard,
        erp=erp,
        erp_writes=erp,
        carriers=(carrier,),
        warehouse=OpenDock(),
        supplier_desk=around.supplier_desk,
        notifier=around.notifier,
        blobs=around.blobs,
        starter=engine,
        clock=clock,
        ids=ids,
        public_url="",
        link_key=SecretStr("link key of the tests"),
    )
    return Stage(store, clock, erp, carrier, engine, engine.world, ids, props.staff, in_force, props.path)


def _open(path: Path, clock: MovedClock) -> Store:
    engine = open_engine(sqlite_url(path), pool_size=2)
    # A house under attack may lose its data with the machine: no step waits for the disk.
    sa.event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    return Store(engine, clock)
