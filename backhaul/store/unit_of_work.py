"""One transaction: the change and its audit event are stored together or not at all."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from backhaul.domain.audit import AuditEvent, Tag
from backhaul.domain.canonical import plain
from backhaul.domain.clock import Clock
from backhaul.store.database import READS_ONLY
from backhaul.store.house_tables import AuditRow

SYSTEM_CHAIN = "system"


@dataclass(slots=True)
class UnitOfWork:
    """An open transaction. Store functions take it; nothing commits but the block that opened it."""

    session: Session
    clock: Clock
    after_commit: list[Callable[[], None]] = field(default_factory=list)
    """Run once the transaction is stored; not run when it is rolled back."""

    def record(
        self,
        tag: Tag,
        *,
        actor: str,
        subject: str,
        case_id: str | None = None,
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        """Append an audit event to the chain of the case, or of the system.

        Args:
            tag: What happened.
            actor: Who did it, as `kind:id`.
            subject: Id of the record it happened to.
            case_id: Chain it belongs to.
            facts: Ids, digests and quantities; no personal data.
        """
        chain = case_id or SYSTEM_CHAIN
        last = self._last_of(chain)
        event = AuditEvent(
            chain=chain,
            seq=last.seq + 1 if last else 1,
            at=self.clock.now(),
            actor=actor,
            tag=tag.value,
            subject=subject,
            facts=plain(dict(facts or {})),
            previous_hash=last.hash if last else "",
        )
        row = AuditRow(**{part.name: getattr(event, part.name) for part in fields(event)}, hash=event.hash)
        self.session.add(row)
        self.session.flush()

    def _last_of(self, chain: str) -> AuditRow | None:
        if self.session.get_bind().dialect.name == "postgresql":
            # One writer per chain at a time: the advisory lock ends with the transaction.
            self.session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(chain))))
        newest = sa.select(AuditRow).where(AuditRow.chain == chain).order_by(AuditRow.seq.desc()).limit(1)
        return self.session.scalars(newest).first()


def event_of(row: AuditRow) -> AuditEvent:
    """The event that a row holds, without the hash that was stored with it."""
    return AuditEvent(**{part.name: getattr(row, part.name) for part in fields(AuditEvent)})


@dataclass(slots=True)
class Store:
    """The database of this process."""

    engine: Engine
    clock: Clock
    also_close: tuple[Callable[[], None], ...] = ()
    """What goes with it, such as the clock's own connections"""

    @property
    def is_postgres(self) -> bool:
        """Whether several hosts may share it."""
        return self.engine.dialect.name == "postgresql"

    @contextmanager
    def begin(self) -> Iterator[UnitOfWork]:
        """A transaction that commits at the end of the block and rolls back when it raises."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            uow = UnitOfWork(session, self.clock)
            yield uow
        for follow_up in uow.after_commit:
            follow_up()

    @contextmanager
    def read(self) -> Iterator[UnitOfWork]:
        """One consistent look without waiting for writers; what it changes is thrown away."""
        with (
            self.engine.connect().execution_options(**{READS_ONLY: True}) as connection,
            Session(connection, expire_on_commit=False, autoflush=False) as session,
        ):
            yield UnitOfWork(session, self.clock)

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()
        for close in self.also_close:
            close()
