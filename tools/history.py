"""Decisions on record as the policy engine takes them, for backtests and reports."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from backhaul.domain.codes import Outcome
from backhaul.domain.errors import PolicyError
from backhaul.store import decisions
from backhaul.store import watched as on_record
from backhaul.store.unit_of_work import UnitOfWork
from policies.backtest import StoredDecision
from policies.shadow_report import Watched


@dataclass(slots=True)
class History:
    """Reads decisions, and counts those that cannot be decided again."""

    undated: int = 0
    """From before the days that picked the editions were kept"""
    unreadable: int = 0
    """A rule of today reads a fact that was not kept then, or within other bounds"""
    why: str = field(default="")
    """The first reason why one could not be read"""

    def replay(self, uow: UnitOfWork, *, since: datetime | None = None) -> Iterator[StoredDecision]:
        """Every decision that can be decided again, oldest first; the others are counted."""
        for one in decisions.decisions(uow, since=since):
            if one.order_date is None or one.decision_date is None:
                self.undated += 1
                continue
            try:
                yield StoredDecision.of(
                    one.facts,
                    id=one.id,
                    case_id=one.case_id,
                    order_date=one.order_date,
                    decision_date=one.decision_date,
                    facility=one.facility,
                    outcome=one.outcome,
                    decided_at=one.decided_at,
                )
            except PolicyError as wrong:
                self.unreadable += 1
                self.why = self.why or f"{one.id}: {wrong}"


def watched(uow: UnitOfWork, *, since: datetime | None = None) -> Iterator[Watched]:
    """Decisions in segments in shadow, oldest first, with what people did."""
    for one in on_record.watched(uow, since=since):
        person = None if one.approved is None else Outcome.PERMIT if one.approved else Outcome.DENY
        yield Watched.of(
            one.decision,
            one.facts,
            id=one.id,
            case_id=one.case_id,
            action=one.action,
            person=person,
            decided_at=one.decided_at,
        )
