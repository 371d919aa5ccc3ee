"""Until when a supplier can be asked: its window from our receipt, the warranty, or no end for a recall.

Which of the three holds, and on what ground we ask, stands in the tables of the recovery policy.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from backhaul.domain.codes import Reason
from policies.book import PolicyBook
from policies.bundle import Days

_TIME, _GROUND = "claim_time", "claim_ground"
_WINDOW, _WARRANTY, _RECALL = "window", "warranty", "recall"
_DEFECTIVE = "defective"


@dataclass(frozen=True, slots=True)
class ClaimClock:
    """The last day for a claim. None is unknown, unless nothing limits it."""

    file_by: date | None
    what: str
    """What the clock runs by, in words"""
    endless: bool = False


def claim_clock(
    book: PolicyBook,
    reason: Reason,
    *,
    today: date,
    window_days: int | None,
    received_on: Sequence[date],
    warranty_ends: Sequence[date],
) -> ClaimClock:
    """The clock of a claim; of several purchases or warranties the one that ends first counts."""
    runs_by = _cell(book, _TIME, reason, today)
    if runs_by == _RECALL:
        return ClaimClock(None, "a recall has no end", endless=True)
    if runs_by == _WARRANTY:
        return ClaimClock(min(warranty_ends, default=None), "the warranty ends")
    known = runs_by == _WINDOW and window_days is not None and received_on
    last = min(received_on) + timedelta(days=window_days or 0) if known else None
    return ClaimClock(last, f"{window_days} days from our receipt" if known else "unknown")


def asks_for_defect(book: PolicyBook, reason: Reason, today: date) -> bool:
    """Whether the ground of a claim is that the goods are defective: then the fault has to be shown."""
    return _cell(book, _GROUND, reason, today) == _DEFECTIVE


def _cell(book: PolicyBook, table: str, reason: Reason, day: date) -> str | None:
    """A cell of the base policy; None when no edition is in force, or none has the table."""
    for _, edition in book.bundle.editions_in_force(Days(day, day)):
        if edition is not None and table in edition.grids:
            return str(edition.grids[table].cells.get((reason.value,), "")) or None
    return None
