"""The share of decisions that a person reads blind, and the key that says which."""

from backhaul.bootstrap.home_keys import ensure_key
from backhaul.settings import Settings
from tools.earned import NOTHING_DRAWN, BlindShare

DRAW_KEY_FILE = "worker/blind-draw.key"


def blind_share(settings: Settings) -> BlindShare:
    """As the settings say, with the worker's key of the draw; it is made at the first call.

    Several workers of one house need the same key, as they need the same signing key.

    Raises:
        NotAllowed: Others may read the file, and could foresee who is drawn.
    """
    if not (settings.blind_share_permille or settings.blind_escalated_permille):
        return NOTHING_DRAWN
    path = settings.home / DRAW_KEY_FILE
    key = ensure_key(settings, DRAW_KEY_FILE, f"run `chmod 600 {path}`, or remove it: a new one draws anew")
    return BlindShare(key, settings.blind_share_permille, settings.blind_escalated_permille)
