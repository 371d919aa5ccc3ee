"""Escalation as an outcome: whether it was right that the agent, or a person, decided."""

from backhaul.domain.codes import Outcome
from evals.played import EndState
from evals.scenario import Ending, Gold
from evals.scoring.assumptions import MINUTES_PER_REVIEW
from evals.scoring.lines import Pair
from evals.scoring.records import Amounts, Decided, Handling

WRONG = frozenset({Handling.WRONG_AUTO, Handling.MISSED})
"""What was decided without a person, and should not have been decided so"""
AUTOMATIC = frozenset({Handling.RIGHT_AUTO, *WRONG})
WITH_A_PERSON = frozenset({Handling.RIGHT_PERSON, Handling.NEEDLESS})


def handled(gold: Gold, found: EndState, pairs: tuple[Pair, ...]) -> tuple[Decided, ...]:
    """One for each line, of the gold or beyond it; one for the whole where there are none."""
    if not pairs:
        handling = _without_lines(gold.ending, found.ending)
        needs_person = gold.ending is Ending.PERSON
        return (Decided(key="", handling=handling, needs_person=needs_person, minutes=_minutes(handling)),)
    unproposed = sum(pair.found is None for pair in pairs)
    return tuple(_decided(pair, gold, found, unproposed) for pair in pairs)


def at_stake(decided: tuple[Decided, ...]) -> Amounts:
    """Net value of what was decided wrongly or missed."""
    amounts: Amounts = {}
    for one in decided:
        if one.handling in WRONG and one.currency:
            amounts[one.currency] = amounts.get(one.currency, 0) + one.value_minor
    return amounts


def _decided(pair: Pair, gold: Gold, found: EndState, unproposed: int) -> Decided:
    needs_person = pair.gold.outcome is Outcome.ESCALATE if pair.gold else gold.ending is Ending.PERSON
    handling = _handling(pair, found, needs_person=needs_person)
    return Decided(
        key=pair.key,
        handling=handling,
        needs_person=needs_person,
        value_minor=pair.money.minor,
        currency=pair.money.currency,
        minutes=_minutes(handling) / (1 if pair.found else unproposed),
    )


def _minutes(handling: Handling) -> float:
    return MINUTES_PER_REVIEW if handling in WITH_A_PERSON else 0.0


def _without_lines(right: Ending, found: Ending) -> Handling:
    if right is found:
        return Handling.RIGHT_PERSON if right is Ending.PERSON else Handling.RIGHT_AUTO
    if found is Ending.PERSON:
        return Handling.NEEDLESS
    return Handling.MISSED if right is Ending.PERSON else Handling.UNDECIDED


def _handling(pair: Pair, found: EndState, *, needs_person: bool) -> Handling:
    outcome = pair.found.outcome if pair.found else None
    if outcome == Outcome.ESCALATE or (outcome is None and found.ending is Ending.PERSON):
        return Handling.RIGHT_PERSON if needs_person else Handling.NEEDLESS
    if pair.is_exact:
        return Handling.RIGHT_AUTO
    # asking for evidence decides nothing, unless just that is right and the rest of the line is not
    is_asked_for = pair.gold is not None and pair.gold.outcome is Outcome.ASK
    decides = {Outcome.PERMIT, Outcome.DENY} | ({Outcome.ASK} if is_asked_for else set())
    if outcome not in decides:
        return Handling.UNDECIDED
    return Handling.MISSED if needs_person else Handling.WRONG_AUTO
