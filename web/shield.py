"""What protects every page: response headers, where a form may come from, and the token inside it."""

import hashlib
import hmac
import secrets
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.errors import ForeignForm

_SOURCES = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' blob:",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "manifest-src 'self'",
)
CONTENT_SECURITY_POLICY = "; ".join(_SOURCES)
_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
    "X-Frame-Options": "DENY",
}
_A_YEAR = "max-age=31536000; includeSubDomains"


class SecurityHeaders:
    """Adds the headers to every answer; a plain ASGI wrapper, so that streams are not held back."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self.app = app
        self.headers = _HEADERS | ({"Strict-Transport-Security": _A_YEAR} if secure else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add(message)
            await send(message)

        await self.app(scope, receive, send_with_headers)

    def _add(self, message: MutableMapping[str, Any]) -> None:
        headers = MutableHeaders(scope=message)
        for name, value in self.headers.items():
            headers.setdefault(name, value)
        # Pages hold what one person may see; only static files say otherwise themselves.
        headers.setdefault("Cache-Control", "no-store")


def new_secret() -> str:
    """A random value for a cookie: 256 bits."""
    return secrets.token_urlsafe(32)


def form_token(secret: str) -> str:
    """The token in the forms of whoever holds that cookie."""
    return hmac.new(secret.encode(), b"backhaul form", hashlib.sha256).hexdigest()


def keyed(secret: str, value: str) -> str:
    """A value bound to the browser that holds this secret; neither of them can be told from it."""
    return hmac.new(secret.encode(), f"bound\n{value}".encode(), hashlib.sha256).hexdigest()


def check_form(request: Request, *, secret: str, token: str) -> None:
    """Refuse a form from another site, or without the token of this very session.

    Raises:
        ForeignForm: Origin, Sec-Fetch-Site or token does not fit.
    """
    if not comes_from_here(request.headers) or not secret:
        raise ForeignForm
    if not hmac.compare_digest(form_token(secret).encode(), token.encode()):
        raise ForeignForm


def comes_from_here(headers: Headers) -> bool:
    """Whether the browser says that one of our own pages made the request. Silence is left to the token."""
    site = headers.get("sec-fetch-site")
    if site is not None and site not in {"same-origin", "none"}:
        return False
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host", "")
