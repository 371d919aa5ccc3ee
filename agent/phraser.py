"""The interface of whoever words replies: a language model, or nobody."""

from typing import Protocol

from agent.state import ReplyOut, TurnState


class Phraser(Protocol):
    """Words a reply before it is said. It never raises, and never changes a fact."""

    def phrased(self, said: ReplyOut, values: TurnState, *, to: str) -> ReplyOut:
        """The reply, worded anew where that is allowed; `to` is the name of whoever reads it."""
        ...


class AsWritten:
    """Without a model every reply is said as it is written."""

    def phrased(self, said: ReplyOut, values: TurnState, *, to: str) -> ReplyOut:
        """The same reply."""
        del values, to
        return said


AS_WRITTEN = AsWritten()
