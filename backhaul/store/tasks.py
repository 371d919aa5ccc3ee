"""Reviews without a proposal: a person is to look at something, and nothing can be approved on them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from backhaul.domain.audit import Tag
from backhaul.domain.clock import Ids
from backhaul.domain.money import Money
from backhaul.domain.returns import ReviewState
from backhaul.store import review_about, review_leases, review_order, reviews
from backhaul.store.tables import ReviewRow
from backhaul.store.unit_of_work import UnitOfWork


def open_for_person(
    uow: UnitOfWork,
    ids: Ids,
    *,
    case_id: str,
    thread_id: str,
    why: str,
    due_at: datetime,
    actor: str,
    head_start_seconds: int | None = None,
    worth: Mapping[str, Any] | None = None,
    value: Money | None = None,
) -> ReviewRow:
    """Put a conversation before a person, without a proposal: nothing can be approved on it, only answered.

    `head_start_seconds` and `worth` say where in the queue, see `review_order`; without them in the middle.
    A conversation that already waits for a person keeps its place in the queue.
    """
    at_stake = value or Money(0)
    waiting = [row for row in reviews.open_reviews_of_thread(uow, thread_id) if row.proposal_id is None]
    if waiting:
        return waiting[0]
    row = ReviewRow(
        id=ids.new("RV"),
        case_id=case_id,
        thread_id=thread_id,
        proposal_id=None,
        verdict_id=None,
        state=ReviewState.OPEN.value,
        why=why,
        priority=0,
        value_minor=at_stake.minor,
        currency=at_stake.currency,
        opened_at=uow.clock.now(),
        due_at=due_at,
        version=1,
    )
    review_order.weigh(row, head_start_seconds, worth)
    review_about.describe(uow, row)
    uow.session.add(row)
    uow.session.flush()
    uow.record(Tag.REVIEW_OPENED, actor=actor, subject=row.id, case_id=case_id, facts={"person": True})
    return row


def moved_on(uow: UnitOfWork, case_id: str, subject: str, *, user_id: str, note: str) -> None:
    """What a task of the case was about has been seen to: it is off the desk, and the customer hears nothing.

    What became of it is told by whoever saw to it.
    """
    query = sa.select(ReviewRow).where(
        ReviewRow.case_id == case_id,
        ReviewRow.proposal_id.is_(None),
        ReviewRow.subject == subject,
        ReviewRow.state.in_(reviews.OPEN_STATES),
    )
    for row in uow.session.scalars(query.with_for_update(key_share=True)).all():
        # Whoever works on it has nothing left to decide.
        review_leases.over(uow, row.id)
        reviews.reject(uow, row, user_id=user_id, note=note)
        row.version += 1
