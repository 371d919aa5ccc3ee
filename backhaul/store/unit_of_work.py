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
from backhaul.domain.business_hours import BusinessHours
from backhaul.domain.canonical import plain
from backhaul.domain.clock import Clock
from backhaul.domain.errors import NotFound
from backhaul.store.database import READS_ONLY, answering
from backhaul.store.house_tables import AuditRow
from backhaul.store.tables import Base, ThreadRow

SYSTEM_CHAIN = "system"
USUAL_HOURS = BusinessHours()
"""Working hours where nobody set any: of UTC"""


@dataclass(slots=True)
class UnitOfWork:
    """An open transaction. Store functions take it; nothing commits but the block that opened it."""

    session: Session
    clock: Clock
    hours: BusinessHours = USUAL_HOURS
    """When the desk works"""
    after_commit: list[Callable[[], None]] = field(default_factory=list)
    """Run once the transaction is stored; not run when it is rolled back."""
    locked_threads: dict[str, ThreadRow] = field(default_factory=dict)
    """Threads whose rows this transaction holds, so that nobody else can have changed them since."""
    _told: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """What was recorded, by chain, without its place in it"""

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
        told = self._told.setdefault(case_id or SYSTEM_CHAIN, [])
        plainly = plain(dict(facts or {}))
        told.append(
            {"at": self.clock.now(), "actor": actor, "tag": tag.value, "subject": subject, "facts": plainly}
        )
        self.session.flush()

    def write_events(self) -> None:
        """Append what was recorded, as the last thing that the transaction does.

        Only one transaction at a time may append to a chain. All take these turns last and in the same order,
        after the rows they lock, so that no two ever wait for each other.
        """
        for chain in sorted(self._told):
            in_turn(self, chain)
            newest = sa.select(AuditRow.seq, AuditRow.hash).where(AuditRow.chain == chain)
            last = self.session.execute(newest.order_by(AuditRow.seq.desc()).limit(1)).first()
            seq, before = (last.seq, last.hash) if last else (0, "")
            for told in self._told[chain]:
                seq += 1
                event = AuditEvent(chain=chain, seq=seq, previous_hash=before, **told)
                parts = {part.name: getattr(event, part.name) for part in fields(event)}
                before = event.hash
                self.session.add(AuditRow(**parts, hash=before))
        self._told.clear()


Row = TypeVar("Row", bound=Base)


def row_of(uow: UnitOfWork, table: type[Row], key: str, *, lock: bool = False) -> Row | None:
    """The row with that primary key, or `None`; row-locked when asked.

    Without a lock, what this transaction has read or written already is not asked for again.
    """
    if not lock:
        return uow.session.get(table, key)
    primary: sa.ColumnElement[str] = sa.inspect(table).primary_key[0]
    locked = sa.select(table).where(primary == key).with_for_update(key_share=True)
    # What was read before the lock may have changed until it was given.
    return uow.session.scalars(locked.execution_options(populate_existing=True)).first()


def existing(uow: UnitOfWork, table: type[Row], key: str, what: str, *, lock: bool = False) -> Row:
    """The same row; NotFound, with `what` it is called, when there is none."""
    row = row_of(uow, table, key, lock=lock)
    if row is None:
        raise NotFound(what, key)
    return row


def in_turn(uow: UnitOfWork, name: str) -> None:
    """One transaction at a time under this name, until it ends; on SQLite there is but one writer anyway.

    For what has no row yet, and for rows that the doors may not lock: that needs the right to change them.
    """
    if uow.session.get_bind().dialect.name == "postgresql":
        uow.session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(name))))


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
    hours: BusinessHours = USUAL_HOURS
    """When the desk works: deadlines of reviews are in its time"""
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
            uow = UnitOfWork(session, _inside(self.clock, session), self.hours)
            yield uow
            uow.write_events()
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
            yield UnitOfWork(session, _inside(self.clock, session), self.hours)

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()
        for close in self.also_close:
            close()
