"""What the worth of a review rests on: the verdict that sent it to a person, or the return behind it."""

from backhaul.domain.codes import Action, Tier
from backhaul.domain.money import LEDGER_CURRENCY, Money
from backhaul.store import cases, review_habits, rmas
from backhaul.store.unit_of_work import UnitOfWork
from tools.disposition_history import forecast_for
from tools.guard import Judged
from tools.review_worth import Reviewed, Worth, worth_of

_NO_RULE = "none"


def worth_of_judged(uow: UnitOfWork, one: Judged) -> Worth:
    """Of a judgement that a person has to complete."""
    known = one.decision.facts.known()
    action, tier = one.command.action, known.get("tier")
    reviewed = Reviewed(
        action=action,
        rule=_rule(one),
        tier=Tier(str(tier)) if tier else None,
        value_usd_minor=_value(one),
        goods_back_permille=_goods_back(uow, one) if action is Action.CREATE_RMA else 0,
    )
    return worth_of(reviewed, review_habits.habits(uow))


def _rule(one: Judged) -> str:
    deciding = (result.rule for result in one.decision.results if result.effect == one.decision.outcome)
    return next(deciding, _NO_RULE)


def _value(one: Judged) -> int | None:
    value, rate = one.command.value, one.prepared.found.rate
    if value.currency == LEDGER_CURRENCY:
        return value.minor
    return rate.in_ledger_currency(value).minor if rate else None


def _goods_back(uow: UnitOfWork, one: Judged) -> int:
    proposal = one.prepared.proposal
    expected = forecast_for(uow, proposal.line_id, one.decision.facts.record())
    return expected.sold_again_permille if expected else 0


def worth_of_note(uow: UnitOfWork, value: Money) -> Worth:
    """Of what somebody noted and nobody proposed yet: the goods that were found for it are at stake."""
    known = value.minor if value.currency == LEDGER_CURRENCY else None
    return worth_of(Reviewed(None, _NO_RULE, None, known), review_habits.habits(uow))


def worth_of_return(uow: UnitOfWork, rma_id: str) -> Worth:
    """Of a return that a person has to look at: all that was let in on it is at stake."""
    value, tier = 0, None
    for line in rmas.rma_lines(uow, rma_id):
        verdict = cases.newest_verdict(uow, line.proposal_id)
        facts = verdict.facts if verdict else {}
        value += int(facts.get("unit_price_usd_minor") or 0) * line.quantity
        tier = facts.get("tier") or tier
    reviewed = Reviewed(None, _NO_RULE, Tier(tier) if tier else None, value or None)
    return worth_of(reviewed, review_habits.habits(uow))
