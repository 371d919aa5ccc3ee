"""The web application, put together."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache

import anyio.to_thread
from fastapi import APIRouter, FastAPI
from fastapi.staticfiles import StaticFiles

from web import (
    account,
    admin_people,
    api,
    api_access,
    autonomy,
    carrier_events,
    chat,
    claims,
    corrections,
    desk,
    desk_audit,
    desk_blind,
    desk_credit,
    desk_decide,
    desk_edit,
    desk_ending,
    desk_keys,
    desk_leases,
    desk_notes,
    dock,
    dock_inspect,
    dock_outcomes,
    dock_photos,
    dock_receive,
    dock_settle,
    dock_unannounced,
    errors,
    finance,
    guided,
    insight,
    operator,
    orders,
    pages,
    phone,
    policies,
    policies_try,
    provider_doors,
    pulse,
    returns,
    sign_in,
    start,
    stuck,
    supplier,
)
from web.api_limits import TellLimits
from web.news import Newsroom
from web.numbers import CountRequests, Numbers
from web.shield import SecurityHeaders
from web.throttle import Throttle
from web.world import Doors

_THREADS = 100
"""Pages are made on threads; a turn that waits for a verdict holds one for some seconds."""
_FORM_BYTES = 1_000_000
HEAD_START_SECONDS = 1.0
"""Loading the agent keeps the interpreter busy for seconds: whoever waits for the first page goes first."""


def create_app(doors: Doors) -> FastAPI:
    """The doors as an ASGI application. It starts listening for news when it is started, and not before."""
    numbers = Numbers()
    app = FastAPI(
        title="Backhaul",
        openapi_url=None,
        # It would send people on to whatever host the request names.
        redirect_slashes=False,
        lifespan=_lifespan,
        max_body_size=_FORM_BYTES,
        telemetry={"tracing": False},
    )
    app.state.doors = doors
    app.state.numbers = numbers
    app.state.throttle = Throttle()
    app.state.newsroom = Newsroom(doors, numbers)
    app.state.common = {
        "demo": doors.settings.demo,
        "simulated": doors.settings.simulated_mark.exists(),
    }
    errors.install(app)
    app.add_middleware(TellLimits)
    app.add_middleware(CountRequests, numbers=numbers)
    app.add_middleware(SecurityHeaders, secure=doors.settings.cookies_need_tls)
    app.router.routes.extend(_rooms().routes)
    app.mount("/static", StaticFiles(directory=pages.STATIC), name="static")
    return app


@cache
def _rooms() -> APIRouter:
    """What every door leads to. Once a process: the framework reads every signature at each inclusion."""
    rooms = APIRouter()
    for with_pictures in (chat, orders, guided, claims, supplier):
        rooms.include_router(with_pictures.router, max_body_size=chat.UPLOAD_BYTES)
    # It counts by itself and answers with a problem; the framework's limit would answer in plain words.
    rooms.include_router(api.router, max_body_size=2 * api_access.BODY_BYTES)
    rooms.include_router(operator.router, max_body_size=operator.BODY_BYTES)
    for with_photos in (dock_receive, dock_inspect, dock_unannounced):
        rooms.include_router(with_photos.router, max_body_size=dock_photos.UPLOAD_BYTES)
    at_the_dock = (dock_outcomes, dock, dock_settle)
    for room in (
        start,
        carrier_events,
        sign_in,
        returns,
        phone,
        desk_keys,
        desk,
        desk_decide,
        desk_audit,
        desk_edit,
        desk_blind,
        desk_credit,
        desk_ending,
        desk_leases,
        corrections,
        desk_notes,
        *at_the_dock,
        policies,
        policies_try,
        autonomy,
        pulse,
        stuck,
        finance,
        account,
        admin_people,
        provider_doors,
        insight,
    ):
        rooms.include_router(room.router)
    return rooms


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    anyio.to_thread.current_default_thread_limiter().total_tokens = _THREADS
    newsroom: Newsroom = app.state.newsroom
    newsroom.start(asyncio.get_running_loop())
    doors: Doors = app.state.doors
    warm_up = threading.Timer(HEAD_START_SECONDS, doors.conversation.warm_up)
    warm_up.daemon = True
    warm_up.start()
    try:
        yield
    finally:
        warm_up.cancel()
        await anyio.to_thread.run_sync(newsroom.stop)
