"""Until when a review is to be decided: a working day of the desk, without the time the customer takes."""

from datetime import datetime, timedelta

from backhaul.store.tables import ReviewRow
from backhaul.store.unit_of_work import UnitOfWork

_LEAST_TO_READ_AN_ANSWER = timedelta(hours=1)


def due(uow: UnitOfWork) -> datetime:
    """The deadline of what comes to the desk now."""
    return uow.hours.after(uow.clock.now(), uow.hours.day)


def pause(uow: UnitOfWork, row: ReviewRow) -> None:
    """The customer is asked: what is left of the time is kept."""
    left = uow.hours.between(uow.clock.now(), row.due_at)
    row.left_seconds = int(max(left, _LEAST_TO_READ_AN_ANSWER).total_seconds())


def go_on(uow: UnitOfWork, row: ReviewRow) -> None:
    """The desk is at work again, for as long as was left; of what was not paused nothing changes."""
    if row.left_seconds is not None:
        row.due_at = uow.hours.after(uow.clock.now(), timedelta(seconds=row.left_seconds))
        row.left_seconds = None
