"""What the policy says about each disposition of the same goods, before anybody has settled on one."""

from collections.abc import Callable
from datetime import date
from typing import Any

from backhaul.domain.codes import Outcome
from backhaul.domain.money import LEDGER_CURRENCY, Money
from backhaul.domain.receiving import Disposition, Grade
from backhaul.domain.valuation import write_down
from policies.book import PolicyBook
from policies.facts import Facts

_LOST = "write_down_usd_minor"


def permitted_by(
    book: PolicyBook,
    facts: Facts,
    *,
    unit_cost: Money | None,
    order_date: date,
    decision_date: date,
    facility_id: str,
    approved: bool = False,
) -> Callable[[Disposition], str | None]:
    """For `dispositions.propose`: `None` where the policy permits it, else the first reason why not.

    `facts` are those of a move of all the pieces; disposition and write-down are put in for each question.
    `unit_cost` is what a piece stands in the books for, `None` when that is unknown. With `approved`, what a
    person may approve counts as permitted: to be asked when nothing is permitted without one.
    """

    def ask(disposition: Disposition) -> str | None:
        decision = book.decide(
            _moved(facts, disposition, unit_cost),
            order_date=order_date,
            decision_date=decision_date,
            facility=facility_id,
            explain=False,
        )
        if decision.outcome is Outcome.PERMIT or (approved and decision.outcome is Outcome.ESCALATE):
            return None
        return decision.deciding[0].message

    return ask


def _moved(facts: Facts, disposition: Disposition, unit_cost: Money | None) -> Facts:
    record: dict[str, Any] = {**facts.record(), "disposition": disposition.value}
    unknown = facts.unknown - {_LOST}
    if unit_cost is None or unit_cost.currency != LEDGER_CURRENCY:
        record.pop(_LOST, None)
        unknown |= {_LOST}
    else:
        # The grade of pieces that nobody inspected is "none", and no member of Grade.
        lost = write_down(disposition, Grade(facts.grade.value), unit_cost, facts.quantity)
        record[_LOST] = lost.minor
    return Facts.from_record({**record, "unknown": sorted(unknown)})
