"""Writes of programs, each done once: what it did and what it was answered stand in one transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.responses import JSONResponse, Response

from backhaul.domain.canonical import digest
from backhaul.domain.errors import BadInput
from backhaul.store import api_keys
from backhaul.store.note_tables import ApiAnswerRow
from backhaul.store.unit_of_work import UnitOfWork
from web.api_access import IdempotencyKey, Program, checked_key, not_too_long
from web.who import machine_now
from web.world import Doors

ANSWERS_ARE_KEPT = timedelta(days=7)
"""A request that comes again later than this is a new one"""


@dataclass(frozen=True, slots=True)
class Once:
    """What makes a request one: its key, and the digest of what it asks for and where."""

    key: str
    digest: str


async def once(request: Request, idempotency_key: IdempotencyKey = "") -> Once:
    """The key of a request, bound to its address and body.

    Raises:
        BadInput: There is no key.
    """
    raw = await request.body()
    not_too_long(raw)
    return Once(checked_key(idempotency_key), digest([request.method, request.url.path, raw.hex()]))


OnceHere = Annotated[Once, Depends(once)]
Deed = Callable[[UnitOfWork], tuple[int, dict[str, Any]]]
"""Does what was asked for; its status and answer"""


def done_once(doors: Doors, program: Program, asked: Once, deed: Deed) -> Response:
    """Do it and keep the answer, or give the answer that was given before.

    What raises is not kept: the same request again is a new try.

    Raises:
        BadInput: The key came with another request before.
    """
    with doors.desk.store.begin() as uow:
        before = api_keys.answered_before(uow, program.name, asked.key)
        if before is not None:
            return replayed(before, asked.digest)
        status, answer = deed(uow)
        kept(uow, program, asked.key, asked.digest, status, answer)
    return answered(status, answer)


def answered(status: int, answer: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    """An answer as it was kept; one that says why nothing was done is a problem."""
    media_type = "application/problem+json" if status >= HTTPStatus.BAD_REQUEST else None
    return JSONResponse(answer, status_code=status, headers=headers, media_type=media_type)


def kept(
    uow: UnitOfWork, program: Program, key: str, body_digest: str, status: int, answer: dict[str, Any]
) -> None:
    """Keep an answer for those who ask again, and forget old ones."""
    now = machine_now()
    api_keys.forget_answers(uow, before=now - ANSWERS_ARE_KEPT)
    api_keys.keep_answer(
        uow, program.name, key, body_digest=body_digest, status=status, answer=answer, now=now
    )


def replayed(row: ApiAnswerRow, body_digest: str) -> Response:
    """The answer that was given. BadInput when the key came with other words before."""
    if row.body_digest != body_digest:
        raise BadInput(
            "This Idempotency-Key was used for another request; take a new one.", field="Idempotency-Key"
        )
    return answered(row.status, row.answer, {"Idempotent-Replayed": "true"})
