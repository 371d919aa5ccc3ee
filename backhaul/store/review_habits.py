"""How reviews of each kind went: how many a person turned down, and how long one took them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from backhaul.domain.returns import ReviewState
from backhaul.store import reviews
from backhaul.store.signal_tables import ReviewHabitRow
from backhaul.store.tables import ReviewRow
from backhaul.store.unit_of_work import UnitOfWork, insert_unless_there

_LONGEST_WORK = timedelta(minutes=45)
"""A longer pause between two decisions of a person was no work on the second"""
_DECIDED = (ReviewState.APPROVED.value, ReviewState.REJECTED.value)


@dataclass(frozen=True, slots=True)
class ReviewHabit:
    """Of reviews of a kind: decided by people, turned down, and how many were timed at how many seconds."""

    kind: str
    decided: int
    turned_down: int
    timed: int
    seconds: int


@dataclass(slots=True)
class _Sums:
    decided: int = 0
    turned_down: int = 0
    timed: int = 0
    seconds: int = 0


def count(uow: UnitOfWork, day: date, *, since: datetime) -> None:
    """Count anew from the reviews decided since then.

    Nobody starts a watch: the time of a review is that between the decision before it of the same person and
    its own, where it is short enough to be work; and never longer than the review was open.
    """
    query = (
        sa.select(
            ReviewRow.worth,
            ReviewRow.state,
            ReviewRow.marked,
            ReviewRow.decided_by,
            ReviewRow.decided_at,
            ReviewRow.opened_at,
        )
        .where(ReviewRow.state.in_(_DECIDED), ReviewRow.decided_at >= since)
        .order_by(ReviewRow.decided_by, ReviewRow.decided_at, ReviewRow.id)
    )
    sums: dict[str, _Sums] = {}
    before: sa.Row[tuple[object, ...]] | None = None
    for row in uow.session.execute(query):
        kind = str((row.worth or {}).get("kind", ""))
        if kind and row.marked != reviews.OVERTAKEN:
            held = sums.setdefault(kind, _Sums())
            held.decided += 1
            held.turned_down += row.state == ReviewState.REJECTED.value
            _time(held, before, row)
        before = row
    _put(uow, day, sums)


def _time(
    held: _Sums, before: "sa.Row[tuple[object, ...]] | None", row: "sa.Row[tuple[object, ...]]"
) -> None:
    if before is None or before.decided_by != row.decided_by:
        return
    took = min(row.decided_at - before.decided_at, row.decided_at - row.opened_at)
    if timedelta() < took <= _LONGEST_WORK:
        held.timed += 1
        held.seconds += int(took.total_seconds())


def _put(uow: UnitOfWork, day: date, sums: dict[str, _Sums]) -> None:
    uow.session.execute(sa.delete(ReviewHabitRow))
    for kind, held in sorted(sums.items()):
        # Another worker may count at the same moment, and then has put the same there.
        uow.session.execute(
            insert_unless_there(uow, ReviewHabitRow).values(
                kind=kind,
                decided=held.decided,
                turned_down=held.turned_down,
                timed=held.timed,
                seconds=held.seconds,
                as_of=day,
            )
        )


def habits(uow: UnitOfWork) -> Sequence[ReviewHabit]:
    """As last counted, in the order of their kinds; a few dozen at most."""
    rows = uow.session.scalars(sa.select(ReviewHabitRow).order_by(ReviewHabitRow.kind))
    return [ReviewHabit(row.kind, row.decided, row.turned_down, row.timed, row.seconds) for row in rows]
