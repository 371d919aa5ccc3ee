"""What we promise customers about time, in business days: Monday to Friday, without regard to holidays."""

from datetime import date, timedelta

SETTLED_WITHIN_BUSINESS_DAYS = 5
"""From the day goods are received to the day they are made good, or the customer hears what is in the way"""

_FRIDAY = 4


def business_days_after(day: date, days: int) -> date:
    """The day that is so many business days later; a weekend counts for nothing."""
    while days > 0:
        day += timedelta(days=1)
        days -= day.weekday() <= _FRIDAY
    return day


def settled_by(received_on: date) -> date:
    """Until when goods received on a day are promised to be made good."""
    return business_days_after(received_on, SETTLED_WITHIN_BUSINESS_DAYS)
