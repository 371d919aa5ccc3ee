"""What /metrics tells, in a registry of this application's own."""

from dataclasses import dataclass, field
from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send


@dataclass(slots=True)
class Numbers:
    """Counters of one application; two applications in one process do not share them."""

    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    requests: Counter = field(init=False)
    seconds: Histogram = field(init=False)
    turns: Counter = field(init=False)
    failed_turns: Counter = field(init=False)
    open_pages: Gauge = field(init=False)
    worker_age: Gauge = field(init=False)
    reviews: Gauge = field(init=False)
    decisions: Counter = field(init=False)

    def __post_init__(self) -> None:
        home = self.registry
        labels = ("method", "route", "status")
        self.requests = Counter("backhaul_http_requests", "Answered requests.", labels, registry=home)
        self.seconds = Histogram(
            "backhaul_http_seconds", "Time to the first byte.", ("route",), registry=home
        )
        self.turns = Counter("backhaul_chat_turns", "Turns the agent has answered.", registry=home)
        self.failed_turns = Counter(
            "backhaul_chat_turns_failed", "Turns that raised an error.", registry=home
        )
        self.open_pages = Gauge("backhaul_open_pages", "Pages that listen for news.", registry=home)
        self.worker_age = Gauge(
            "backhaul_worker_silence_seconds", "Age of the last heartbeat.", registry=home
        )
        self.reviews = Gauge("backhaul_reviews", "Reviews by state.", ("state",), registry=home)
        self.decisions = Counter("backhaul_desk_decisions", "Reviewers' acts.", ("act",), registry=home)

    def text(self) -> bytes:
        """The exposition format of Prometheus."""
        return generate_latest(self.registry)


class CountRequests:
    """Counts by route template, never by address: addresses hold ids and would grow without end."""

    def __init__(self, app: ASGIApp, *, numbers: Numbers) -> None:
        self.app = app
        self.numbers = numbers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = perf_counter()

        async def send_and_count(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._count(scope, message["status"], perf_counter() - began)
            await send(message)

        await self.app(scope, receive, send_and_count)

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "unmatched")
        self.numbers.requests.labels(scope["method"], route, str(status)).inc()
        self.numbers.seconds.labels(route).observe(seconds)
