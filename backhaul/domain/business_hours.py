"""When the desk works: a deadline in working time neither passes in the night nor on a holiday."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache

_FRIDAY, _SATURDAY, _SUNDAY = 4, 5, 6
_MONDAY, _THURSDAY = 0, 3
_WEEK = timedelta(days=7)
_DAY = timedelta(days=1)


@cache
def us_holidays(year: int) -> frozenset[date]:
    """Days on which American warehouses are shut; one on a weekend is kept on the working day beside it."""
    fixed = [date(year, 1, 1), date(year, 7, 4), date(year, 12, 25), date(year + 1, 1, 1)]
    moving = [
        _weekday_from(date(year, 5, 25), _MONDAY),
        _weekday_from(date(year, 9, 1), _MONDAY),
        _weekday_from(date(year, 11, 22), _THURSDAY),
    ]
    return frozenset((*map(_observed, fixed), *moving))


def _weekday_from(day: date, weekday: int) -> date:
    """The first such day of the week that is not before the day."""
    return day + timedelta(days=(weekday - day.weekday()) % _WEEK.days)


def _observed(day: date) -> date:
    moved = {_SATURDAY: -_DAY, _SUNDAY: _DAY}
    return day + moved.get(day.weekday(), timedelta())


@dataclass(frozen=True, slots=True)
class BusinessHours:
    """Monday to Friday between two times of a place, without American holidays and days that are named."""

    zone: tzinfo = UTC
    opens: time = time(8)
    closes: time = time(18)
    closed_on: frozenset[date] = frozenset()

    @property
    def day(self) -> timedelta:
        """How long a working day is."""
        return datetime.combine(date.min, self.closes) - datetime.combine(date.min, self.opens)

    def works_on(self, day: date) -> bool:
        """Whether anybody is at the desk that day."""
        return day.weekday() <= _FRIDAY and day not in self.closed_on and day not in us_holidays(day.year)

    def after(self, moment: datetime, working: timedelta) -> datetime:
        """When so much working time has passed since a moment, aware UTC."""
        at, left = moment.astimezone(self.zone), working
        while True:
            begin, end = self._hours_of(at.date())
            start = max(at, begin)
            if self.works_on(at.date()) and start <= end:
                if start + left <= end:
                    return (start + left).astimezone(UTC)
                left -= end - start
            at = self._midnight(at.date() + _DAY)

    def between(self, begin: datetime, end: datetime) -> timedelta:
        """How much working time lies between two moments; negative when the second is the earlier one."""
        if end < begin:
            return -self.between(end, begin)
        at, until, found = begin.astimezone(self.zone), end.astimezone(self.zone), timedelta()
        while at < until:
            opens, closes = self._hours_of(at.date())
            if self.works_on(at.date()):
                found += max(min(until, closes) - max(at, opens), timedelta())
            at = self._midnight(at.date() + _DAY)
        return found

    def _hours_of(self, day: date) -> tuple[datetime, datetime]:
        return (
            datetime.combine(day, self.opens, self.zone),
            datetime.combine(day, self.closes, self.zone),
        )

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone)
