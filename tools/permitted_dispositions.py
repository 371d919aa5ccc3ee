"""What the policy says about each disposition of the same goods, before anybody has settled on one."""

from collections.abc import Callable
from datetime import date
from typing import Any

from backhaul.domain.codes import Action, Outcome, Resolution
from backhaul.domain.money import LEDGER_CURRENCY, Money
from backhaul.domain.receiving import Disposition, Grade
from backhaul.domain.valuation import valued
from policies.book import PolicyBook
from policies.decision import PolicyDecision
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
    person may approve counts as permitted: to be asked when nothing is permitted without one. Goods are not
    sent to a supplier whom the policy forbids to claim from, however complete the claim's packet will be.
    """

    def decide(about: Facts) -> PolicyDecision:
        days = {"order_date": order_date, "decision_date": decision_date}
        return book.decide(about, **days, facility=facility_id, explain=False)

    def ask(disposition: Disposition) -> str | None:
        decision = decide(_moved(facts, disposition, unit_cost))
        if decision.outcome is not Outcome.PERMIT and not (approved and decision.outcome is Outcome.ESCALATE):
            return decision.deciding[0].message
        return _forbids(decide(_claimed(facts))) if disposition is Disposition.RETURN_TO_VENDOR else None

    return ask


def _forbids(claim: PolicyDecision) -> str | None:
    # Where claims are only watched the outcome is a person's, but a rule that forbids one has still spoken.
    forbidding = (result.message for result in claim.results if result.effect is Outcome.DENY)
    return next(forbidding, None)


def _claimed(facts: Facts) -> Facts:
    whole = {
        "action": Action.VENDOR_CLAIM,
        "disposition": Disposition.RETURN_TO_VENDOR,
        "packet_complete": True,
    }
    record = {name: value for name, value in facts.record().items() if name != _LOST}
    return Facts.from_record({**record, **whole, _LOST: 0, "unknown": sorted(facts.unknown - {_LOST})})


def _moved(facts: Facts, disposition: Disposition, unit_cost: Money | None) -> Facts:
    record: dict[str, Any] = {**facts.record(), "disposition": disposition.value}
    unknown = facts.unknown - {_LOST}
    if unit_cost is None or unit_cost.currency != LEDGER_CURRENCY:
        record.pop(_LOST, None)
        unknown |= {_LOST}
    else:
        # The grade of pieces that nobody inspected is "none", and no member of Grade.
        theirs = facts.resolution is Resolution.REPAIR and disposition is Disposition.REPAIR
        grade = Grade(facts.grade.value)
        lost = valued(disposition, grade, unit_cost, facts.quantity, for_the_customer=theirs).write_down
        record[_LOST] = lost.minor
    return Facts.from_record({**record, "unknown": sorted(unknown)})
