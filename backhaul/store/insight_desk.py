"""What people had to do: touchless decisions, escalations, overrides, and the queue of today."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from backhaul.domain.money import LEDGER_CURRENCY
from backhaul.domain.returns import ReviewState
from backhaul.store import reviews
from backhaul.store.dock_tables import DispositionRow
from backhaul.store.effect_tables import RmaRow
from backhaul.store.insight_facts import Query, fact_columns, joined, one_if, seconds_between
from backhaul.store.tables import ProposalRow, ReviewRow

ASKED_FOR = "person"
"""The part of reviews that were opened because a person was asked for, without an effect"""
AGES = {
    "under 4 hours": timedelta(hours=4),
    "4 to 24 hours": timedelta(days=1),
    "1 to 3 days": timedelta(days=3),
    "3 to 7 days": timedelta(days=7),
}
OLDEST = "over 7 days"
_DECIDED = (ReviewState.APPROVED.value, ReviewState.REJECTED.value)
_UNDECIDED = ("pending", "withdrawn")


def touchless() -> Query:
    """Requests that were decided, and those of them on which no person ever had to look, by reason."""
    looked_at = sa.select(ReviewRow.id).where(
        ReviewRow.case_id == ProposalRow.case_id,
        sa.or_(ReviewRow.proposal_id == ProposalRow.id, ReviewRow.proposal_id.is_(None)),
    )
    return fact_columns(
        case_id=ProposalRow.case_id,
        about=ProposalRow.id,
        part=ProposalRow.reason,
        value=one_if(~looked_at.exists()),
        at=ProposalRow.created_at,
    ).where(ProposalRow.action.in_(reviews.FIRST_ACTS), ProposalRow.state.not_in(_UNDECIDED))


def escalations() -> Query:
    """Reviews that were opened, by the effect that waited and the rule that wanted a person."""
    kind = sa.func.coalesce(ReviewRow.worth["kind"].as_string(), ReviewRow.action, ASKED_FOR)
    return fact_columns(
        case_id=ReviewRow.case_id, about=ReviewRow.id, part=kind, value=1, at=ReviewRow.opened_at
    )


def turned_down() -> Query:
    """Reviews of an effect that a person decided, and those that ended in a no, by the effect."""
    return fact_columns(
        case_id=ReviewRow.case_id,
        about=ReviewRow.id,
        part=ReviewRow.action,
        value=one_if(ReviewRow.state == ReviewState.REJECTED.value),
        at=ReviewRow.decided_at,
    ).where(
        ReviewRow.state.in_(_DECIDED),
        ReviewRow.action.is_not(None),
        sa.or_(ReviewRow.marked.is_(None), ReviewRow.marked != reviews.OVERTAKEN),
    )


def overrides() -> Query:
    """Dispositions, and those where the inspector chose another than was proposed, by what was proposed."""
    return (
        fact_columns(
            case_id=RmaRow.case_id,
            about=DispositionRow.id,
            part=DispositionRow.proposed,
            value=one_if(DispositionRow.chosen != DispositionRow.proposed),
            at=DispositionRow.chosen_at,
        )
        .select_from(DispositionRow)
        .join(RmaRow, RmaRow.id == DispositionRow.rma_id)
    )


def queue_by_age(now: datetime) -> Query:
    """Reviews that wait now, by how long ago they were opened."""
    age = sa.case(*((ReviewRow.opened_at > now - limit, name) for name, limit in AGES.items()), else_=OLDEST)
    return fact_columns(
        case_id=ReviewRow.case_id,
        about=ReviewRow.id,
        part=age,
        value=seconds_between(ReviewRow.opened_at, sa.bindparam("now", now, ReviewRow.opened_at.type)),
        at=ReviewRow.opened_at,
    ).where(ReviewRow.state.in_(reviews.OPEN_STATES))


def late_reviews(now: datetime) -> Query:
    """Reviews that wait now, and those past their deadline, by where they wait and for what."""
    return fact_columns(
        case_id=ReviewRow.case_id,
        about=ReviewRow.id,
        part=joined(ReviewRow.state, sa.func.coalesce(ReviewRow.action, ASKED_FOR)),
        value=one_if(ReviewRow.due_at < now),
        at=ReviewRow.opened_at,
    ).where(ReviewRow.state.in_(reviews.OPEN_STATES))


def asked_for() -> Query:
    """The value of what waits for a person before anything is in the ledger, by what is asked for."""
    return fact_columns(
        case_id=ReviewRow.case_id,
        about=ReviewRow.id,
        part=ReviewRow.action,
        value=ReviewRow.value_minor,
        at=ReviewRow.opened_at,
    ).where(
        ReviewRow.state.in_(reviews.OPEN_STATES),
        ReviewRow.action.in_(reviews.FIRST_ACTS),
        ReviewRow.currency == LEDGER_CURRENCY,
    )
