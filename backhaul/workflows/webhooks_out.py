"""Telling programs of news: messages are made in the database, sent by a thread of the worker, tried again.

At least once: a message whose answer was lost comes again under the same id. Each is tried for three days.
"""

import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from backhaul.connectors import webhooks as signing
from backhaul.connectors.webhook_post import GONE, Answer
from backhaul.domain.clock import Ids, SystemClock
from backhaul.domain.errors import BackhaulError, NotFound
from backhaul.store import webhooks
from backhaul.store.unit_of_work import Store, UnitOfWork
from backhaul.store.webhooks import ToSend

PAUSES = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 60, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
)
"""After the first try, the second, and so on; each is lengthened by up to a fifth, lest all come at once"""
_LEASE = timedelta(minutes=2)
_KEPT = timedelta(days=30)
_AT_ONCE = 8
_LOOK_SECONDS = 1.0
_FORGET_EVERY = timedelta(hours=1)

log = structlog.get_logger("backhaul.webhooks")

Post = Callable[[str, Mapping[str, str], bytes], Answer]
"""Hands a message to an address"""


@dataclass(slots=True)
class WebhookSender:
    """Runs in a thread of the worker; several workers share the work."""

    store: Store
    ids: Ids
    post: Post
    secret_of: Callable[[str], str]
    """The secret of an endpoint, by its id"""
    now: Callable[[], datetime] = SystemClock().now
    _forgot_at: datetime | None = field(default=None, init=False)

    def run(self, stop: threading.Event) -> None:
        """Send what is due, until told to stop."""
        while not stop.wait(_LOOK_SECONDS):
            try:
                while self.round() and not stop.is_set():
                    pass
            except Exception as fault:  # noqa: BLE001 - one fault must not silence all webhooks for good
                log.error("webhooks interrupted", kind=type(fault).__name__)  # noqa: TRY400 - a trace quotes

    def round(self) -> int:
        """Make what is to be told, and try what is due, once. Returns how many were tried."""
        with self.store.read() as uow:
            if not webhooks.endpoints(uow, in_use=True):
                return 0
        with self.store.begin() as uow:
            webhooks.write_messages(uow, self.ids, now=self.now())
            due = webhooks.take_due(uow, now=self.now(), lease=_LEASE, at_most=_AT_ONCE)
            self._forget(uow)
        # A worker that is told to stop does not wait for programs outside: no pool, which would.
        hands = [threading.Thread(target=self._try, args=[one], name="webhook", daemon=True) for one in due]
        for hand in hands:
            hand.start()
        for hand in hands:
            hand.join()
        return len(due)

    def _forget(self, uow: UnitOfWork) -> None:
        now = self.now()
        if self._forgot_at is None or now - self._forgot_at > _FORGET_EVERY:
            self._forgot_at = now
            webhooks.forget(uow, before=now - _KEPT)

    def _try(self, one: ToSend) -> None:
        try:
            self._settle(one, self.hand_over(one))
        except BackhaulError as fault:
            # Its lease ends, and then it is tried again.
            log.warning("webhook not tried", endpoint=one.endpoint_id, code=fault.code)

    def _settle(self, one: ToSend, answer: Answer) -> None:
        now = self.now()
        with self.store.begin() as uow:
            if answer.taken:
                webhooks.delivered(uow, one.message_id, answer=answer.words, now=now)
                return
            again_at = _again_at(now, one.attempt)
            webhooks.failed(uow, one.message_id, answer=answer.words, now=now, again_at=again_at)
        if answer.status == GONE:
            self._end(one.endpoint_id)
        log.warning("webhook not taken", endpoint=one.endpoint_id, attempt=one.attempt, answer=answer.words)

    def _end(self, endpoint_id: str) -> None:
        """It says that there is nobody any more. Another message may have heard the same a moment before."""
        try:
            with self.store.begin() as uow:
                webhooks.end(uow, endpoint_id, why="it answered 410 Gone", actor="worker:webhooks")
        except NotFound:
            log.info("webhook ended already", endpoint=endpoint_id)

    def hand_over(self, one: ToSend) -> Answer:
        """Sign a message as of now, and hand it to its endpoint."""
        body = one.body.encode()
        at = int(self.now().timestamp())
        headers = signing.signed(self.secret_of(one.endpoint_id), one.message_id, at, body)
        return self.post(one.url, headers, body)


def _again_at(now: datetime, attempt: int) -> datetime | None:
    """When the next try is due; None after the last one."""
    if attempt > len(PAUSES):
        return None
    return now + PAUSES[attempt - 1] * (1 + random.random() / 5)
