"""Systems outside, watched: what was looked up is remembered, and their first calls can be made to fail."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from backhaul.domain.errors import ConnectorUnavailable
from backhaul.store.unit_of_work import UnitOfWork
from tools.desk import WorkStarter

Port = TypeVar("Port")

_LISTS = frozenset({"orders_of", "find_orders"})
"""They answer orders, of which all that came back are looked up"""
_OF_PROPOSING = frozenset({"order", "order_line"})
"""Asked whenever something is proposed, about whose order it is: nobody has looked it up by that"""
_DECIDE = "decide"
"""The work that each proposal starts, with its id"""


@dataclass(slots=True)
class Reads:
    """Which orders were looked up, by number, and which of them before something was proposed."""

    orders: set[str] = field(default_factory=set)
    _before: dict[str, frozenset[str]] = field(default_factory=dict)

    def note(self, name: str, args: Sequence[Any], answer: Any) -> None:
        """A read was answered."""
        if name in _LISTS:
            self.orders.update(order.number for order in answer)
        elif args and name not in _OF_PROPOSING:
            self.orders.add(str(args[0]))

    def proposed(self, proposal_id: str) -> None:
        """From here on it is too late to look anything up for this proposal."""
        self._before[proposal_id] = frozenset(self.orders)

    def had_seen(self, order_number: str, *, before: str) -> bool:
        """Whether anything of an order was looked up before the proposal of that id."""
        return order_number in self._before.get(before, frozenset())


class _Watched:
    def __init__(self, port: object, reads: Reads, failing: int, system: str) -> None:
        self._port, self._reads, self._left, self._system = port, reads, failing, system

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._port, name)
        return self._around(name, real) if callable(real) else real

    def _around(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            if self._left > 0:
                self._left -= 1
                raise ConnectorUnavailable(self._system, "does not answer, as the scenario wants it")
            answer = real(*args, **kwargs)
            self._reads.note(name, args, answer)
            return answer

        return call


def watched(port: Port, reads: Reads, *, failing: int = 0, system: str = "erp") -> Port:
    """The same port; its first `failing` calls raise ConnectorUnavailable."""
    return cast("Port", _Watched(port, reads, failing, system))


@dataclass(frozen=True, slots=True)
class WatchedStarter:
    """The same starter; each proposal is noted when its work is started."""

    real: WorkStarter
    reads: Reads

    def start(self, uow: UnitOfWork, *, workflow: str, workflow_id: str, args: Sequence[Any]) -> None:
        """As the real one."""
        if workflow == _DECIDE:
            self.reads.proposed(str(args[0]))
        self.real.start(uow, workflow=workflow, workflow_id=workflow_id, args=args)

    def send(
        self, uow: UnitOfWork, *, workflow_id: str, topic: str, message: dict[str, Any], key: str
    ) -> None:
        """As the real one."""
        self.real.send(uow, workflow_id=workflow_id, topic=topic, message=message, key=key)
