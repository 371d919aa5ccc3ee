"""Single values of a row: dates and numbers as people write them in tables."""

import re
from datetime import date, datetime

from backhaul.intake.problems import BadRow

_US = (
    "%m/%d/%Y",
    "%m/%d/%y",
    "%m-%d-%Y",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y %I:%M %p",
    "%d-%b-%Y",
    "%d %b %Y",
    "%b %d, %Y",
)
"""Month first where both could be meant: the accounts are in the United States"""
_COUNT = re.compile(r"\d{1,3}(?:,\d{3})+|[0-9]{1,9}", re.ASCII)
_MOST_PIECES = 999_999


def day_of(written: str, field: str) -> date | None:
    """The day that is written, or `None` for nothing.

    Raises:
        BadRow: It is no date.
    """
    if not written:
        return None
    try:
        return datetime.fromisoformat(written).date()
    except ValueError:
        pass
    for form in _US:
        try:
            return datetime.strptime(written, form).date()  # noqa: DTZ007 - only the day is taken
        except ValueError:
            continue
    raise BadRow(f"{written} is no date", field=field, to_do="write it as 2026-11-27 or 11/27/2026")


def count_of(written: str, field: str) -> int:
    """A number of pieces, one or more.

    Raises:
        BadRow: It is none.
    """
    digits = written.replace(",", "") if _COUNT.fullmatch(written) else "0"
    if not 0 < int(digits) <= _MOST_PIECES:
        told = f"{written} is no number of pieces" if written else "it does not say how many pieces"
        raise BadRow(told, field=field, to_do="write a whole number, 1 or more")
    return int(digits)
