"""The real workflows, one step at a time and in any order: between two steps anything can happen."""

import json
from collections import deque
from collections.abc import Coroutine, Generator, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import sqlalchemy as sa

from backhaul.domain.errors import BackhaulError
from backhaul.store.unit_of_work import UnitOfWork
from backhaul.workflows.catalogue import WORKFLOWS
from backhaul.workflows.world import WorkerWorld


class _Pause:
    """Where a workflow can be held between two steps."""


class _Step:
    def __init__(self, deed: Any, args: Sequence[Any]) -> None:
        self.deed, self.args = deed, args

    def __await__(self) -> Generator[Any, Any, Any]:
        yield _Pause()
        return json.loads(json.dumps(self.deed(*self.args)))


class _Wait:
    def __init__(self, topic: str) -> None:
        self.topic = topic

    def __await__(self) -> Generator[Any, Any, Any]:
        return (yield self)


class _SteppedRunner:
    def step(self, name: str, deed: Any, *args: Any) -> _Step:
        del name
        return _Step(deed, args)

    def wait(self, topic: str, *, seconds: float) -> _Wait:
        del seconds
        return _Wait(topic)


@dataclass
class Work:
    """A workflow that was started, and what it waits for: nothing but its turn, or a message on a topic."""

    workflow_id: str
    steps: Coroutine[Any, Any, Any]
    topic: str | None = None
    mail: deque[Any] = field(default_factory=deque)

    @property
    def can_go_on(self) -> bool:
        return self.topic is None or bool(self.mail)


@dataclass
class SteppingEngine:
    """Runs the real workflows one step at a time, in whatever order the machine likes."""

    world: WorkerWorld | None = None
    work: dict[str, Work] = field(default_factory=dict)
    ended: dict[str, Any] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)

    def start(self, uow: UnitOfWork, *, workflow: str, workflow_id: str, args: Sequence[Any]) -> None:
        uow.after_commit.append(lambda: self._begin(workflow, workflow_id, list(args)))

    def send(self, uow: UnitOfWork, *, workflow_id: str, topic: str, message: Any, key: str) -> None:
        uow.after_commit.append(lambda: self._deliver(workflow_id, topic, message, key))

    def _begin(self, workflow: str, workflow_id: str, args: list[Any]) -> None:
        if workflow_id not in self._seen:
            self._seen.add(workflow_id)
            steps = WORKFLOWS[workflow](_SteppedRunner(), self.world, *args)
            self.work[workflow_id] = Work(workflow_id, cast("Coroutine[Any, Any, Any]", steps))

    def _deliver(self, workflow_id: str, topic: str, message: Any, key: str) -> None:
        if key not in self._seen and topic == "return" and workflow_id in self.work:
            self._seen.add(key)
            self.work[workflow_id].mail.append(message)

    def ready(self) -> list[Work]:
        return [work for work in self.work.values() if work.can_go_on]

    def advance(self, work: Work) -> None:
        """Do the next step of a workflow; one that fails ends, as the durable engine ends it."""
        message = work.mail.popleft() if work.topic else None
        try:
            stopped = work.steps.send(message)
            if isinstance(stopped, _Pause):
                stopped = work.steps.send(None)
            while isinstance(stopped, _Wait) and work.mail:
                stopped = work.steps.send(work.mail.popleft())
            work.topic = stopped.topic if isinstance(stopped, _Wait) else None
        except StopIteration as done:
            self.ended[work.workflow_id] = done.value
            del self.work[work.workflow_id]
        except (BackhaulError, sa.exc.IntegrityError) as error:
            self.ended[work.workflow_id] = error
            del self.work[work.workflow_id]

    def close(self) -> None:
        for work in self.work.values():
            work.steps.close()
