"""What a workflow may ask of the engine that runs it. Two engines exist: durable and inline."""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

Json = dict[str, Any]
"""Plain JSON: what travels between steps is stored, and read back after a crash."""


class Runner(Protocol):
    """Runs steps once each and waits for messages, over crashes when the engine is durable."""

    def step(self, name: str, deed: Callable[..., Json], *args: Any) -> Awaitable[Json]:
        """Do it and remember the result; after a crash the remembered result is used.

        A step that was cut off before its result was stored is done again: deeds are safe to repeat.
        ConnectorUnavailable is tried again with growing pauses before it ends the workflow.
        """
        ...

    def wait(self, topic: str, *, seconds: float) -> Awaitable[Json | None]:
        """The next message on that topic, or `None` when none comes in time."""
        ...


Workflow = Callable[..., Awaitable[Json]]
"""`async def deed(runner, *args)`: engine-free, deterministic between its steps."""
