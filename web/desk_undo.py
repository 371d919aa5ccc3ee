"""A decision that can still be taken back, as pages show it."""

from dataclasses import dataclass
from datetime import datetime

from backhaul.domain.review_reasons import said
from backhaul.store import desk_decisions
from backhaul.store import staff as people
from backhaul.store.tables import ReviewRow
from backhaul.store.unit_of_work import UnitOfWork
from web.who import Member

_DONE = {
    "approve": "approved",
    "reject": "rejected",
    "close": "closed",
    "credit_instead": "turned down, with a credit in its place",
}


@dataclass(frozen=True, slots=True)
class Undo:
    """What was decided, until when it can be taken back, and by whom."""

    review: ReviewRow
    what: str
    reason: str
    note: str
    by: str
    is_mine: bool
    posts_at: datetime
    seconds: int
    """What is left when the page is made; zero when the worker may post it any moment"""


def undo_of(uow: UnitOfWork, who: Member, row: ReviewRow) -> Undo | None:
    """The decision about a review that nothing has come of yet; None for every other."""
    made = desk_decisions.waiting(uow, row)
    if made is None or row.posts_at is None:
        return None
    person = people.staff_by_id(uow, made.decided_by)
    left = (row.posts_at - uow.clock.now()).total_seconds()
    return Undo(
        review=row,
        what=_DONE[made.act],
        reason=said(made.act, made.reason),
        note=made.note,
        by=person.name if person else made.decided_by,
        is_mine=made.decided_by == who.user_id,
        posts_at=row.posts_at,
        seconds=max(0, round(left)),
    )
