"""A large house in minutes: the rows of the demo's returns, copied in bulk under other names.

The returns were brought into their stages by commands; the copies are made by INSERT ... SELECT, not by
workflows. In every column that names something of a return, a copy has that name and its own number; JSON
columns are copied as they are, except traces of decisions, commands and arithmetic of verdicts, permits and
dispositions, which no list reads: they are emptied to spare the disk. A copied audit chain has as many events
as the first, but its hashes are those of the first. History is spread over the four years before.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles

from backhaul.domain.returns import RmaState
from backhaul.store.database import open_engine
from backhaul.store.dock_tables import DispositionRow
from backhaul.store.effect_tables import PermitRow, RmaRow, SigningKeyRow
from backhaul.store.house_tables import (
    ClockRow,
    EventCursorRow,
    HeartbeatRow,
    LoginCodeRow,
    ReapRow,
    SessionRow,
    StaffRow,
)
from backhaul.store.money_tables import CheckpointRow, ReconciliationRow
from backhaul.store.reader_tables import HeadsRow
from backhaul.store.release_tables import ReleaseRow, ReleaseSignatureRow
from backhaul.store.signal_tables import DispositionTallyRow, ReviewHabitRow
from backhaul.store.tables import Base, CaseRow, ReviewRow, Text, ThreadRow, UtcDateTime, VerdictRow
from backhaul.store.unit_of_work import Store

_NOT_OF_RETURNS = frozenset(
    str(row.__tablename__)
    for row in (
        StaffRow,
        SessionRow,
        LoginCodeRow,
        EventCursorRow,
        HeartbeatRow,
        ReapRow,
        ClockRow,
        SigningKeyRow,
        CheckpointRow,
        ReconciliationRow,
        DispositionTallyRow,
        ReviewHabitRow,
        HeadsRow,
        ReleaseRow,
        ReleaseSignatureRow,
    )
)
_NAMES = frozenset(
    {
        *("account_id", "case_id", "cause", "chain", "claim_id", "consent_id", "cover_id", "credit_number"),
        *("disposition_id", "drop_off_code", "erp_number", "event_id", "external_id", "graph_thread", "id"),
        *("inspection_id", "key", "line_id", "link_digest", "message_id", "order_number", "part_of"),
        *("permit_id", "proposal_id", "receipt_id", "recipient", "review_id", "rma_id", "rma_line_id"),
        *("scan_id", "sscc", "subject", "supplier_rma", "thread_id", "tracking_number", "verdict_id"),
    }
)
"""Columns whose value belongs to one return, whatever the table"""
_EMPTIED: dict[tuple[str, str], Any] = {
    # The news of a copied conversation are told: the doors would else tell them for hours.
    (ThreadRow.__tablename__, "consumed_event"): 2**62,
    (VerdictRow.__tablename__, "facts"): {},
    (VerdictRow.__tablename__, "decision"): {},
    (PermitRow.__tablename__, "command"): {},
    (PermitRow.__tablename__, "token"): "",
    (DispositionRow.__tablename__, "arithmetic"): {},
}
_ENDS = (RmaState.CLOSED.value, RmaState.CANCELLED.value, RmaState.EXPIRED.value)
_OPEN = ("open", "waiting_for_customer")
_YEARS, _DAYS_IN_YEAR = 4, 365
_Rows = list[dict[str, Any]]


class Copies:
    """The first returns of a house, and how to make more of them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._tables = [one for one in Base.metadata.sorted_tables if one.name not in _NOT_OF_RETURNS]
        with store.engine.connect() as connection:
            self._first = {table.name: _all_of(connection, table) for table in self._tables}
            self._ended = _ended_cases(connection)
        self._case_of = self._find_cases()
        self._next = 1
        self.cases = self._cases = len(self._first[CaseRow.__tablename__])

    def grow(self, to: int) -> None:
        """Make copies of all returns until there are so many cases, or one round more."""
        rounds = -(-(to - self.cases) // self._cases)
        self._copy(self._first, rounds, years=0)
        self.cases += rounds * self._cases

    def grow_history(self, to: int) -> None:
        """The same with those only that have ended: what waits for somebody stays as much as it was."""
        ended = {
            name: [row for row in rows if self._case_in(name, row) in self._ended]
            for name, rows in self._first.items()
        }
        rounds = -(-(to - self.cases) // len(self._ended))
        self._copy(ended, rounds, years=_YEARS)
        self.cases += rounds * len(self._ended)

    def _copy(self, rows: dict[str, _Rows], rounds: int, *, years: int) -> None:
        engine = open_engine(self._store.engine.url.render_as_string(hide_password=False))
        first, self._next = self._next, self._next + rounds
        with engine.connect() as connection:
            _in_haste(connection)
            with connection.begin():
                for table in self._tables:
                    _multiply(connection, table, rows[table.name], range(first, self._next), years)
        engine.dispose()

    def _case_in(self, table: str, row: dict[str, Any]) -> str:
        names = (str(row[name]) for name in row if name in _NAMES and row[name])
        found = (self._case_of.get(name) or self._case_of.get(name.partition(":")[0], "") for name in names)
        return next((case for case in found if case), "" if table != CaseRow.__tablename__ else row["id"])

    def _find_cases(self) -> dict[str, str]:
        """Each name of something of a return with its case; names lead to names, from table to table."""
        found = {str(row["id"]): str(row["id"]) for row in self._first[CaseRow.__tablename__]}
        found |= {row["thread_id"]: row["id"] for row in self._first[CaseRow.__tablename__]}
        self._case_of = found
        shared = {"account_id", "recipient"}
        for name, rows in self._first.items():
            for row in rows:
                case = self._case_in(name, row)
                if case:
                    mine = (str(row[one]) for one in row if one in _NAMES - shared and row[one])
                    found.update({one: case for one in mine if one not in found})
        return found


def _all_of(connection: sa.Connection, table: sa.Table) -> _Rows:
    return [dict(row) for row in connection.execute(sa.select(table)).mappings()]


def _ended_cases(connection: sa.Connection) -> frozenset[str]:
    """Cases with RMAs that have all ended and with nothing that a person has to decide."""
    reviewed = sa.select(ReviewRow.case_id).where(ReviewRow.state.in_(_OPEN))
    under_way = sa.select(RmaRow.case_id).where(RmaRow.state.not_in(_ENDS))
    ended = sa.select(RmaRow.case_id).where(RmaRow.case_id.not_in(reviewed), RmaRow.case_id.not_in(under_way))
    return frozenset(connection.scalars(ended))


def _in_haste(connection: sa.Connection) -> None:
    """A house that is lost when the machine stops is made anew."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET session_replication_role = replica")
        connection.commit()
        return
    raw = connection.connection.cursor()
    for pragma in ("synchronous=OFF", "foreign_keys=OFF", "cache_size=-262144"):
        raw.execute(f"PRAGMA {pragma}")


def _multiply(
    connection: sa.Connection, table: sa.Table, rows: _Rows, numbers: Sequence[int], years: int
) -> None:
    if not rows or not numbers:
        return
    pattern = sa.Table(
        f"pattern_{table.name}",
        sa.MetaData(),
        *(sa.Column(one.name, one.type) for one in table.columns),
        prefixes=["TEMPORARY"],
    )
    pattern.create(connection)
    connection.execute(pattern.insert(), list(_patterns(table, rows)))
    counted = _counted(numbers)
    taken = [one for one in table.columns if not _counts_up(one)]
    values = [_value(one, pattern.c[one.name], counted.c.number, years * _DAYS_IN_YEAR) for one in taken]
    whole = sa.select(*values).select_from(counted.join(pattern, sa.true())).order_by(counted.c.number)
    connection.execute(table.insert().from_select([one.name for one in taken], whole))
    pattern.drop(connection)


def _value(
    column: sa.Column[Any], first: sa.Column[Any], number: sa.ColumnElement[int], spread: int
) -> sa.ColumnElement[Any]:
    """What a copy has in a column: its own name, or the same so many days before."""
    if column.name in _NAMES and _is_text(column):
        return sa.cast(first, sa.String).concat(":").concat(sa.cast(number, sa.String))
    is_time = isinstance(column.type, UtcDateTime)
    if spread and (is_time or isinstance(column.type, sa.Date)):
        return _DaysBefore(first, number % spread, is_time=is_time)
    return first


class _DaysBefore(sa.ColumnElement[Any]):
    """A day or moment so many days before; the two databases reckon differently."""

    inherit_cache = False

    def __init__(self, moment: sa.Column[Any], days: sa.ColumnElement[int], *, is_time: bool) -> None:
        self.moment, self.days, self.is_time = moment, days, is_time
        self.type = moment.type


@compiles(_DaysBefore, "sqlite")
def _on_sqlite(element: _DaysBefore, compiler: Any, **more: Any) -> str:
    moment, days = compiler.process(element.moment, **more), compiler.process(element.days, **more)
    ago = f"'-' || ({days}) || ' days'"
    stored = f"strftime('%Y-%m-%d %H:%M:%f000', {moment}, {ago})"
    return stored if element.is_time else f"date({moment}, {ago})"


@compiles(_DaysBefore, "postgresql")
def _on_postgres(element: _DaysBefore, compiler: Any, **more: Any) -> str:
    moment, days = compiler.process(element.moment, **more), compiler.process(element.days, **more)
    return (
        f"({moment} - make_interval(days => ({days})::int))"
        if element.is_time
        else f"({moment} - ({days})::int)"
    )


def _patterns(table: sa.Table, rows: _Rows) -> Iterator[dict[str, Any]]:
    emptied = {name: empty for (of, name), empty in _EMPTIED.items() if of == table.name}
    for row in rows:
        yield {**row, **emptied}


def _counted(numbers: Sequence[int]) -> sa.CTE:
    first = sa.select(sa.literal(numbers[0]).label("number")).cte("counted", recursive=True)
    return first.union_all(sa.select(first.c.number + 1).where(first.c.number < numbers[-1]))


def _counts_up(column: sa.Column[Any]) -> bool:
    return column is column.table.autoincrement_column


def _is_text(column: sa.Column[Any]) -> bool:
    return isinstance(column.type, sa.String | Text)
