"""Systems outside, watched: what was looked up is remembered, and their first calls can be made to fail."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from backhaul.domain.errors import ConnectorUnavailable

Port = TypeVar("Port")


@dataclass(slots=True)
class Reads:
    """What was looked up, in order: the name of the read and its first argument."""

    seen: list[tuple[str, str]] = field(default_factory=list)

    def has_seen(self, order_number: str) -> bool:
        """Whether anything of an order was looked up by its number, or with all orders of its account."""
        return any(said == order_number or name in _OF_ALL_ORDERS for name, said in self.seen)


_OF_ALL_ORDERS = {"orders_of", "find_orders"}


class _Watched:
    def __init__(self, port: object, reads: Reads, failing: int, system: str) -> None:
        self._port, self._reads, self._left, self._system = port, reads, failing, system

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._port, name)
        return self._around(name, real) if callable(real) else real

    def _around(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            self._reads.seen.append((name, str(args[0]) if args else ""))
            if self._left > 0:
                self._left -= 1
                raise ConnectorUnavailable(self._system, "does not answer, as the scenario wants it")
            return real(*args, **kwargs)

        return call


def watched(port: Port, reads: Reads, *, failing: int = 0, system: str = "erp") -> Port:
    """The same port; its first `failing` calls raise ConnectorUnavailable."""
    return cast("Port", _Watched(port, reads, failing, system))
