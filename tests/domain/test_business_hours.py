from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backhaul.domain.business_hours import BusinessHours, us_holidays

DESK = BusinessHours(ZoneInfo("America/New_York"), time(8), time(18), frozenset({date(2026, 11, 27)}))
PLAIN = BusinessHours()
BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 6 * 365 * 24 * 3600).map(lambda seconds: BEGIN + timedelta(seconds=seconds))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("came", "due"),
    [
        ("2026-11-17T15:00", "2026-11-18T15:00"),
        ("2026-11-20T22:30", "2026-11-23T22:30"),
        ("2026-11-21T03:00", "2026-11-23T23:00"),
        ("2026-11-25T15:00", "2026-11-30T15:00"),
        ("2026-11-28T12:00", "2026-11-30T23:00"),
        ("2026-03-06T21:00", "2026-03-09T20:00"),
    ],
    ids=["a working day", "over a weekend", "in the night", "Thanksgiving", "on a Saturday", "summer time"],
)
def test_a_working_day_later_is_counted_in_working_time(came: str, due: str) -> None:
    assert DESK.after(utc(came), DESK.day) == utc(due)


@pytest.mark.parametrize(
    "day", ["2026-01-01", "2026-05-25", "2026-07-03", "2026-09-07", "2026-11-26", "2027-12-31"]
)
def test_holidays_are_kept_on_a_working_day(day: str) -> None:
    assert date.fromisoformat(day) in us_holidays(int(day[:4]))


@given(MOMENTS, st.integers(0, 200 * 3600))
def test_what_was_added_is_what_lies_between(moment: datetime, seconds: int) -> None:
    later = PLAIN.after(moment, timedelta(seconds=seconds))

    assert PLAIN.between(moment, later) == timedelta(seconds=seconds)
    assert PLAIN.between(later, moment) == -timedelta(seconds=seconds)
    assert PLAIN.works_on(later.date()) or later == moment
