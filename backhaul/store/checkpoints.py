"""Signing checkpoints of the audit log, and keeping them twice: in the database and in a file beside it."""

import json
from collections.abc import Iterable, Sequence
from os import SEEK_END
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from backhaul.domain.checkpoints import Checkpoint, SignedCheckpoint, heads_record, signed_from
from backhaul.store.house_tables import AuditRow
from backhaul.store.money_tables import CheckpointRow
from backhaul.store.unit_of_work import UnitOfWork

FILE_NAME = "checkpoints.jsonl"
"""Under BACKHAUL_HOME; copy it elsewhere from time to time, and nobody can rewrite database and file alike"""
_LOCK_PATIENCE = "1s"
_TAIL_BYTES = 1_000_000
_NOT_A_CHECKPOINT = (ValueError, KeyError, TypeError, AttributeError)


class SignsTexts(Protocol):
    """The worker's key; see tools.permits.Signer."""

    @property
    def key_id(self) -> str:
        """How its public half begins."""
        ...

    def sign_text(self, text: str) -> str:
        """The signature over the text, as hex."""
        ...


def sign_checkpoint(uow: UnitOfWork, signer: SignsTexts, *, file: Path | None = None) -> CheckpointRow | None:
    """Sign where every chain stands that grew since the last checkpoint, and append it to the file as well.

    Returns:
        The checkpoint; `None` when nothing grew, or when on PostgreSQL the log was not still for a second:
        then the next call makes it good.
    """
    if not _hold_still(uow):
        return None
    last = _last(uow)
    since = last.last_event_id if last else 0
    newest = uow.session.scalar(sa.select(sa.func.max(AuditRow.id))) or 0
    if newest <= since:
        return None
    checkpoint = Checkpoint(
        made_at=uow.clock.now(),
        chains=(last.chains if last else 0) + _count(uow, AuditRow.id > since, AuditRow.seq == 1),
        events=(last.events if last else 0) + _count(uow, AuditRow.id > since),
        last_event_id=newest,
        heads=_heads(uow, since),
        previous_digest=last.digest if last else "",
    )
    row = CheckpointRow(
        made_at=checkpoint.made_at,
        chains=checkpoint.chains,
        events=checkpoint.events,
        last_event_id=checkpoint.last_event_id,
        heads=heads_record(checkpoint.heads),
        previous_digest=checkpoint.previous_digest,
        digest=checkpoint.digest,
        key_id=signer.key_id,
        signature=signer.sign_text(checkpoint.signed_text),
    )
    uow.session.add(row)
    uow.session.flush()
    if file is not None:
        _append_after_commit(uow, file, row)
    return row


def _hold_still(uow: UnitOfWork) -> bool:
    """Event ids are given out before they are committed: nobody may be between the two when we look."""
    if uow.session.get_bind().dialect.name != "postgresql":
        return True
    try:
        with uow.session.begin_nested():
            uow.session.execute(sa.text(f"SET LOCAL lock_timeout = '{_LOCK_PATIENCE}'"))
            uow.session.execute(sa.text("LOCK TABLE audit_event IN SHARE ROW EXCLUSIVE MODE"))
            uow.session.execute(sa.text("SET LOCAL lock_timeout = DEFAULT"))
    except OperationalError:
        return False
    return True


def _last(uow: UnitOfWork) -> CheckpointRow | None:
    return uow.session.scalars(sa.select(CheckpointRow).order_by(CheckpointRow.id.desc()).limit(1)).first()


def _count(uow: UnitOfWork, *which: sa.ColumnElement[bool]) -> int:
    return uow.session.scalar(sa.select(sa.func.count()).select_from(AuditRow).where(*which)) or 0


def _heads(uow: UnitOfWork, since: int) -> dict[str, tuple[int, str]]:
    grown = (
        sa.select(AuditRow.chain, sa.func.max(AuditRow.seq).label("seq"))
        .where(AuditRow.id > since)
        .group_by(AuditRow.chain)
        .subquery()
    )
    ends = sa.select(AuditRow.chain, AuditRow.seq, AuditRow.hash).join(
        grown, sa.and_(AuditRow.chain == grown.c.chain, AuditRow.seq == grown.c.seq)
    )
    return {chain: (seq, end) for chain, seq, end in uow.session.execute(ends)}


def signed_of(row: CheckpointRow) -> SignedCheckpoint:
    """What a row says."""
    checkpoint = Checkpoint(
        made_at=row.made_at,
        chains=row.chains,
        events=row.events,
        last_event_id=row.last_event_id,
        heads={chain: (seq, end) for chain, (seq, end) in row.heads.items()},
        previous_digest=row.previous_digest,
    )
    return SignedCheckpoint(checkpoint, row.digest, row.key_id, row.signature)


def checkpoints(uow: UnitOfWork) -> list[SignedCheckpoint]:
    """Every checkpoint in the database, oldest first."""
    rows = uow.session.scalars(sa.select(CheckpointRow).order_by(CheckpointRow.id))
    return [signed_of(row) for row in rows]


def _append_after_commit(uow: UnitOfWork, file: Path, row: CheckpointRow) -> None:
    """A crash between the two leaves the file behind; the next checkpoint brings what is missing along."""
    fresh = [signed_of(row)]
    if _last_digest(file) != row.previous_digest:
        known = {one.claimed_digest for one in read_file(file)}
        fresh = [one for one in checkpoints(uow) if one.claimed_digest not in known]
    uow.after_commit.append(lambda: _append(file, [one.line() for one in fresh]))


def _last_digest(file: Path) -> str:
    """Digest of the last line, without reading the rest; empty when there is none that can be read."""
    if not file.exists():
        return ""
    with file.open("rb") as opened:
        opened.seek(max(opened.seek(0, SEEK_END) - _TAIL_BYTES, 0))
        last = opened.read().rstrip(b"\n").rpartition(b"\n")[2]
    try:
        return signed_from(json.loads(last)).claimed_digest
    except _NOT_A_CHECKPOINT:
        return ""


def _append(file: Path, lines: Iterable[str]) -> None:
    with file.open("a", encoding="utf-8") as opened:
        opened.writelines(f"{line}\n" for line in lines)


def read_file(file: Path) -> Sequence[SignedCheckpoint]:
    """The checkpoints of a file, in its order; a line that is none is left out, and missed."""
    if not file.exists():
        return []
    found = []
    for line in file.read_text(encoding="utf-8").splitlines():
        try:
            found.append(signed_from(json.loads(line)))
        except _NOT_A_CHECKPOINT:
            continue
    return found
