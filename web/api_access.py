"""The door for programs: a key with the right scope, how often, how much, and once only."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends, Header, HTTPException, Request

from backhaul.domain.canonical import digest
from backhaul.domain.errors import BadInput, NotAllowed
from backhaul.store import api_keys
from web.errors import NoApiKey
from web.sign_in import ThrottleHere
from web.throttle import API, API_TRIES, place_of
from web.who import DoorsHere

BODY_BYTES = 2_000_000
_SHORTEST, _LONGEST = 8, 200


@dataclass(frozen=True, slots=True)
class Program:
    """Who asks: the name of a key, as it stands in the records."""

    name: str

    @property
    def actor(self) -> str:
        return f"key:{self.name}"


def program_with(scope: str) -> Callable[..., Program]:
    """Only a program whose key has the scope comes in."""

    def program(
        request: Request,
        doors: DoorsHere,
        throttle: ThrottleHere,
        authorization: Annotated[str, Header()] = "",
    ) -> Program:
        scheme, _, secret = authorization.partition(" ")
        throttle.check(API_TRIES, "api", place_of(request))
        with doors.desk.store.read() as uow:
            known = api_keys.key_of(uow, secret.strip()) if scheme.lower() == "bearer" else None
        if known is None:
            raise NoApiKey
        if scope not in known.scopes:
            raise NotAllowed(f"The key {known.name} may not do this: it needs the scope {scope}.")
        throttle.check(API, "key", known.name)
        return Program(known.name)

    return program


@dataclass(frozen=True, slots=True)
class Sent:
    """A request that is answered once: its key and the digest of its body."""

    idempotency_key: str
    body: Any
    digest: str


async def sent_once(request: Request, idempotency_key: Annotated[str, Header()] = "") -> Sent:
    """The body as JSON, under the key that makes it one request however often it comes.

    Raises:
        BadInput: There is no key, or the body is no JSON.
    """
    raw = await request.body()
    if len(raw) > BODY_BYTES:
        # The framework's own limit would answer in plain words, and a program wants a problem it can read.
        raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"At most {BODY_BYTES:,} bytes at once.")
    key = idempotency_key.strip()
    if not (_SHORTEST <= len(key) <= _LONGEST and key.isascii() and key.isprintable()):
        raise BadInput(
            f"Send a header Idempotency-Key of {_SHORTEST} to {_LONGEST} characters, a new one for each "
            "request and the same one when you repeat it.",
            field="Idempotency-Key",
        )
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"The body is no JSON: {error}.", field="body") from None
    return Sent(key, body, digest([raw.hex()]))


SentOnce = Annotated[Sent, Depends(sent_once)]
