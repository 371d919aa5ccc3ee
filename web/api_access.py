"""The door for programs: a key with the right scope, how often, how much, and once only."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends, Header, HTTPException, Request
from fastapi.routing import APIRoute

from backhaul.domain.canonical import digest
from backhaul.domain.errors import BadInput, NotAllowed, NotFound
from backhaul.store import api_keys
from web.api_limits import spend
from web.errors import NoApiKey
from web.sign_in import ThrottleHere
from web.throttle import API, API_TRIES, place_of
from web.who import DoorsHere

BODY_BYTES = 2_000_000
_SHORTEST, _LONGEST = 8, 200


@dataclass(frozen=True, slots=True)
class Program:
    """Who asks: the name of a key, as it stands in the records, and the one account it is for, if it is."""

    name: str
    account_id: str | None = None

    @property
    def actor(self) -> str:
        return f"key:{self.name}"

    def sees(self, account_id: str) -> bool:
        """Whether what belongs to that account exists for this program."""
        return self.account_id in {None, account_id}

    def own(self, account_id: str, kind: str, key: str) -> None:
        """Raises NotFound for a record of another account, in the same words as for none."""
        if not self.sees(account_id):
            raise NotFound(kind, key)

    def account_for(self, wanted: str | None) -> str | None:
        """The account to look at: the key's own, or the one that was asked for; None for all of them.

        Raises:
            NotFound: It is not the key's.
        """
        if wanted and not self.sees(wanted):
            raise NotFound("account", wanted)
        return wanted or self.account_id


def program_with(scope: str) -> Callable[..., Program]:
    """Only a program whose key has the scope comes in.

    Whoever comes with a key in use is counted by it and never by place: behind one address there may be many,
    and somebody who guesses beside them must not shut them out.
    """

    def program(
        request: Request,
        doors: DoorsHere,
        throttle: ThrottleHere,
        authorization: Annotated[str, Header(include_in_schema=False)] = "",
    ) -> Program:
        scheme, _, secret = authorization.partition(" ")
        with doors.desk.store.read() as uow:
            known = api_keys.key_of(uow, secret.strip()) if scheme.lower() == "bearer" else None
        if known is None:
            throttle.check(API_TRIES, "api", place_of(request))
            raise NoApiKey
        spend(request, throttle, API, "key", known.name)
        if scope not in known.scopes:
            raise NotAllowed(f"The key {known.name} may not do this: it needs the scope {scope}.")
        return Program(known.name, known.account_id)

    program.scope = scope  # type: ignore[attr-defined]
    return program


def scope_of(route: APIRoute) -> str:
    """The scope that a route asks for; ValueError for one that forgot to."""
    for needed in route.dependant.dependencies:
        scope = getattr(needed.call, "scope", None)
        if isinstance(scope, str):
            return scope
    raise ValueError(f"{route.path} asks for no scope")


@dataclass(frozen=True, slots=True)
class Sent:
    """A request that is answered once: its key and the digest of its body."""

    idempotency_key: str
    body: Any
    digest: str


IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        description="Makes this one request, however often it is sent: a new one for each, the same one when "
        "it is repeated.",
        json_schema_extra={"minLength": _SHORTEST, "maxLength": _LONGEST, "pattern": "^[!-~]([ -~]*[!-~])?$"},
    ),
]


def checked_key(given: str) -> str:
    """The key that makes a request one.

    Raises:
        BadInput: There is none, or it cannot be used.
    """
    key = given.strip()
    if not (_SHORTEST <= len(key) <= _LONGEST and key.isascii() and key.isprintable()):
        raise BadInput(
            f"Send a header Idempotency-Key of {_SHORTEST} to {_LONGEST} characters, a new one for each "
            "request and the same one when you repeat it.",
            field="Idempotency-Key",
        )
    return key


def not_too_long(raw: bytes) -> None:
    """The framework's own limit would answer in plain words, and a program wants a problem it can read."""
    if len(raw) > BODY_BYTES:
        raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"At most {BODY_BYTES:,} bytes at once.")


async def sent_once(request: Request, idempotency_key: IdempotencyKey = "") -> Sent:
    """The body as JSON, under the key that makes it one request however often it comes.

    Raises:
        BadInput: There is no key, or the body is no JSON.
    """
    raw = await request.body()
    not_too_long(raw)
    key = checked_key(idempotency_key)
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"The body is no JSON: {error}.", field="body") from None
    return Sent(key, body, digest([raw.hex()]))


SentOnce = Annotated[Sent, Depends(sent_once)]
