"""Permits: signed by the guard, checked by anyone who holds the public half of the key."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import BaseModel, ConfigDict, ValidationError

from backhaul.domain.canonical import canonical_json
from backhaul.domain.errors import PermitRefused

_KEY_FILE_MODE = 0o600


class PermitClaims(BaseModel):
    """What a permit says. Times are UNIX seconds of the business clock."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    permit_id: str
    key_id: str
    action: str
    command_digest: str
    case_id: str
    order_number: str
    order_line: int
    order_version: int
    bundle_hash: str
    verdict_id: str
    issued: int
    expires: int
    amount_minor: int | None = None
    """Value of the pieces in minor units of the ledger currency; `None` when the ERP cannot tell"""
    exposure_minor: int | None = None
    """What the policy judged to be at stake on the order, this command included; ledger currency"""
    shipped_pieces: int | None = None
    """Pieces shipped on the order line when the policy looked"""
    invoiced_minor: int | None = None
    """Goods and tax invoiced on the order line; ledger currency, `None` when the ERP cannot tell"""
    credit_minor: int | None = None
    """What a credit gives back, goods and tax before fees; ledger currency"""

    def expires_at(self) -> datetime:
        """Aware UTC."""
        return datetime.fromtimestamp(self.expires, UTC)


@dataclass(frozen=True, slots=True)
class Signer:
    """The worker's private key. It never leaves the worker process."""

    key_id: str
    private_key: Ed25519PrivateKey

    @property
    def public_hex(self) -> str:
        """The public half, to be published in the store."""
        return self.private_key.public_key().public_bytes_raw().hex()

    def sign(self, claims: PermitClaims) -> str:
        """A token: the claims as canonical JSON and the signature over them."""
        body = canonical_json(claims.model_dump())
        return f"{body.encode().hex()}.{self.private_key.sign(body.encode()).hex()}"

    def sign_text(self, text: str) -> str:
        """The signature over a text that is no permit, as hex."""
        return self.private_key.sign(text.encode()).hex()


def read_token(token: str, public_hex: str) -> PermitClaims:
    """The claims of a token whose signature is true.

    Raises:
        PermitRefused: The token is malformed or was not signed with that key.
    """
    try:
        body_hex, signature_hex = token.split(".")
        body, signature = bytes.fromhex(body_hex), bytes.fromhex(signature_hex)
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_hex)).verify(signature, body)
        return PermitClaims.model_validate_json(body)
    except (ValueError, InvalidSignature, ValidationError) as wrong:
        raise PermitRefused("signature", "the token was not signed by this worker's key") from wrong


def load_signer(folder: Path) -> Signer:
    """The key under BACKHAUL_HOME/worker, made at the first start with mode 0600.

    To rotate, move the file away and restart: the next key gets a new id, and old permits can still be
    verified because their public halves stay in the store.

    Raises:
        PermitRefused: The file can be read by others, or is no key.
    """
    path = folder / "signing-key"
    if not path.exists():
        _make_key(path)
    if path.stat().st_mode & 0o077:
        raise PermitRefused("key file", f"{path} can be read by others; run: chmod 600 {path}")
    try:
        key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(path.read_text().strip()))
    except ValueError as wrong:
        raise PermitRefused(
            "key file", f"{path} holds no Ed25519 key; move it away and start again"
        ) from wrong
    return Signer(key_id=key.public_key().public_bytes_raw().hex()[:16], private_key=key)


def _make_key(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    secret = Ed25519PrivateKey.generate().private_bytes_raw().hex()
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _KEY_FILE_MODE)
    with os.fdopen(handle, "w") as file:
        file.write(secret)
