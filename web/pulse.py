"""Is everything alive? Health pages for machines, and what people see of it: that decisions are delayed."""

from dataclasses import dataclass
from time import monotonic

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from backhaul.store.news import newest_sign_of_worker, review_counts
from web.numbers import Numbers
from web.who import DoorsHere, machine_now
from web.world import Doors

router = APIRouter()
SILENCE_SECONDS = 15
"""A worker that has not been heard of for longer counts as gone."""


_NOT_TAKEN = ("The newest policy files could not be taken.", "Decisions follow the last good edition.")
_NOTHING_TO_DECIDE_BY = (
    "Nothing is decided at present: the policy files cannot be used.",
    "Nothing is lost: requests and what you decide are kept, and acted on when the files are mended.",
)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Policy files that could not be taken: what is so, what holds meanwhile, where the fault is."""

    headline: str
    meanwhile: str
    problem: str


@dataclass(frozen=True, slots=True)
class Pulse:
    """How long the worker has been silent, in seconds; `None` when there never was one."""

    silent_seconds: float | None
    policy_problem: str | None
    decides: bool = True
    """Whether a worker has documents to decide by"""

    @property
    def silent(self) -> bool:
        return self.silent_seconds is None or self.silent_seconds > SILENCE_SECONDS

    @property
    def delayed(self) -> bool:
        """Whether whoever asks now waits longer than usual."""
        return self.silent or not self.decides

    @property
    def trouble(self) -> Trouble | None:
        """What the desk says about the policy files."""
        if not self.policy_problem:
            return None
        return Trouble(*(_NOT_TAKEN if self.decides else _NOTHING_TO_DECIDE_BY), self.policy_problem)

    @property
    def reason(self) -> str:
        """Why the desk is not ready, for operators; empty when it is."""
        if self.silent_seconds is None:
            return "no worker has reported yet; start one with `backhaul worker`"
        if self.silent:
            return (
                f"the worker has been silent for {self.silent_seconds:.0f} s; see that `backhaul worker` runs"
            )
        if not self.decides:
            return f"the worker has no policy documents to decide by: {self.policy_problem}"
        return ""


def pulse(doors: Doors) -> Pulse:
    """Look at the newest heartbeat."""
    with doors.desk.store.read() as uow:
        sign = newest_sign_of_worker(uow)
    if sign is None:
        return Pulse(None, None)
    return Pulse((machine_now() - sign.beat_at).total_seconds(), sign.policy_problem, sign.decides)


def is_delayed(doors: Doors) -> bool:
    """Whether people should be told that decisions take longer."""
    return pulse(doors).delayed


@router.head("/healthz")
@router.get("/healthz")
def healthz() -> Response:
    """The process answers."""
    return PlainTextResponse("ok\n")


@router.head("/readyz")
@router.get("/readyz")
def readyz(doors: DoorsHere) -> Response:
    """Requests can be decided. Without a worker they are kept, and 503 says why."""
    began = monotonic()
    found = pulse(doors)
    body = {
        "ready": not found.delayed,
        "reason": found.reason,
        "worker_silent_seconds": found.silent_seconds,
        "policy_problem": found.policy_problem,
        "database_ms": round((monotonic() - began) * 1_000, 1),
    }
    return JSONResponse(body, status_code=503 if found.delayed else 200)


@router.get("/metrics")
def metrics(request: Request, doors: DoorsHere) -> Response:
    """Counters for Prometheus."""
    numbers: Numbers = request.app.state.numbers
    silent = pulse(doors).silent_seconds
    if silent is not None:
        numbers.worker_age.set(silent)
    with doors.desk.store.read() as uow:
        for state, count in review_counts(uow).items():
            numbers.reviews.labels(state).set(count)
    return Response(numbers.text(), media_type="text/plain; version=0.0.4; charset=utf-8")
