"""`/api/v1`, put together: every room of it, and the document that describes them all."""

import sys
from functools import cache
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response

from web import (
    api_cases,
    api_conversations,
    api_events,
    api_labels,
    api_reviews,
    api_rmas,
    notes_api,
)
from web.api_document import document, written

router = APIRouter()
ROOMS = (api_conversations, notes_api, api_cases, api_reviews, api_rmas, api_labels, api_events)
for room in ROOMS:
    router.include_router(room.router)


@cache
def described() -> dict[str, Any]:
    """The document of this version."""
    return document([route for room in ROOMS for route in room.router.routes])


@router.get("/api/v1/openapi.json", include_in_schema=False)
def describe() -> Response:
    """What can be asked for here, as OpenAPI 3.1; it holds no secrets and needs no key."""
    return JSONResponse(described())


if __name__ == "__main__":
    sys.stdout.write(written(described()))
