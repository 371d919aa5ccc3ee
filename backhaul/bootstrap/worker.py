"""The worker: the only process with write connectors and the signing key."""

import os
import signal
import threading
from dataclasses import dataclass
from functools import partial

import structlog

from agent.understanding.encoder import Encoder
from agent.understanding.offline import OfflineReader
from backhaul.bootstrap import outside, releases, stores, webhook_side
from backhaul.bootstrap.blind import blind_share
from backhaul.bootstrap.forgetting import forget_bookmarks, kept
from backhaul.bootstrap.home_keys import link_key
from backhaul.bootstrap.policy_shelf import PolicyShelf, policy_copy, policy_folder
from backhaul.bootstrap.rereading import OfflineScorer
from backhaul.bootstrap.teaching import HeadsInUse
from backhaul.connectors.breaker import GuardedCarrier
from backhaul.connectors.ports import Carrier, ErpReads, ErpWrites, Notifier, Warehouse
from backhaul.domain.errors import ConnectorUnavailable, PolicyError
from backhaul.settings import Settings
from backhaul.store import heartbeat, ledger
from backhaul.store.checkpoints import FILE_NAME
from backhaul.store.unit_of_work import Store
from backhaul.workflows import autonomy_watch, durable
from backhaul.workflows.at_work import AtWork
from backhaul.workflows.retention import retain
from backhaul.workflows.similar import compare_until
from backhaul.workflows.sweep import Sweeper, new_executor_id
from backhaul.workflows.watch import NOBODY, Watch
from backhaul.workflows.world import WorkerWorld
from tools.desk import WorkStarter
from tools.guard import Guard
from tools.permits import load_signer
from tools.signals import ReasonScorer

_SWEEP_SECONDS = 1.0
_LAST_WEBHOOKS_SECONDS = 2.0
"""What a program outside has not taken by then is sent again by the next worker"""
_PATIENCE_SECONDS = 5.0

log = structlog.get_logger("backhaul.worker")


@dataclass(frozen=True, slots=True)
class Replaced:
    """What to use instead of the chosen things; for fault injection, which must run the real worker."""

    erp: ErpReads | None = None
    erp_writes: ErpWrites | None = None
    carriers: tuple[Carrier, ...] = ()
    drop_off: Carrier | None = None
    warehouse: Warehouse | None = None
    notifier: Notifier | None = None
    scorer: ReasonScorer | None = None
    """Given, the offline reader is not loaded"""
    watch: Watch = NOBODY


def build_world(
    settings: Settings,
    store: Store,
    shelf: PolicyShelf,
    starter: WorkStarter,
    replaced: Replaced = Replaced(),
) -> WorkerWorld:
    """Everything the steps are handed. Publishes the public half of the key."""
    signer = load_signer(settings.home / "worker")
    with store.begin() as uow:
        ledger.publish_key(uow, signer.key_id, signer.public_hex)
    erp = replaced.erp or outside.erp_reads(settings)
    ids = stores.ids()
    heads = HeadsInUse(settings, store)
    guard = Guard(
        store=store,
        erp=erp,
        book=shelf.current,
        scorer=replaced.scorer or _offline_scorer(settings, heads),
        signer=signer,
        ids=ids,
        permit_seconds=settings.permit_seconds,
        release=releases.control(settings, heads),
        blind=blind_share(settings),
    )
    blobs = stores.blob_store(settings)
    return WorkerWorld(
        store=store,
        guard=guard,
        erp=erp,
        erp_writes=replaced.erp_writes or outside.erp_writes(settings, store.clock),
        carriers=tuple(map(GuardedCarrier, replaced.carriers or outside.carriers(settings, store.clock))),
        warehouse=replaced.warehouse or outside.warehouse(settings),
        supplier_desk=outside.supplier_desk(settings, erp),
        notifier=replaced.notifier or outside.notifier(settings, store, blobs),
        blobs=blobs,
        starter=starter,
        clock=store.clock,
        ids=ids,
        public_url=settings.public_url or f"http://{settings.host}:{settings.port}",
        link_key=link_key(settings),
        drop_off=replaced.drop_off or outside.drop_off(settings, store.clock),
        is_simulated=settings.simulated_mark.exists(),
    )


def _offline_scorer(settings: Settings, heads: HeadsInUse) -> OfflineScorer:
    reader = OfflineReader(stores.cache_folder(settings), heads)
    # The first verdict would otherwise wait for the reader to load.
    threading.Thread(target=reader.warm_up, name="warm-up", daemon=True).start()
    return OfflineScorer(reader)


def run_worker(settings: Settings, replaced: Replaced = Replaced()) -> None:
    """Work until the process is told to stop. A second signal ends it at once; nothing is lost either way."""
    shelf = PolicyShelf(policy_folder(settings), copy=policy_copy(settings))
    store = stores.open_store(settings)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: os._exit(1) if stop.is_set() else stop.set())
    executor_id = new_executor_id()
    if _has_policies(shelf, store, executor_id, stop):
        _work(settings, replaced, shelf, store, executor_id, stop)
    with store.begin() as uow:
        heartbeat.bury(uow, executor_id)
    store.close()


def _has_policies(shelf: PolicyShelf, store: Store, executor_id: str, stop: threading.Event) -> bool:
    """Wait for documents to decide by, and say meanwhile what is wrong with those there are."""
    while not stop.is_set():
        try:
            shelf.current()
        except PolicyError as fault:
            with store.begin() as uow:
                heartbeat.beat(uow, executor_id, bundle_hash=heartbeat.NO_BUNDLE, policy_problem=str(fault))
            stop.wait(_SWEEP_SECONDS)
        else:
            return True
    return False


def _work(
    settings: Settings,
    replaced: Replaced,
    shelf: PolicyShelf,
    store: Store,
    executor_id: str,
    stop: threading.Event,
) -> None:
    starter = durable.DurableClient(store)
    world = build_world(settings, store, shelf, starter, replaced)
    checkpoints = settings.home / FILE_NAME
    marks = settings.home / "at-work"
    sweeper = Sweeper(
        world,
        executor_id,
        lambda: (shelf.current().bundle_hash, shelf.problem),
        checkpoints,
        marks,
        lambda: retain(world, kept(settings), partial(forget_bookmarks, settings)),
        lambda: autonomy_watch.watch(world, wrong_share=settings.wrong_automatic_permille / 1_000),
    )
    _tell_who_decides(world)
    watch = AtWork(marks, executor_id, replaced.watch)
    durable.launch(world, executor_id=executor_id, poll_seconds=settings.poll_seconds, watch=watch)
    log.info("worker ready", executor=executor_id)
    telling = threading.Thread(
        target=webhook_side.sender(settings, store).run, args=[stop], name="webhooks", daemon=True
    )
    telling.start()
    # Fault injection brings a scorer of its own, and no model is loaded.
    comparing = compare_until(stop, store, Encoder().encode) if replaced.scorer is None else None
    try:
        while not stop.wait(_SWEEP_SECONDS):
            try:
                sweeper.sweep()
            except ConnectorUnavailable as silent:
                log.warning("peer did not answer", peer=silent.peer)
    finally:
        # However this ends: work that is interrupted in good order goes on elsewhere, and has not failed.
        stop.set()
        durable.shut_down()
        telling.join(_LAST_WEBHOOKS_SECONDS)
        starter.close()
        if comparing is not None:
            comparing.join(_PATIENCE_SECONDS)


def _tell_who_decides(world: WorkerWorld) -> None:
    """A house in which everything goes to a person must not look as if it were broken."""
    with world.store.read() as uow:
        why = world.guard.release.obstacle(uow, world.guard.book().bundle_hash, proposal=None)
    if why:
        log.warning("a person decides everything: this version is not signed off", why=why)
