"""The trace, the compiled rules and the prover say the same of a case, so a proof is about what runs."""

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backhaul.domain.codes import Action, Outcome
from policies.book import PolicyBook
from policies.decision import SEVEREST_FIRST, Status, severest
from policies.facts import FACTS, Facts, Kind
from policies.figures import AGREEMENTS, FIGURES
from policies.proofs.sides import Side
from policies.proofs.solver import Prover, Term, z3
from policies.proofs.standing import facilities, pairs_of_days
from policies.proofs.terms import symbols, unsaid
from policies.ruleset import Ruleset
from tests.policies.test_properties import build, some_facts

MakeFacts = Callable[..., Facts]
MANY = settings(max_examples=52, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
"""Of each of the eight actions: more than four hundred together"""


class Model:
    """What the prover's terms say of one case, which it has to hold possible."""

    def __init__(self, facts: Facts) -> None:
        known = facts.known()
        said = [variable == _value(name, known[name]) for name, variable in symbols().variables.items()]
        self._model = Prover(symbols().always).answer(*said)
        assert self._model is not None, facts

    def holds(self, term: Term) -> bool:
        """Whether a term is true of the case: with every variable known it folds to true or false."""
        if isinstance(term, bool):
            return term
        folded = self._model.eval(term)
        assert z3().is_true(folded) or z3().is_false(folded), folded
        return bool(z3().is_true(folded))


def _value(name: str, value: Any) -> Term:
    kind = FACTS[name].kind
    if kind is Kind.FLAG:
        return z3().BoolVal(value)
    return z3().IntVal(FACTS[name].choices.index(value) if kind is Kind.CHOICE else value)


@cache
def side(ruleset: Ruleset, action: Action, floor: Outcome) -> Side:
    """Its terms are made once for all cases."""
    return Side(action, ruleset, floor)


@pytest.mark.parametrize("action", list(Action))
@MANY
@given(data=st.data())
def test_the_trace_the_compiled_rules_and_the_prover_agree(
    book: PolicyBook, ordinary: MakeFacts, action: Action, data: st.DataObject
) -> None:
    otherwise = data.draw(some_facts())
    days = data.draw(st.sampled_from(list(pairs_of_days(book))))
    facility = data.draw(st.sampled_from(facilities(book)))
    facts = build(ordinary, {**otherwise, "action": action.value}, [])
    placed = {"order_date": days.order_date, "decision_date": days.decision_date, "facility": facility}

    trace = book.decide(facts, explain=False, **placed)
    outcome, failing = book.failing(facts, **placed)
    ruleset, findings = book.in_force(facts, days, facility)
    said, model = side(ruleset, action, severest(findings)), Model(facts)

    asked = {result.rule: result.status is Status.FAILED for result in trace.results}
    assert {rule: model.holds(term) for rule, term in said.fails.items()} == asked
    assert failing == tuple(rule for rule, failed in asked.items() if failed)
    assert outcome is trace.outcome
    levels = (level for level in SEVEREST_FIRST[:-1] if model.holds(said.answers(level)))
    assert next(levels, Outcome.PERMIT) is outcome


def test_every_figure_and_agreement_of_the_facts_is_known_to_the_prover() -> None:
    assert unsaid() == ()


def test_one_that_is_not_known_is_told() -> None:
    more = ("a photo needs a file", frozenset({"photos", "delivered"}), lambda of: bool(of["photos"]))

    assert unsaid((*FIGURES, "days_left"), (*AGREEMENTS, more)) == ("days_left", "delivered, photos")
    assert unsaid((), ()) != ()
