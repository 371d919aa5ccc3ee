"""How much a program may still ask for, told in the header fields RateLimit and RateLimit-Policy.

Source: draft-ietf-httpapi-ratelimit-headers-10: a policy with its quota and window, and what is left of it.
"""

from math import ceil
from time import time

from fastapi import Request
from limits import RateLimitItem
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.throttle import Throttle

_STATE = "rate_limit"


def spend(request: Request, throttle: Throttle, limit: RateLimitItem, *names: str) -> None:
    """Count one request, and remember what is left for the answer, whatever it will be.

    Raises:
        TooOften: Nothing was left.
    """
    try:
        throttle.check(limit, *names)
    finally:
        left = throttle.left(limit, *names)
        seconds = max(0, ceil(left.reset_time - time()))
        request.scope.setdefault("state", {})[_STATE] = (
            f'"key";q={limit.amount};w={limit.get_expiry()}',
            f'"key";r={left.remaining};t={seconds}',
        )


class TellLimits:
    """Adds the fields to every answer of a request that was counted; a plain ASGI wrapper."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_told(message: Message) -> None:
            told = scope.get("state", {}).get(_STATE) if message["type"] == "http.response.start" else None
            if told:
                headers = MutableHeaders(scope=message)
                headers["RateLimit-Policy"], headers["RateLimit"] = told
            await send(message)

        await self.app(scope, receive, send_told if scope["type"] == "http" else send)
