"""Connectors that slip as the fault of the case at work says; outside of steps they are as good as ever."""

import random
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from backhaul.domain.errors import ConnectorUnavailable
from backhaul.domain.receiving import ParcelEvent
from evals.chaos.faults import Call, Fault, Slip, slip
from evals.chaos.strikes import Striker, at_work

_LATE_SECONDS = 1.5
_NONSENSE = "<html>\n502 Bad Gateway</html>"
_NAMES = ("number", "order_number", "tracking_number")


@dataclass(frozen=True, slots=True)
class Faulty:
    """Stands before a real connector of any port."""

    real: Any
    peer: str
    striker: Striker
    seed: int
    writes: frozenset[str]

    @property
    def name(self) -> str:
        """A carrier's own name."""
        return str(self.real.name)

    def __getattr__(self, method: str) -> Any:
        attribute = getattr(self.real, method)
        if method == "events":
            return lambda **after: self._in_disorder(attribute(**after))
        if not callable(attribute) or method.startswith("_") or method == "close":
            return attribute
        return lambda *args, **kwargs: self._call(method, attribute, args, kwargs)

    def _call(
        self, method: str, deed: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        case_id = at_work.get()
        fault = self.striker.doom_of(case_id).fault if case_id else Fault.NONE
        if fault in {Fault.NONE, Fault.REORDER, Fault.CLOCK_SKEW, Fault.DATABASE}:
            return deed(*args, **kwargs)
        key = f"{case_id}:{self.peer}.{method}:{kwargs.get('key') or args}"
        count = self.striker.notes.count
        call = Call(
            self.peer,
            method,
            method in self.writes,
            key,
            count(key),
            count(f"{case_id}:{self.peer}"),
        )
        return self._with(slip(fault, call, self.seed), fault, lambda: deed(*args, **kwargs))

    def _with(self, what: Slip, fault: Fault, deed: Callable[[], Any]) -> Any:
        if what is Slip.SILENT:
            raise ConnectorUnavailable(self.peer, fault.value)
        if what is Slip.LATE:
            time.sleep(_LATE_SECONDS)
        answer = deed()
        if what is Slip.ANSWER_LOST:
            raise ConnectorUnavailable(self.peer, fault.value)
        if what is Slip.TWICE:
            return deed()
        return nonsense(answer) if what is Slip.NONSENSE else answer

    def _in_disorder(self, events: Sequence[ParcelEvent]) -> Sequence[ParcelEvent]:
        """Some scans twice, and none in its place: whatever the fault, a carrier may do that."""
        drawn = random.Random(f"{self.seed}:{len(events)}")
        told = [*events, *drawn.sample(events, len(events) // 3)]
        drawn.shuffle(told)
        return tuple(told)


def nonsense(answer: Any) -> Any:
    """An answer of the right shape whose numbers are none."""
    if isinstance(answer, str):
        return _NONSENSE
    if not is_dataclass(answer) or isinstance(answer, type):
        return answer
    mangled = {part.name: _NONSENSE for part in fields(answer) if part.name in _NAMES}
    inner = {"label": nonsense(answer.label)} if hasattr(answer, "label") else {}
    return replace(answer, **mangled, **inner)


@dataclass(frozen=True, slots=True)
class ForgetsKeys:
    """The planted mistake: a carrier's connector that never passes the idempotency key on."""

    real: Any

    @property
    def name(self) -> str:
        """The carrier's own name."""
        return str(self.real.name)

    def __getattr__(self, method: str) -> Any:
        attribute = getattr(self.real, method)
        if method != "buy_label":
            return attribute
        return lambda request, *, key: attribute(request, key=secrets.token_hex(8) + key[:0])
