"""Puts the web application together; the command line stands above the doors and may."""

import structlog
from fastapi import FastAPI

from backhaul.bootstrap import outside, stores
from backhaul.bootstrap.doors import build_web_side
from backhaul.bootstrap.home_keys import link_key
from backhaul.bootstrap.operator import ensure_operator_key, home_proof
from backhaul.cli.demo import day_after, demo_personas, demo_stories
from backhaul.settings import Settings
from web.app import create_app
from web.world import Doors

log = structlog.get_logger("backhaul.web")


def build_app(settings: Settings) -> FastAPI:
    """The doors of this home."""
    if not (settings.demo or settings.smtp_host):
        log.warning("no mail server, so nobody gets a sign-in code", cure="set BACKHAUL_SMTP_HOST")
    side = build_web_side(settings)
    key = ensure_operator_key(settings)
    doors = Doors(
        settings=settings,
        desk=side.desk,
        conversation=side.conversation,
        notifier=outside.notifier(settings, side.store, stores.blob_store(settings)),
        personas=demo_personas(side.desk.erp) if settings.demo else (),
        stories=demo_stories() if settings.demo else (),
        next_day=day_after(settings, side.store) if settings.demo else None,
        operator_key=key,
        link_key=link_key(settings),
        reader=side.conversation.reader,
        prove_home=lambda nonce: home_proof(key, nonce),
    )
    return create_app(doors)
