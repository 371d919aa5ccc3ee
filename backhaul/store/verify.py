"""The offline verifier of the audit log: a database, public keys and the file of checkpoints; no worker.

What it relies on: the keys come from outside the database, or from the file beside it. Who can rewrite the
database, the file and every copy of both, and takes away what was signed last, is not found.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from backhaul.domain.audit import AuditEvent
from backhaul.domain.checkpoints import SignedCheckpoint
from backhaul.domain.clock import SystemClock
from backhaul.domain.tampering import Anchor, Tampering, anchored, tampering
from backhaul.store.checkpoints import checkpoints
from backhaul.store.database import driver_url
from backhaul.store.house_tables import AuditRow
from backhaul.store.signatures import is_signed
from backhaul.store.unit_of_work import Store

_AT_A_TIME = 5_000
_NO_NUMBER = -1
_UNREADABLE = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Verified:
    """What was looked at, and what is wrong with it."""

    events: int = 0
    chains: int = 0
    checkpoints: int = 0
    tampering: list[Tampering] = field(default_factory=list)
    after_last: int = 0
    """Events that no checkpoint covers yet: of these only an edit or a gap can be found"""


def verify(engine: Engine, keys: Mapping[str, str], *, filed: Sequence[SignedCheckpoint] = ()) -> Verified:
    """Check every event, every chain and every checkpoint.

    Args:
        engine: The database, or a copy of it; it is only read.
        keys: Public keys as hex, by key id; without any, checkpoints are not looked at.
        filed: The checkpoints that were kept in the file; none when there is no file.
    """
    found = Verified()
    store = Store(engine, SystemClock())
    with store.read() as uow:
        stored = checkpoints(uow)
        found.checkpoints = len(stored)
        if keys:
            found.tampering += _of_checkpoints(stored, keys, "the database")
            found.tampering += _of_checkpoints(filed, keys, "the file")
            found.tampering += _against_file(stored, filed)
        true = _true_ones([*stored, *filed], keys)
        anchors, covered = _anchors(true), true[-1].checkpoint.last_event_id if true else 0
        for chain, kept in groupby(_events(uow.session.connection()), key=lambda one: one[0].chain):
            found.chains += 1
            found.tampering += tampering(chain, _counted(found, kept, covered), anchors.pop(chain, []))
    for chain, sworn in sorted(anchors.items()):
        found.tampering += tampering(chain, [], sworn)
    return found


def open_for_reading(url: str) -> Engine:
    """A database, or a copy of one, that will not be written to; a byte that is no text is shown as such."""
    if not url.startswith("sqlite:///"):
        return sa.create_engine(driver_url(url))
    path = url.removeprefix("sqlite:///")

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(f"file:{quote(path)}?mode=ro", uri=True, check_same_thread=False)
        connection.text_factory = lambda raw: raw.decode(errors="backslashreplace")
        return connection

    return sa.create_engine("sqlite://", creator=connect, poolclass=sa.pool.NullPool)


_Kept = tuple[AuditEvent, str, int]


def _events(connection: sa.Connection) -> Iterator[_Kept]:
    """Every event, as raw as the database has it: an edited byte may have made it unreadable."""
    raw: list[Any] = [AuditRow.at, AuditRow.facts]
    if connection.dialect.name == "sqlite":
        raw = [sa.type_coerce(one, sa.String) for one in raw]
    before = (AuditRow.chain, AuditRow.seq, AuditRow.actor, AuditRow.tag, AuditRow.subject)
    query = sa.select(*before, *raw, AuditRow.previous_hash, AuditRow.hash, AuditRow.id)
    rows = connection.execution_options(yield_per=_AT_A_TIME).execute(
        query.order_by(AuditRow.chain, AuditRow.seq)
    )
    for chain, seq, actor, tag, subject, when, said, previous, stored, id_ in rows:
        number = seq if isinstance(seq, int) else _NO_NUMBER
        at, facts = _time(when), _facts(said)
        yield AuditEvent(chain, number, at, actor, tag, subject, facts, previous), stored, id_


def _time(raw: datetime | str) -> datetime:
    """SQLite holds text: what was not written as we write it was written by somebody else."""
    try:
        read = datetime.fromisoformat(raw) if isinstance(raw, str) else raw
    except ValueError:
        return _UNREADABLE
    if isinstance(raw, str) and read.isoformat(sep=" ", timespec="microseconds") != raw:
        return _UNREADABLE
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


def _facts(raw: Any) -> dict[str, Any]:
    try:
        read = json.loads(raw) if isinstance(raw, str) else raw
    except ValueError:
        read = None
    if not isinstance(read, dict) or (isinstance(raw, str) and json.dumps(read) != raw):
        return {"unreadable": str(raw)}
    return read


def _counted(found: Verified, kept: Iterator[_Kept], covered: int) -> Iterator[tuple[AuditEvent, str]]:
    for event, stored, id_ in kept:
        found.events += 1
        found.after_last += id_ > covered
        yield event, stored


def _of_checkpoints(
    these: Sequence[SignedCheckpoint], keys: Mapping[str, str], where: str
) -> Iterator[Tampering]:
    previous = ""
    for number, one in enumerate(these, start=1):
        name = f"checkpoint {number} in {where}"
        if one.checkpoint.digest != one.claimed_digest:
            yield Tampering(name, 0, "it was edited: it does not give its digest")
        elif one.key_id not in keys:
            yield Tampering(name, 0, f"it was signed with key {one.key_id}, which is none of ours")
        elif not _is_true(one, keys):
            yield Tampering(name, 0, "it is forged: our key did not sign it")
        if one.checkpoint.previous_digest != previous:
            yield Tampering(name, 0, "a checkpoint before it was removed")
        previous = one.claimed_digest


def _is_true(one: SignedCheckpoint, keys: Mapping[str, str]) -> bool:
    public = keys.get(one.key_id)
    text = one.checkpoint.signed_text
    return public is not None and is_signed(text, one.signature, public)


def _against_file(
    stored: Sequence[SignedCheckpoint], filed: Sequence[SignedCheckpoint]
) -> Iterator[Tampering]:
    in_database, in_file = ({one.claimed_digest for one in these} for these in (stored, filed))
    for number, one in enumerate(filed, start=1):
        if one.claimed_digest not in in_database:
            yield Tampering(f"checkpoint {number} in the file", 0, "it was removed from the database")
    newest = next(
        (n for n, one in enumerate(stored) if filed and one.claimed_digest == filed[-1].claimed_digest), -1
    )
    for number, one in enumerate(stored[: newest + 1], start=1):
        if one.claimed_digest not in in_file:
            yield Tampering(f"checkpoint {number} in the database", 0, "it was removed from the file")


def _true_ones(these: Sequence[SignedCheckpoint], keys: Mapping[str, str]) -> list[SignedCheckpoint]:
    """Each once, by age; what nobody of ours signed swears nothing."""
    true = {one.checkpoint.digest: one for one in these if _is_true(one, keys)}
    return sorted(true.values(), key=lambda one: one.checkpoint.last_event_id)


def _anchors(these: Sequence[SignedCheckpoint]) -> dict[str, list[Anchor]]:
    said = [one.checkpoint for one in these]
    return anchored((number, one.made_at, one.heads) for number, one in enumerate(said, start=1))
