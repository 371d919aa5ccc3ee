"""The inline engine: the same workflows in the same process, for tests, evaluation and simulation.

It remembers nothing over a crash. Arguments, results and messages still pass through JSON, so that whatever
would not survive the durable engine does not survive here either.
"""

import json
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Coroutine, Generator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, cast

from backhaul.domain.errors import ConnectorUnavailable
from backhaul.store.unit_of_work import UnitOfWork
from backhaul.workflows.catalogue import WORKFLOWS
from backhaul.workflows.runner import Json
from backhaul.workflows.world import WorkerWorld


@dataclass(frozen=True, slots=True)
class _Waiting:
    """What a suspended workflow is waiting for."""

    topic: str

    def __await__(self) -> Generator["_Waiting", Json | None, Json | None]:
        message = yield self
        return message


@dataclass(frozen=True, slots=True)
class _InlineRunner:
    """Runs each step at once, and again where a peer did not answer, as the durable engine does."""

    tries: int

    def step(self, name: str, deed: Callable[..., Json], *args: Any) -> Awaitable[Json]:
        del name
        return self._at_once(deed, args)

    async def _at_once(self, deed: Callable[..., Json], args: Sequence[Any]) -> Json:
        for _ in range(self.tries - 1):
            with suppress(ConnectorUnavailable):
                return _through_json(deed(*args))
        return _through_json(deed(*args))

    def wait(self, topic: str, *, seconds: float) -> Awaitable[Json | None]:
        del seconds
        return _Waiting(topic)


def _through_json(value: Json) -> Json:
    return cast("Json", json.loads(json.dumps(value)))


@dataclass(slots=True)
class InlineEngine:
    """Starts workflows when the transaction that asked for them has committed."""

    world: WorkerWorld | None = None
    tries: int = 1
    """How often a step is tried whose peer does not answer; nobody waits in between"""
    results: dict[str, Json] = field(default_factory=dict)
    _started: set[str] = field(default_factory=set)
    _waiting: dict[str, tuple[Coroutine[Any, Any, Json], str]] = field(default_factory=dict)
    _mail: dict[tuple[str, str], deque[Json]] = field(default_factory=lambda: defaultdict(deque))
    _keys: set[str] = field(default_factory=set)
    _queue: deque[Callable[[], None]] = field(default_factory=deque)
    _running: bool = False

    def start(self, uow: UnitOfWork, *, workflow: str, workflow_id: str, args: Sequence[Any]) -> None:
        """Start after the commit; an id that was started before is left alone."""
        frozen = json.loads(json.dumps(list(args)))
        uow.after_commit.append(lambda: self._enqueue(lambda: self._begin(workflow, workflow_id, frozen)))

    def send(self, uow: UnitOfWork, *, workflow_id: str, topic: str, message: Json, key: str) -> None:
        """Deliver after the commit, once per key."""
        frozen = _through_json(message)
        uow.after_commit.append(lambda: self._enqueue(lambda: self._deliver(workflow_id, topic, frozen, key)))

    def _enqueue(self, job: Callable[[], None]) -> None:
        self._queue.append(job)
        if self._running:
            return
        self._running = True
        try:
            while self._queue:
                self._queue.popleft()()
        finally:
            self._running = False

    def _begin(self, workflow: str, workflow_id: str, args: list[Any]) -> None:
        if workflow_id in self._started:
            return
        self._started.add(workflow_id)
        coroutine = WORKFLOWS[workflow](_InlineRunner(self.tries), self.world, *args)
        self._advance(workflow_id, cast("Coroutine[Any, Any, Json]", coroutine), None)

    def _deliver(self, workflow_id: str, topic: str, message: Json, key: str) -> None:
        if key in self._keys:
            return
        self._keys.add(key)
        self._mail[workflow_id, topic].append(message)
        suspended = self._waiting.get(workflow_id)
        if suspended is not None and suspended[1] == topic:
            del self._waiting[workflow_id]
            self._advance(workflow_id, suspended[0], self._mail[workflow_id, topic].popleft())

    def _advance(self, workflow_id: str, coroutine: Coroutine[Any, Any, Json], message: Json | None) -> None:
        try:
            waiting = coroutine.send(message)
            while self._mail[workflow_id, waiting.topic]:
                waiting = coroutine.send(self._mail[workflow_id, waiting.topic].popleft())
            self._waiting[workflow_id] = (coroutine, waiting.topic)
        except StopIteration as done:
            self.results[workflow_id] = done.value

    def close(self) -> None:
        """Drop what still waits."""
        for coroutine, _ in self._waiting.values():
            coroutine.close()
        self._waiting.clear()
