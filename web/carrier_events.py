"""Carriers tell of scans by themselves: a signed message is kept at once, and the worker takes it."""

from http import HTTPStatus
from time import time
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import Response

from backhaul.connectors import webhooks
from backhaul.connectors.webhooks import slug
from backhaul.domain.errors import NotFound
from web.who import DoorsHere

router = APIRouter(prefix="/hooks/carrier")
BODY_BYTES = 64_000
"""A scan takes some hundred bytes."""


async def body_of(request: Request) -> bytes:
    """What was signed: the bytes as they came.

    The framework's own limit would answer in plain words, and a program wants a problem it can read.
    """
    body = await request.body()
    if len(body) > BODY_BYTES:
        raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return body


@router.post("/{carrier}")
def scanned(
    carrier: str, request: Request, body: Annotated[bytes, Depends(body_of)], doors: DoorsHere
) -> Response:
    """Keep one scan for the worker; the same event again, whenever and however it comes, counts once.

    The machine's own clock judges the age of a message: the business clock of a demo may have been moved.
    """
    secret = doors.settings.carrier_webhook_secrets.get(carrier)
    if secret is None or slug(carrier) != carrier:
        raise NotFound("carrier", carrier)
    webhooks.check(secret.get_secret_value(), request.headers, body, now=time())
    event = webhooks.read(body)
    with doors.desk.store.begin() as uow:
        doors.desk.starter.start(
            uow,
            workflow="carrier-event",
            workflow_id=f"event-{carrier}-{event.event_id}",
            args=[carrier, webhooks.written(event)],
        )
    return Response(status_code=202)
