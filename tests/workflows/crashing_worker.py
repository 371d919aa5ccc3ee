"""A real worker whose connectors kill the process with SIGKILL right after an effect."""

import os
import signal
from dataclasses import dataclass
from typing import Any

from backhaul.bootstrap import outside
from backhaul.bootstrap.doors import silence_telemetry
from backhaul.bootstrap.worker import Replaced, run_worker
from backhaul.domain.clock import SystemClock
from backhaul.settings import Settings


@dataclass
class DiesAfter:
    """Passes every call on, and dies when the named one has returned."""

    real: Any
    method: str

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self.real, name)
        if name != self.method:
            return attribute

        def deadly(*args: Any, **kwargs: Any) -> None:
            attribute(*args, **kwargs)
            os.kill(os.getpid(), signal.SIGKILL)

        return deadly


DEADLY = {
    "rma": ("erp", "create_rma"),
    "label": ("carrier", "buy_label"),
    "void": ("carrier", "void_label"),
    "cancel": ("erp", "cancel_rma"),
    "replacement": ("erp", "order_replacement"),
}


def work(settings: Settings, dies_after: str = "") -> None:
    """Be the worker, until the point is reached or somebody says stop."""
    silence_telemetry()
    if not dies_after:
        run_worker(settings)
        return
    clock = SystemClock()
    peer, method = DEADLY[dies_after]
    erp = DiesAfter(outside.erp_writes(settings, clock), method if peer == "erp" else "")
    carrier = DiesAfter(outside.carriers(settings, clock)[0], method if peer == "carrier" else "")
    run_worker(settings, Replaced(erp_writes=erp, carriers=(carrier,)))  # type: ignore[arg-type]
