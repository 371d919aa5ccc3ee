"""Signed checkpoints of the audit log: what stood at the end of every chain at one moment.

A hash chain tells that something in it was altered. It cannot tell that its end was cut off, or that it was
made anew from some event on: for that, somebody who holds a key must have signed where it stood before.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from backhaul.domain.canonical import canonical_json, digest, plain


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What one checkpoint says. `heads` holds (seq, hash) of each chain that grew since the one before."""

    made_at: datetime
    chains: int
    events: int
    last_event_id: int
    heads: Mapping[str, tuple[int, str]]
    previous_digest: str

    @property
    def digest(self) -> str:
        """SHA-256 of all it says, as hex: what the next checkpoint names, and what is signed."""
        return digest(self)

    @property
    def signed_text(self) -> str:
        """What the key signs; no permit can be mistaken for it."""
        return f"backhaul audit checkpoint {self.digest}"


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint as it is kept: the digest it claims to have, and who signed that."""

    checkpoint: Checkpoint
    claimed_digest: str
    key_id: str
    signature: str

    def line(self) -> str:
        """One line of the file that keeps the checkpoints a second time, outside the database."""
        return canonical_json(self)


def signed_from(record: Mapping[str, Any]) -> SignedCheckpoint:
    """Read what `SignedCheckpoint.line` wrote; KeyError, TypeError or ValueError otherwise."""
    said = dict(record["checkpoint"])
    said["made_at"] = datetime.fromisoformat(said["made_at"])
    said["heads"] = {chain: (int(seq), str(end)) for chain, (seq, end) in said["heads"].items()}
    checkpoint = Checkpoint(**{part.name: said[part.name] for part in fields(Checkpoint)})
    return SignedCheckpoint(
        checkpoint, str(record["claimed_digest"]), str(record["key_id"]), str(record["signature"])
    )


def heads_record(heads: Mapping[str, tuple[int, str]]) -> dict[str, Any]:
    """The heads in JSON types."""
    record: dict[str, Any] = plain(dict(heads))
    return record
