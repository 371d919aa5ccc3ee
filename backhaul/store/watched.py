"""Decisions where the guard only watched, each with what a person then did."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from backhaul.domain.audit import Tag
from backhaul.domain.codes import Action
from backhaul.store.house_tables import AuditRow
from backhaul.store.tables import ReviewRow, VerdictRow
from backhaul.store.unit_of_work import UnitOfWork

_Effect = tuple[str, str]
"""Proposal and action"""
_SHADOWED = VerdictRow.decision["shadowed"].as_string().is_not(None)
_REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class WatchedOnRecord:
    """A verdict of a segment in shadow. `approved` is a person's answer to it; None if there is none yet."""

    id: str
    case_id: str
    action: str
    facts: dict[str, Any]
    decision: dict[str, Any]
    decided_at: datetime
    approved: bool | None


def watched(uow: UnitOfWork, *, since: datetime | None = None) -> Iterator[WatchedOnRecord]:
    """One verdict for each effect that was asked for, oldest first: the last one before a person answered.

    A verdict given anew after the answer, because the command had changed, waits for an answer of its own.
    One that already knew of a rejection is no verdict of the guard alone and is left out.
    """
    answers = _answers(uow)
    newest: dict[_Effect, VerdictRow] = {}
    query = sa.select(VerdictRow).where(_SHADOWED).order_by(VerdictRow.decided_at, VerdictRow.id)
    for row in uow.session.scalars(query):
        if row.facts.get("review_status") != _REJECTED:
            newest[row.proposal_id, row.action] = row
    for row in sorted(newest.values(), key=lambda row: (row.decided_at, row.id)):
        if since is None or row.decided_at >= since:
            answered = [yes for at, yes in answers[row.proposal_id, row.action] if at >= row.decided_at]
            yield WatchedOnRecord(
                id=row.id,
                case_id=row.case_id,
                action=row.action,
                facts=row.facts,
                decision=row.decision,
                decided_at=row.decided_at,
                approved=answered[-1] if answered else None,
            )


def _answers(uow: UnitOfWork) -> dict[_Effect, list[tuple[datetime, bool]]]:
    """What people answered in reviews of such effects, in order; the audit log keeps every one."""
    ours = sa.select(VerdictRow.proposal_id).where(_SHADOWED)
    query = (
        sa.select(ReviewRow.proposal_id, ReviewRow.action, AuditRow.at, AuditRow.tag)
        .join(AuditRow, AuditRow.subject == ReviewRow.id)
        .where(
            ReviewRow.proposal_id.in_(ours),
            AuditRow.tag.in_([Tag.REVIEW_APPROVED.value, Tag.REVIEW_REJECTED.value]),
            # The guard closes what was approved and is no longer possible: nobody's answer.
            AuditRow.actor.startswith("staff:"),
        )
        .order_by(AuditRow.at, AuditRow.id)
    )
    found: dict[_Effect, list[tuple[datetime, bool]]] = defaultdict(list)
    for proposal_id, action, at, tag in uow.session.execute(query):
        effect = (str(proposal_id), action or Action.CREATE_RMA.value)
        found[effect].append((at, tag == Tag.REVIEW_APPROVED.value))
    return found
