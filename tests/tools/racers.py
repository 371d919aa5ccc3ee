"""One of several who want the last piece at the same moment: a guard and a gateway, nothing else."""

from dataclasses import dataclass
from threading import Barrier
from typing import Any

from backhaul.bootstrap import outside, stores
from backhaul.bootstrap.home_keys import link_key
from backhaul.bootstrap.policy_shelf import SHIPPED, PolicyShelf
from backhaul.domain.codes import Action, Reason
from backhaul.domain.errors import PermitRefused
from backhaul.settings import Settings
from backhaul.store import ledger
from backhaul.store.unit_of_work import Store
from backhaul.workflows.decide import decide_group
from backhaul.workflows.durable import DurableClient
from backhaul.workflows.world import WorkerWorld
from tools import gateway
from tools.gateway import Intent, Presented
from tools.guard import Guard
from tools.permits import load_signer

PATIENCE_SECONDS = 120


class SureOfReasons:
    """Scores every reason alike: eight readers would take longer to load than the race takes."""

    def score_permille(self, words: str, reason: Reason) -> int:
        del words, reason
        return 950


@dataclass(frozen=True)
class Racer:
    """What a worker needs to decide and to spend."""

    world: WorkerWorld

    @property
    def store(self) -> Store:
        return self.world.store

    def decide(self, proposal_id: str) -> None:
        """Decide a case, as the worker would that was first to take it."""
        decide_group(self.world, proposal_id)

    def spend(self, permit_id: str) -> bool:
        """Present a permit that was given before; whether it was accepted."""
        with self.store.read() as uow:
            row = ledger.permit(uow, permit_id)
            assert row is not None
            presented = Presented(row.token, gateway.command_of(row.command))
        bundle = self.world.guard.book().bundle_hash
        try:
            with self.store.begin() as uow:
                intent = Intent(f"{permit_id}:create_rma:1", Action.CREATE_RMA, {}, [presented])
                gateway.spend(uow, [intent], bundle_hash=bundle)
        except PermitRefused:
            return False
        return True

    def run(self, deed: str, subject: str, barrier: Barrier) -> bool | None:
        """Wait until everybody is there, then do it."""
        self.world.guard.book()
        barrier.wait(PATIENCE_SECONDS)
        done: bool | None = getattr(self, deed)(subject)
        return done


def racer(settings: Settings) -> Racer:
    """Open a home that is ready."""
    store = stores.open_store(settings)
    signer = load_signer(settings.home / "worker")
    with store.begin() as uow:
        ledger.publish_key(uow, signer.key_id, signer.public_hex)
    erp, ids = outside.erp_reads(settings), stores.ids()
    guard = Guard(
        store, erp, PolicyShelf(SHIPPED).current, SureOfReasons(), signer, ids, settings.permit_seconds
    )
    blobs = stores.blob_store(settings)
    world = WorkerWorld(
        store=store,
        guard=guard,
        erp=erp,
        erp_writes=outside.erp_writes(settings, store.clock),
        carriers=(),
        warehouse=outside.warehouse(settings),
        supplier_desk=outside.supplier_desk(settings, erp),
        notifier=outside.notifier(settings, store, blobs),
        blobs=blobs,
        starter=DurableClient(store),
        clock=store.clock,
        ids=ids,
        public_url="",
        link_key=link_key(settings),
    )
    return Racer(world)


def race(settings: Settings, deed: str, subject: str, barrier: Any) -> None:
    """Be one of the processes; ends with an error when the race does not go as a race should."""
    racer(settings).run(deed, subject, barrier)
