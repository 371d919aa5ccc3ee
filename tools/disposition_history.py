"""The forecast of a disposition for goods on record, and what is learnt once they have gone their way."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from backhaul.domain.receiving import Disposition
from backhaul.store import cases, disposition_tally
from backhaul.store.unit_of_work import UnitOfWork
from tools.disposition_forecast import Forecast, Kind, Tally, forecast


def forecast_for(uow: UnitOfWork, line_id: str, facts: Mapping[str, Any]) -> Forecast | None:
    """What is likely to become of the goods of a return line; `None` where too little is known.

    `facts` are those of the decision about it, as they are kept with the verdict.
    """
    line = cases.return_line(uow, line_id)
    kind = Kind.of(facts, reason=line.reason, condition=line.condition)
    if kind is None:
        return None
    # Of other reasons only the sum counts: they are part of all goods and of nothing narrower.
    others = disposition_tally.of_other_reasons(uow, line.reason)
    held = [Tally(Kind(), Disposition(chosen), times) for chosen, times in others.items()]
    for row in disposition_tally.tallies(uow, line.reason):
        same = Kind(row.product_class, row.reason, row.condition, row.age, row.worth)
        held.append(Tally(same, Disposition(row.chosen), row.times))
    return forecast(kind, held)


def learn(uow: UnitOfWork, proposal_id: str, chosen: str) -> None:
    """Goods of a proposal went that way. What the ERP did not tell then is not counted."""
    proposal = cases.proposal(uow, proposal_id)
    line, verdict = cases.return_line(uow, proposal.line_id), cases.newest_verdict(uow, proposal_id)
    kind = Kind.of(verdict.facts, reason=line.reason, condition=line.condition) if verdict else None
    if kind is not None:
        disposition_tally.add(uow, {**asdict(kind), "chosen": chosen})
