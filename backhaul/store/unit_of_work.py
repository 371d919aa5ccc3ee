"""One transaction: the change and its audit event are stored together or not at all."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, fields
from typing import Any, Protocol, TypeVar, runtime_checkable

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from backhaul.domain.audit import AuditEvent, Tag
from backhaul.domain.canonical import plain
from backhaul.domain.clock import Clock
from backhaul.domain.errors import NotFound
from backhaul.store.database import READS_ONLY, answering
from backhaul.store.house_tables import AuditRow
from backhaul.store.tables import Base, ThreadRow

SYSTEM_CHAIN = "system"


@dataclass(slots=True)
class UnitOfWork:
    """An open transaction. Store functions take it; nothing commits but the block that opened it."""

    session: Session
    clock: Clock
    after_commit: list[Callable[[], None]] = field(default_factory=list)
    """Run once the transaction is stored; not run when it is rolled back."""
    locked_threads: dict[str, ThreadRow] = field(default_factory=dict)
    """Threads whose rows this transaction holds, so that nobody else can have changed them since."""

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


Row = TypeVar("Row", bound=Base)


def row_of(uow: UnitOfWork, table: type[Row], key: str, *, lock: bool = False) -> Row | None:
    """The row with that primary key, or `None`; row-locked when asked.

    Without a lock, what this transaction has read or written already is not asked for again.
    """
    if not lock:
        return uow.session.get(table, key)
    primary: sa.ColumnElement[str] = sa.inspect(table).primary_key[0]
    return uow.session.scalars(sa.select(table).where(primary == key).with_for_update()).first()


def existing(uow: UnitOfWork, table: type[Row], key: str, what: str, *, lock: bool = False) -> Row:
    """The same row; NotFound, with `what` it is called, when there is none."""
    row = row_of(uow, table, key, lock=lock)
    if row is None:
        raise NotFound(what, key)
    return row


def insert_unless_there(uow: UnitOfWork, table: type[Base]) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that leaves alone what has the same key; of two at once, one waits and then does nothing."""
    if uow.session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


def event_of(row: AuditRow) -> AuditEvent:
    """The event that a row holds, without the hash that was stored with it."""
    return AuditEvent(**{part.name: getattr(row, part.name) for part in fields(AuditEvent)})


@runtime_checkable
class KeptClock(Protocol):
    """A clock that is kept in the database, and can be read without a connection of its own."""

    def inside(self, connect: Callable[[], sa.Connection]) -> Clock:
        """The same clock for one transaction."""
        ...


def _inside(clock: Clock, session: Session) -> Clock:
    return clock.inside(session.connection) if isinstance(clock, KeptClock) else clock


@dataclass(slots=True)
class Store:
    """The database of this process."""

    engine: Engine
    clock: Clock
    also_close: tuple[Callable[[], None], ...] = ()
    """What goes with it, such as the clock's own connections"""
    _turn_to_write: AbstractContextManager[object] = field(init=False, repr=False)
    """SQLite has one writer at a time, and whom it turns away asks again after ever longer pauses: the
    threads of a process line up here instead.
    """

    def __post_init__(self) -> None:
        self._turn_to_write = nullcontext() if self.is_postgres else threading.Lock()

    @property
    def is_postgres(self) -> bool:
        """Whether several hosts may share it."""
        return self.engine.dialect.name == "postgresql"

    @contextmanager
    def begin(self) -> Iterator[UnitOfWork]:
        """A transaction that commits at the end of the block and rolls back when it raises.

        Raises:
            ConnectorUnavailable: The database went away, or gave way to another transaction: do it again.
        """
        with (
            answering(),
            self._turn_to_write,
            Session(self.engine, expire_on_commit=False) as session,
            session.begin(),
        ):
            uow = UnitOfWork(session, _inside(self.clock, session))
            yield uow
        for follow_up in uow.after_commit:
            follow_up()

    @contextmanager
    def read(self) -> Iterator[UnitOfWork]:
        """One consistent look without waiting for writers; what it changes is thrown away.

        Raises:
            ConnectorUnavailable: The database went away.
        """
        with (
            answering(),
            self.engine.connect().execution_options(**{READS_ONLY: True}) as connection,
            Session(connection, expire_on_commit=False, autoflush=False) as session,
        ):
            yield UnitOfWork(session, _inside(self.clock, session))

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()
        for close in self.also_close:
            close()
