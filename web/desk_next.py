"""Where a reviewer goes after a decision."""

from backhaul.store import review_places
from backhaul.store.unit_of_work import UnitOfWork


def next_page(uow: UnitOfWork, done: str) -> str:
    """The next case to decide, or the queue when none is left."""
    uow.session.flush()
    onward = review_places.first_to_decide(uow, but=done)
    return f"/desk/{onward}?done={done}" if onward else f"/desk?done={done}"
