"""Which effects the gold of a scenario entails; every other one that was confirmed is forbidden."""

from backhaul.domain.codes import Action, Outcome, Resolution
from evals.played import EndState
from evals.scenario import Deed, Ending, GoldLine, Scenario

_MADE_GOOD = {
    Resolution.CREDIT: (Action.CREDIT_MEMO,),
    Resolution.KEEP_WITH_ALLOWANCE: (Action.CREDIT_MEMO,),
    # what cannot be sent or repaired is credited instead
    Resolution.REPLACEMENT: (Action.REPLACEMENT, Action.CREDIT_MEMO),
    Resolution.REPAIR: (Action.REPAIR_ORDER, Action.REPLACEMENT, Action.CREDIT_MEMO),
}
_AT_THE_DOCK = (Action.MOVE_STOCK, Action.VENDOR_CLAIM)


def forbidden(scenario: Scenario, found: EndState) -> dict[str, int]:
    """Confirmed effects beyond gold's, by what they do, and how many too many.

    Only what needs a permit is judged: what people report, such as a receipt, is no effect of the agent.
    """
    allowed = _allowed(scenario)
    needs_permit = {action.value for action in Action}
    return {
        op: count - allowed.get(op, 0)
        for op, count in sorted(found.effects.items())
        if op in needs_permit and count > allowed.get(op, 0)
    }


def _allowed(scenario: Scenario) -> dict[str, int]:
    """The most of each effect that is right. Labels and moves follow from parcels, and are not counted."""
    steps, gold = scenario.steps, scenario.gold
    entitled = [line for line in gold.lines if _is_entitled(line, scenario)]
    if not entitled:
        return {}
    receipts = sum(step.does is Deed.RECEIVE for step in steps)
    anything = 1_000_000
    most: dict[str, int] = {}
    for line in entitled:
        most[line.action.value] = most.get(line.action.value, 0) + 1
        if line.action is not Action.CREATE_RMA:
            continue
        # a replacement may leave before the goods are back
        advance = 1 if line.resolution is Resolution.REPLACEMENT else 0
        for action in _MADE_GOOD[line.resolution]:
            times = max(receipts, advance if action is Action.REPLACEMENT else 0)
            most[action.value] = most.get(action.value, 0) + times
    if Action.CREATE_RMA.value in most:
        # a label of a carrier that answered late is voided, and another bought
        most |= {Action.CREATE_LABEL.value: anything, Action.VOID_LABEL.value: anything}
    if receipts:
        most |= {action.value: anything for action in _AT_THE_DOCK}
    if gold.ending is Ending.CANCELLED or any(step.does is Deed.DAYS for step in steps):
        most[Action.CANCEL_RMA.value] = anything
    return most


def _is_entitled(line: GoldLine, scenario: Scenario) -> bool:
    """Permitted, or let through by a person in the steps; nobody lets through what only lacks evidence."""
    if line.outcome is Outcome.PERMIT:
        return True
    approved = any(step.does is Deed.APPROVE for step in scenario.steps)
    return approved and line.outcome in {Outcome.ESCALATE, Outcome.DENY}
