"""Which steps a process is in, in a place that outlives it: who looks after its crash sees what it was doing.

A file for each workflow that is in a step, with the step's name. Without it every return that waits for its
parcel would be suspected of each crash of its worker.
"""

import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

from backhaul.workflows.runner import Json
from backhaul.workflows.watch import NOBODY, Watch

_TRIES = 5


@dataclass(frozen=True, slots=True)
class AtWork:
    """See Watch. `folder` is the one that processes of this host share."""

    folder: Path
    executor_id: str
    watch: Watch = NOBODY

    def do(self, workflow_id: str, step: str, deed: Callable[[], Json]) -> Json:
        """Run the body, on record as being at it."""
        mark = _place(self.folder, self.executor_id) / quote(workflow_id, safe="")
        _make(mark, step)
        try:
            return self.watch.do(workflow_id, step, deed)
        finally:
            mark.unlink(missing_ok=True)

    def recorded(self, workflow_id: str, step: str) -> None:
        """Nothing to do here."""
        self.watch.recorded(workflow_id, step)


def _make(mark: Path, step: str) -> None:
    """A neighbour that takes us for dead removes our folder at any moment; work goes on without a mark."""
    for _ in range(_TRIES):
        with suppress(FileNotFoundError, FileExistsError):
            mark.parent.mkdir(parents=True, exist_ok=True)
            mark.write_text(step, encoding="utf-8")
            return


def was_at(folder: Path, executor_id: str) -> Mapping[str, str] | None:
    """The workflows in whose steps a process died, with the step; an empty one could not be written any more.

    `None` when it ran elsewhere and nobody here can tell.
    """
    place = _place(folder, executor_id)
    return {unquote(one.name): _step_in(one) for one in place.iterdir()} if place.is_dir() else None


def _step_in(mark: Path) -> str:
    """A neighbour may forget it while it is read."""
    with suppress(FileNotFoundError):
        return mark.read_text(encoding="utf-8")
    return ""


def forget(folder: Path, executor_id: str) -> None:
    """Its work was taken over."""
    shutil.rmtree(_place(folder, executor_id), ignore_errors=True)


def _place(folder: Path, executor_id: str) -> Path:
    return folder / quote(executor_id, safe="")
