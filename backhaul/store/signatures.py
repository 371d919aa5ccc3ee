"""Whether a text was signed with a key, told by its public half."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def is_signed(text: str, signature_hex: str, public_hex: str) -> bool:
    """An Ed25519 signature over the text's UTF-8; what is no signature or no key is none."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_hex))
        key.verify(bytes.fromhex(signature_hex), text.encode())
    except (ValueError, InvalidSignature):
        return False
    return True


def key_id_of(public_hex: str) -> str:
    """The name of a key: how its public half begins."""
    return public_hex[:16]
