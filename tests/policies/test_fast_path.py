"""The compiled rules answer as the traced ones do, whatever the facts, the days and the place."""

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backhaul.domain.codes import Action, Outcome
from policies.book import PolicyBook
from policies.facts import Facts
from tests.policies.test_overlays import GRANTS, RENO, WEST
from tests.policies.test_properties import UNKNOWN, build, some_facts

MakeFacts = Callable[..., Facts]
DAYS = st.sampled_from([date(2019, 6, 1), date(2026, 1, 1), date(2026, 5, 1), date(2026, 10, 1)])
MANY = settings(max_examples=1_000, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="session")
def placed(texts: dict[str, str]) -> PolicyBook:
    """The shipped documents with overlays for a region and, under a grant, for a facility."""
    return PolicyBook.load({**texts, "x-west.yaml": WEST, "x-reno.yaml": RENO, "x-grants.yaml": GRANTS})


def agree(book: PolicyBook, facts: Facts, *, ordered: date, decided: date, facility: str | None) -> None:
    whole = book.decide(facts, order_date=ordered, decision_date=decided, facility=facility, explain=False)
    outcome, failing = book.failing(facts, order_date=ordered, decision_date=decided, facility=facility)
    refusing = tuple(result.rule for result in whole.results if result.effect is not Outcome.PERMIT)
    assert (outcome, failing) == (whole.outcome, refusing)
    figures = book.figures(facts, order_date=ordered, decision_date=decided, facility=facility)
    assert figures == whole.outputs


@MANY
@given(otherwise=some_facts(), action=st.sampled_from(list(Action)), unknown=UNKNOWN, ordered=DAYS)
def test_the_fast_path_answers_as_the_trace_does(
    book: PolicyBook,
    ordinary: MakeFacts,
    otherwise: dict[str, object],
    action: Action,
    unknown: list[str],
    ordered: date,
) -> None:
    facts = build(ordinary, {"action": action.value, **otherwise}, unknown)
    agree(book, facts, ordered=ordered, decided=date(2026, 6, 1), facility=None)


@pytest.mark.slow
@MANY
@given(otherwise=some_facts(), ordered=DAYS, facility=st.sampled_from([None, "RNO1", "CMH1"]))
def test_it_does_so_under_overlays_too(
    placed: PolicyBook,
    ordinary: MakeFacts,
    otherwise: dict[str, object],
    ordered: date,
    facility: str | None,
) -> None:
    facts = build(ordinary, {"region": "west", **otherwise}, [])
    agree(placed, facts, ordered=ordered, decided=date(2026, 6, 1), facility=facility)


def test_it_is_asked_of_facts_that_were_stored_and_read_again(book: PolicyBook, ordinary: MakeFacts) -> None:
    facts = Facts.from_record(ordinary(quantity=9).record())

    found = book.failing(facts, order_date=date(2026, 6, 1), decision_date=date(2026, 6, 1))

    assert found == (Outcome.DENY, ("RET-QTY",))
