"""A real worker whose connectors kill the process with SIGKILL right after an effect. Run as a program."""

import os
import signal
import sys
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


def main(point: str) -> None:
    """Work until the point is reached; then die without a word."""
    silence_telemetry()
    settings, clock = Settings(), SystemClock()
    erp = DiesAfter(outside.erp_writes(settings, clock), "create_rma" if point == "rma" else "")
    carrier = DiesAfter(outside.carriers(settings, clock)[0], "buy_label" if point == "label" else "")
    run_worker(settings, Replaced(erp_writes=erp, carriers=(carrier,)))  # type: ignore[arg-type]


if __name__ == "__main__":
    main(sys.argv[1])
