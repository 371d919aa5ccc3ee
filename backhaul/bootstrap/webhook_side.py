"""Telling programs of news: the secrets of endpoints, and what sends to them."""

import base64
import hashlib
import hmac
from functools import partial

from backhaul.bootstrap import stores
from backhaul.bootstrap.home_keys import ensure_key
from backhaul.connectors.webhook_post import post
from backhaul.settings import Settings
from backhaul.store.unit_of_work import Store
from backhaul.workflows.webhooks_out import WebhookSender

KEY_FILE = "webhook.key"


def secret_of(settings: Settings, endpoint_id: str) -> str:
    """The secret of an endpoint, as Standard Webhooks writes it. It is made from the home's key each time.

    So it stands in no table, and the web side, which may read tables, cannot sign with it.

    Raises:
        NotAllowed: Others may read the home's key.
    """
    path = settings.home / "worker" / KEY_FILE
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    cure = f"run `chmod 600 {path}`, or remove it: every endpoint then has a new secret"
    key = ensure_key(settings, f"worker/{KEY_FILE}", cure).get_secret_value()
    made = hmac.new(key.encode(), f"webhook:{endpoint_id}".encode(), hashlib.sha256).digest()
    return "whsec_" + base64.b64encode(made).decode()


def sender(settings: Settings, store: Store) -> WebhookSender:
    """What sends, with the guard against private addresses that this house has."""
    return WebhookSender(store, stores.ids(), partial(post, demo=settings.demo), partial(secret_of, settings))
