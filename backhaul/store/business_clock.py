"""The business clock both processes read: the machine's time plus what demo or tests moved it by."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError

from backhaul.domain.audit import Tag
from backhaul.domain.clock import Clock, SystemClock
from backhaul.store.database import READS_ONLY
from backhaul.store.house_tables import ClockRow
from backhaul.store.unit_of_work import UnitOfWork

_ROW = 1
_SECONDS_A_DAY = 24 * 3600
_OFFSET = sa.select(ClockRow.offset_seconds).where(ClockRow.id == _ROW)


@dataclass(slots=True)
class BusinessClock:
    """Real time in production; in demo the stored offset is added."""

    engine: Engine
    movable: bool

    def now(self) -> datetime:
        """Aware UTC."""
        machine = SystemClock().now()
        return machine + timedelta(seconds=self._offset()) if self.movable else machine

    def inside(self, connect: Callable[[], sa.Connection]) -> Clock:
        """See backhaul.store.unit_of_work.KeptClock."""
        return _ClockInside(connect) if self.movable else self

    def _offset(self) -> int:
        return stored_offset_seconds(self.engine)


@dataclass(slots=True)
class _ClockInside:
    """The clock of one transaction: how far it was moved is read once, through the same connection."""

    connect: Callable[[], sa.Connection]
    _moved_by: timedelta | None = None

    def now(self) -> datetime:
        if self._moved_by is None:
            self._moved_by = timedelta(seconds=self.connect().scalar(_OFFSET) or 0)
        return SystemClock().now() + self._moved_by


def stored_offset_seconds(engine: Engine) -> int:
    """How far the clock was moved; zero when never."""
    with engine.connect().execution_options(**{READS_ONLY: True}) as connection:
        return connection.scalar(_OFFSET) or 0


def next_day(uow: UnitOfWork, *, since: date, actor: str) -> bool:
    """Move on one day from `since`; False, and nothing moves, when the calendar shows another day by now.

    So a button that is pressed twice, or on two pages, makes one day of it.
    """
    moved = timedelta(seconds=_locked(uow).offset_seconds)
    if (SystemClock().now() + moved).date() != since:
        return False
    move_clock(uow, seconds=_SECONDS_A_DAY, actor=actor)
    return True


def _locked(uow: UnitOfWork) -> ClockRow:
    """The one row, which one mover at a time may hold."""
    row = uow.session.get(ClockRow, _ROW, with_for_update={"key_share": True})
    if row is not None:
        return row
    with suppress(IntegrityError), uow.session.begin_nested():
        uow.session.add(ClockRow(id=_ROW, offset_seconds=0))
    return uow.session.get_one(ClockRow, _ROW, with_for_update={"key_share": True})


def move_clock(uow: UnitOfWork, *, seconds: int, actor: str) -> None:
    """Move the business clock forward; only demo and tests call this, and it is audited."""
    _locked(uow).offset_seconds += seconds
    uow.record(Tag.CLOCK_MOVED, actor=actor, subject="clock", facts={"seconds": seconds})
