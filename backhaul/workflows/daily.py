"""Work of a business day, whenever the worker comes to it: done once, and tried again when it failed."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time

from backhaul.domain.promises import business_days_after
from backhaul.store import due
from backhaul.workflows.world import WorkerWorld

_SUBJECT = "daily"


def once_a_business_day(world: WorkerWorld, kind: str, deed: Callable[[date], object]) -> bool:
    """Do it if it is due, and then move its deadline on; whether it was done.

    What the deed raises leaves the deadline where it is.
    """
    with world.store.begin() as uow:
        now = uow.clock.now()
        if not due.is_set(uow, kind=kind, subject=_SUBJECT):
            due.set_due(uow, kind=kind, subject=_SUBJECT, at=now)
        waits = bool(due.passed(uow, kind))
    if not waits:
        return False
    deed(now.date())
    next_day = datetime.combine(business_days_after(now.date(), 1), time(), UTC)
    with world.store.begin() as uow:
        due.set_again(uow, kind=kind, subject=_SUBJECT, at=next_day)
    return True
