"""The one interface of both readers: words in, a typed claim out."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from langchain_core.tools import StructuredTool

from agent.understanding.claim import Claim, PurchasedLine


class Reader(Protocol):
    """Reads a message against what that customer bought. It never raises on any text and never writes."""

    def read(self, text: str, purchases: Sequence[PurchasedLine], *, expecting: str | None = None) -> Claim:
        """The claim; `expecting` names the kind of answer an open question waits for."""
        ...

    def warm_up(self) -> None:
        """Load what takes long, ahead of the first message."""
        ...


@runtime_checkable
class UsesTools(Protocol):
    """A reader that may look things up for one speaker while it reads."""

    def with_tools(self, tools: Sequence[StructuredTool]) -> Reader:
        """The same reader with these read verbs."""
        ...
