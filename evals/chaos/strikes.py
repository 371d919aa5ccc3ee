"""The watch beside the steps: it knows whose work a step is, and kills the worker where that is due."""

import os
import signal
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field

from backhaul.store.unit_of_work import Store
from backhaul.workflows.owners import case_of
from backhaul.workflows.runner import Json
from evals.chaos.notebook import Doom, Notebook, Point

BEFORE, DONE, RECORDED = "before", "done, not recorded", "recorded"
MOMENTS = (BEFORE, DONE, RECORDED)

at_work: ContextVar[str] = ContextVar("at_work", default="")
"""The case whose step this thread is in; empty outside steps"""


@dataclass(slots=True)
class Striker:
    """See backhaul.workflows.watch."""

    store: Store
    notes: Notebook
    _owners: dict[str, str] = field(default_factory=dict)
    _dooms: dict[str, Doom] = field(default_factory=dict)

    def do(self, workflow_id: str, step: str, deed: Callable[[], Json]) -> Json:
        """Die before or after the body, where that is due; the connectors see whose step it is."""
        case_id = self._owner(workflow_id)
        self.notes.passed(case_id, kind_of(workflow_id), step)
        self._strike(case_id, Point(kind_of(workflow_id), step, BEFORE))
        token = at_work.set(case_id)
        try:
            done = deed()
        finally:
            at_work.reset(token)
        self._strike(case_id, Point(kind_of(workflow_id), step, DONE))
        return done

    def recorded(self, workflow_id: str, step: str) -> None:
        """Die after the record, where that is due."""
        self._strike(self._owner(workflow_id), Point(kind_of(workflow_id), step, RECORDED))

    def doom_of(self, case_id: str) -> Doom:
        """What is in store for a case."""
        if case_id not in self._dooms:
            self._dooms[case_id] = self.notes.doom_of(case_id)
        return self._dooms[case_id]

    def _strike(self, case_id: str, here: Point) -> None:
        if case_id and self.doom_of(case_id).point == here and self.notes.count(f"kill:{case_id}") == 1:
            os.kill(os.getpid(), signal.SIGKILL)

    def _owner(self, workflow_id: str) -> str:
        if workflow_id not in self._owners:
            with self.store.read() as uow:
                kind = kind_of(workflow_id)
                subject = workflow_id.removeprefix(f"{kind}-").partition(":")[0]
                self._owners[workflow_id] = case_of(uow, _NAMES.get(kind, ""), subject) or ""
        return self._owners[workflow_id]


def kind_of(workflow_id: str) -> str:
    """The part of a workflow's id that says what it does."""
    return next((kind for kind in _NAMES if workflow_id.startswith(f"{kind}-")), workflow_id)


_NAMES = {
    "decide": "decide",
    "return": "return",
    "cancel": "cancel-rma",
    "reprint": "reprint-label",
    "surplus": "void-surplus",
    "late": "late-parcel",
    "told": "return",
    "receive": "receive",
    "dispose": "dispose",
}
"""What workflows are called by the beginning of their ids; what follows it says what they are about"""
