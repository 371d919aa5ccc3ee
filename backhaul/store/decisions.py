"""Decisions on record, as they are decided again: in order, in portions, without loading all at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from backhaul.store.tables import VerdictRow
from backhaul.store.unit_of_work import UnitOfWork, existing

_PORTION = 1_000


@dataclass(frozen=True, slots=True)
class DecisionOnRecord:
    """A verdict with what picked its editions; a day is None for verdicts from before it was kept."""

    id: str
    case_id: str
    facts: dict[str, Any]
    order_date: date | None
    decision_date: date | None
    facility: str | None
    outcome: str
    decided_at: datetime


def decisions(uow: UnitOfWork, *, since: datetime | None = None) -> Iterator[DecisionOnRecord]:
    """Every verdict, oldest first."""
    columns = (
        VerdictRow.id,
        VerdictRow.case_id,
        VerdictRow.facts,
        VerdictRow.order_date,
        VerdictRow.decision_date,
        VerdictRow.facility,
        VerdictRow.outcome,
        VerdictRow.decided_at,
    )
    query = sa.select(*columns).order_by(VerdictRow.decided_at, VerdictRow.id)
    if since is not None:
        query = query.where(VerdictRow.decided_at >= since)
    for row in uow.session.execute(query).yield_per(_PORTION):
        yield DecisionOnRecord(*row)


def verdict(uow: UnitOfWork, verdict_id: str) -> VerdictRow:
    """One decision with everything it looked at. NotFound when there is none."""
    return existing(uow, VerdictRow, verdict_id, "verdict")


def count(uow: UnitOfWork) -> int:
    """How many verdicts there are."""
    return uow.session.scalar(sa.select(sa.func.count()).select_from(VerdictRow)) or 0


@dataclass(frozen=True, slots=True)
class BundleInUse:
    """A set of documents that decided something, by its hash."""

    hash: str
    first: datetime
    last: datetime
    decisions: int


def bundles(uow: UnitOfWork) -> list[BundleInUse]:
    """Every set of documents that ever decided, the newest first."""
    began = sa.func.min(VerdictRow.decided_at)
    query = (
        sa.select(VerdictRow.bundle_hash, began, sa.func.max(VerdictRow.decided_at), sa.func.count())
        .group_by(VerdictRow.bundle_hash)
        .order_by(began.desc())
    )
    return [BundleInUse(*row) for row in uow.session.execute(query)]
