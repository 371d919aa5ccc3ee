"""The kinds of columns that the tables of the embedded ERP are made of."""

from datetime import date

import sqlalchemy as sa

PEER = "embedded ERP"


def text(name: str, *, key: bool = False) -> sa.Column[str]:
    """Words, a number as printed, or a member of a closed list."""
    return sa.Column(name, sa.String, primary_key=key, nullable=False)


def whole(name: str, *, key: bool = False) -> sa.Column[int]:
    """Pieces, days, grams, basis points, or minor units of money."""
    return sa.Column(name, sa.Integer, primary_key=key, nullable=False)


def yes_no(name: str) -> sa.Column[bool]:
    """A flag."""
    return sa.Column(name, sa.Boolean, nullable=False)


def day(name: str) -> sa.Column[date]:
    """A calendar day, as an ISO date."""
    return sa.Column(name, sa.Date, nullable=False)
