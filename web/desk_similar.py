"""Decided cases that are like the one on the page, as far as they may be shown."""

from dataclasses import dataclass

from backhaul.domain.review_reasons import ReviewAct, said
from backhaul.store import cases, similar, unread
from backhaul.store.tables import ReviewRow
from backhaul.store.unit_of_work import UnitOfWork

_LONGEST = 220
_PER_CENT = 10


@dataclass(frozen=True, slots=True)
class Similar:
    """A decided case: how alike its words are, what was read in them, what became of it and why."""

    review: ReviewRow
    percent: int
    words: str
    article: str
    read_as: str
    reason: str


def similar_to(uow: UnitOfWork, row: ReviewRow) -> tuple[Similar, ...]:
    """The nearest of the same class of goods; nothing of words that somebody still has to read blind."""
    hidden = unread.cases(uow)
    return tuple(
        _shown(uow, other, likeness // _PER_CENT)
        for other, likeness in similar.nearest_to(uow, row.id)
        if other.case_id not in hidden and other.id != row.id
    )


def _shown(uow: UnitOfWork, row: ReviewRow, percent: int) -> Similar:
    line = cases.return_line(uow, cases.proposal(uow, row.proposal_id or "").line_id)
    words = " ".join(similar.words_of(uow, row).split())
    act = ReviewAct.APPROVE if row.state == "approved" else ReviewAct.REJECT
    return Similar(
        row,
        percent,
        words if len(words) <= _LONGEST else f"{words[:_LONGEST].rsplit(' ', 1)[0]} ...",
        f"{line.quantity} x {line.description}",
        line.reason,
        said(act.value, row.reason),
    )
