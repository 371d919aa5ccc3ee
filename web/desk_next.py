"""Where a reviewer goes after a decision."""

from backhaul.store import review_queue
from backhaul.store.unit_of_work import UnitOfWork


def next_page(uow: UnitOfWork, done: str, user_id: str) -> str:
    """The next case to decide that nobody else works on, or the queue when none is left."""
    uow.session.flush()
    onward = review_queue.next_for(uow, user_id, but=done)
    return f"/desk/{onward.id}?done={done}" if onward else f"/desk?done={done}"
