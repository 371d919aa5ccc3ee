"""Standing beside the steps: to know what a process was at when it died, and to inject faults."""

from collections.abc import Callable
from typing import Protocol

from backhaul.workflows.runner import Json


class Watch(Protocol):
    """Sees every step of the durable engine."""

    def do(self, workflow_id: str, step: str, deed: Callable[[], Json]) -> Json:
        """Run the body of a step, in the thread that it runs in."""
        ...

    def recorded(self, workflow_id: str, step: str) -> None:
        """The result of a step stands in the database; also after a crash, when it is read from there."""
        ...


class NobodyWatches:
    """The steps alone."""

    def do(self, workflow_id: str, step: str, deed: Callable[[], Json]) -> Json:
        del workflow_id, step
        return deed()

    def recorded(self, workflow_id: str, step: str) -> None:
        del workflow_id, step


NOBODY = NobodyWatches()
