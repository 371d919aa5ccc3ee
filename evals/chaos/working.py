"""The worker of a chaos run: the real one, with a watch beside its steps and faults before its peers."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from backhaul.bootstrap import outside, stores
from backhaul.bootstrap.doors import silence_telemetry
from backhaul.bootstrap.worker import Replaced, run_worker
from backhaul.domain.clock import SystemClock
from backhaul.domain.codes import Reason
from backhaul.settings import Settings
from backhaul.store.unit_of_work import Store
from evals.chaos.faulty import Faulty, ForgetsKeys
from evals.chaos.notebook import Notebook
from evals.chaos.strikes import Striker

_ERP_WRITES = frozenset(
    {
        "create_rma",
        "cancel_rma",
        "close_rma",
        "order_replacement",
        "receive_goods",
        "match_receipt",
        "move_stock",
        "correct_mispick",
        "post_credit_memo",
        "order_repair",
        "post_vendor_credit",
    }
)
_CARRIER_WRITES = frozenset({"buy_label", "book_pickup", "void_label"})
_CERTAIN_PERMILLE = 1_000


@dataclass(frozen=True, slots=True)
class Orders:
    """How one worker is to go wrong."""

    seed: int
    log: Path
    notes: Path
    skew_seconds: int = 0
    """How far this machine's clock is off"""
    forgets_keys: bool = False


class _SureOfItsReading:
    """Reading words is not what is tried here, and the reader takes seconds to load after every kill."""

    def score_permille(self, words: str, reason: Reason) -> int:
        del words, reason
        return _CERTAIN_PERMILLE


def work(settings: Settings, orders: Orders) -> None:
    """Be the worker until the point is reached, or somebody says stop or kills."""
    _write_to(orders.log)
    silence_telemetry()
    if orders.skew_seconds:
        _be_off_by(orders.skew_seconds)
    store = stores.open_store(settings)
    run_worker(settings, _replaced(settings, orders, store))
    store.close()


def _write_to(log: Path) -> None:
    told = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(told, 1)
    os.dup2(told, 2)


def _be_off_by(seconds: int) -> None:
    """The clock of this whole machine is wrong, as far as this process can tell."""

    def wrong(self: SystemClock) -> datetime:
        del self
        return datetime.now(UTC) + timedelta(seconds=seconds)

    SystemClock.now = wrong  # type: ignore[method-assign]


def _replaced(settings: Settings, orders: Orders, store: Store) -> Replaced:
    striker = Striker(store, Notebook(orders.notes))

    def faulty(real: Any, peer: str, writes: frozenset[str] = frozenset()) -> Any:
        return Faulty(real, peer, striker, orders.seed, writes)

    first, second = outside.carriers(settings, store.clock)
    forgetful: Any = ForgetsKeys(first) if orders.forgets_keys else first
    return Replaced(
        erp=faulty(outside.erp_reads(settings), "ERP"),
        erp_writes=faulty(outside.erp_writes(settings, store.clock), "ERP", _ERP_WRITES),
        carriers=(faulty(forgetful, "carrier", _CARRIER_WRITES), faulty(second, "2nd", _CARRIER_WRITES)),
        warehouse=faulty(outside.warehouse(settings), "warehouse", frozenset({"announce", "withdraw"})),
        notifier=faulty(
            outside.notifier(settings, store, stores.blob_store(settings)), "mail", frozenset({"send"})
        ),
        scorer=_SureOfItsReading(),
        watch=striker,
    )
