"""Advice on buildings, kept with the review it was made for."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from backhaul.domain.codes import Action
from backhaul.domain.returns import ReviewState
from backhaul.store.signal_tables import FacilityAdviceRow
from backhaul.store.tables import ReviewRow
from backhaul.store.unit_of_work import UnitOfWork, insert_unless_there


def without_advice(uow: UnitOfWork, *, limit: int) -> Sequence[ReviewRow]:
    """Open reviews of a request for an RMA that nobody was advised on yet, the most urgent first."""
    advised = sa.select(FacilityAdviceRow.review_id).where(FacilityAdviceRow.review_id == ReviewRow.id)
    query = sa.select(ReviewRow).where(
        ReviewRow.state == ReviewState.OPEN.value,
        ReviewRow.action == Action.CREATE_RMA.value,
        ~advised.exists(),
    )
    return uow.session.scalars(query.order_by(ReviewRow.priority.desc(), ReviewRow.id).limit(limit)).all()


def keep(uow: UnitOfWork, review_id: str, advice: Mapping[str, Any]) -> None:
    """Keep the advice; one that another worker kept meanwhile stays."""
    values = {"review_id": review_id, "advice": dict(advice), "made_at": uow.clock.now()}
    uow.session.execute(insert_unless_there(uow, FacilityAdviceRow).values(values))


def of_review(uow: UnitOfWork, review_id: str) -> FacilityAdviceRow | None:
    """The advice of a review, or `None`."""
    return uow.session.get(FacilityAdviceRow, review_id)
