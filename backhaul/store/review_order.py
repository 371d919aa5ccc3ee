"""In which order reviews are worked on: a number that stays as it is while all grow older alike."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from backhaul.store.tables import ReviewRow

LONGEST_HEAD_START_SECONDS = 24 * 60 * 60
"""What has waited so much longer than another review goes before it, whatever that one is worth"""
URGENT_HEAD_START_SECONDS = 7 * LONGEST_HEAD_START_SECONDS
"""Somebody may be hurt, or a plant stands still: before all but what has waited for six days longer"""
_MIDDLE_HEAD_START_SECONDS = LONGEST_HEAD_START_SECONDS // 2
"""Of a review of which nothing was worked out: a person is needed, and nobody knows for how much"""
_BEGIN = datetime(2020, 1, 1, tzinfo=UTC)
"""Any day would do: only differences count"""


def priority_of(head_start_seconds: int, opened_at: datetime) -> int:
    """Seconds of head start, less those until the review was opened: who came earlier has more."""
    return head_start_seconds - int((opened_at - _BEGIN).total_seconds())


def weigh(row: ReviewRow, head_start_seconds: int | None, worth: Mapping[str, Any] | None) -> None:
    """Put the review where it belongs in the queue, and keep the arithmetic behind it."""
    row.worth = dict(worth) if worth is not None else None
    start = _MIDDLE_HEAD_START_SECONDS if head_start_seconds is None else head_start_seconds
    row.priority = priority_of(start, row.opened_at)
    row.place = -row.priority
