"""Every change shown leads to a permit, no smaller one does, and where none is shown there is none.

All smaller changes within reach are tried one by one, by a count of our own (tests.policies.worlds).
"""

import itertools
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from pydantic import ValidationError

from backhaul.domain.codes import Action, Outcome
from policies.book import PolicyBook
from policies.decision import Change, Counterfactual, PolicyDecision
from policies.facts import Facts
from policies.model import Basis
from tests.policies.edges import at_the_edges, proposals
from tests.policies.worlds import Reach, World, worlds

DAYS = (date(2026, 6, 1), date(2026, 11, 2))
"""Under the first editions, and under the second ones with their overlays."""
NEAR = Reach(photos=3, days=5, pieces=8)
WIDE = Reach(photos=10, days=40, pieces=8)
KINDS = ("none", "one", "two", "three")
MakeFacts = Callable[..., Facts]


def permits(
    book: PolicyBook, facts: Facts, otherwise: dict[str, int | str | bool], order_day: date, day: date
) -> bool:
    try:
        there = Facts.model_validate({**facts.__dict__, **otherwise})
    except ValidationError:  # a tenth approval, or more right serial numbers than were given
        return False
    return book.outcome(there, order_date=order_day, decision_date=day) is Outcome.PERMIT


def agrees(world: World, shown: dict[str, int | str | bool], earlier: int) -> bool:
    return shown.items() <= world.otherwise.items() and world.earlier == earlier


def kind_of(book: PolicyBook, decision: PolicyDecision, reach: Reach) -> str:
    """Hold one decision against all worlds within reach; says how many changes it takes."""
    facts, shown, day = decision.facts, decision.counterfactual, decision.decision_date

    def does(otherwise: dict[str, int | str | bool], earlier: int) -> bool:
        return permits(book, facts, otherwise, decision.order_date, day - timedelta(days=earlier))

    if shown is None:
        possible = worlds(facts.known(), reach)
        found = next((world for world in possible if does(world.otherwise, world.earlier)), None)
        assert found is None, f"{facts}: nothing was shown, but {found} permits"
        return KINDS[0]
    applied, earlier = {change.fact: change.needed for change in shown.changes}, shown.days_earlier
    assert all(facts.known()[change.fact] == change.now != change.needed for change in shown.changes)
    assert does(applied, earlier), f"{facts}: {applied} was shown and does not permit"
    for name in applied:
        fewer = {other: value for other, value in applied.items() if other != name}
        time_alone = earlier and name == "days_since_delivery"
        assert time_alone or not does(fewer, earlier), f"{facts}: {name} was shown and changes nothing"
    far = [abs(int(change.needed) - int(change.now)) for change in shown.changes]
    possible = worlds(facts.known(), replace(reach, days=max(reach.days, earlier, *far)))
    cost = next(world.cost for world in possible if agrees(world, applied, earlier))
    smaller = itertools.takewhile(lambda world: world.cost < cost, possible)
    found = next((world for world in smaller if does(world.otherwise, world.earlier)), None)
    assert found is None, f"{facts}: {applied} was shown, but {found} is smaller"
    return KINDS[cost[0]]


def tally(book: PolicyBook, asked: Iterable[Facts], reach: Reach, day: date) -> Counter[str]:
    decisions = (book.decide(facts, order_date=day, decision_date=day) for facts in asked)
    refused = [decision for decision in decisions if decision.outcome is not Outcome.PERMIT]
    return Counter(kind_of(book, decision, reach) for decision in refused)


@pytest.mark.parametrize(
    ("shown", "noticed"),
    [
        (None, "nothing was shown, but .* permits"),
        ({"photos": 2}, "is smaller"),
        ({"photos": 1, "quantity": 4}, "was shown and changes nothing"),
        ({"quantity": 4}, "does not permit"),
    ],
)
def test_a_search_that_misses_exaggerates_or_guesses_would_be_noticed(
    book: PolicyBook, ordinary: MakeFacts, shown: dict[str, int] | None, noticed: str
) -> None:
    """One photo is what is missing here."""
    facts = Facts.from_record({**ordinary().record(), "reason": "damaged_in_transit", "quantity": 5})
    decision = book.decide(facts, order_date=DAYS[0], decision_date=DAYS[0])
    assert kind_of(book, decision, NEAR) == "one"

    told = shown and tuple(Change(name, facts.known()[name], value) for name, value in shown.items())
    wrong = replace(decision, counterfactual=Counterfactual(told, "") if told else None)

    with pytest.raises(AssertionError, match=noticed):
        kind_of(book, wrong, NEAR)


@pytest.mark.parametrize("day", DAYS)
def test_no_smaller_change_would_do(book: PolicyBook, ordinary: MakeFacts, day: date) -> None:
    asked = proposals(ordinary, at_the_edges(book, ordinary, day), single=None, mixed=60)

    found = tally(book, asked, NEAR, day)

    assert found.total() >= 1_000
    assert min(found[kind] for kind in KINDS) >= 20, found


def turns(book: PolicyBook) -> list[date]:
    """Every day on which something changes of what follows the day of the decision."""
    spans = book.bundle.spans(Basis.DECISION_DATE)
    return sorted({day for span in spans for day in (span.first, span.until) if day})


@pytest.mark.slow
def test_a_request_on_an_earlier_day_is_judged_by_the_rules_of_that_day(
    book: PolicyBook, ordinary: MakeFacts
) -> None:
    """Soon after every day on which an edition or an overlay begins or ends."""
    days = [day + timedelta(days=3) for day in turns(book)]
    assert len(days) >= 4
    for day in days:
        asked = proposals(ordinary, at_the_edges(book, ordinary, day), single=12, mixed=12)
        found = tally(book, asked, NEAR, day)
        assert found.total() >= 200, day


@pytest.mark.slow
@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("action", list(Action))
def test_no_smaller_change_would_do_in_a_wider_grid(
    book: PolicyBook, ordinary: MakeFacts, action: Action, day: date
) -> None:
    edges = {action: at_the_edges(book, ordinary, day)[action]}

    found = tally(book, proposals(ordinary, edges, single=None, mixed=400), WIDE, day)

    assert found.total() >= 30 or action is Action.VOID_LABEL, found
