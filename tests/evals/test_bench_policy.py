"""What the policy engine is measured against decides as the documents do, or the comparison says nothing."""

from collections import Counter
from collections.abc import Callable
from datetime import date
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backhaul.bootstrap.policy_shelf import SHIPPED, read_documents
from backhaul.domain.codes import Action, Outcome
from evals.bench_policy import changed
from evals.plain_policy import PlainPolicy
from evals.policy_cases import some_decisions
from policies.backtest import backtest
from policies.book import PolicyBook
from policies.facts import Facts
from tests.policies.edges import at_the_edges, proposals
from tests.policies.test_properties import build, some_facts

pytestmark = pytest.mark.slow
"""Some thousand decisions, twice each"""

MakeFacts = Callable[..., Facts]
DAYS = [
    date(2026, 3, 2),
    date(2026, 6, 30),
    date(2026, 7, 1),
    date(2026, 9, 1),
    date(2027, 2, 15),
    date(2027, 8, 2),
]


@pytest.fixture(scope="module")
def book() -> PolicyBook:
    return PolicyBook.load(read_documents(SHIPPED))


@pytest.fixture(scope="module")
def plain(book: PolicyBook) -> PlainPolicy:
    return PlainPolicy(book)


@pytest.fixture(scope="module")
def ordinary(book: PolicyBook) -> MakeFacts:
    baseline = book.bundle.baseline
    assert baseline is not None

    def make(action: str = "create_rma") -> Facts:
        return Facts.from_record({**baseline.facts, **baseline.actions[Action(action)], "action": action})

    return make


def agree(
    book: PolicyBook, plain: PlainPolicy, facts: Facts, *days: date, facility: str | None = None
) -> Outcome:
    order, decision = days
    outcome, failing = book.failing(facts, order_date=order, decision_date=decision, facility=facility)
    by_hand, found = plain.failing(facts, order_date=order, decision_date=decision, facility=facility)
    assert (by_hand, sorted(found)) == (outcome, sorted(failing)), (facts, days)
    return outcome


def test_plain_python_decides_the_measured_cases_as_the_documents_do(
    book: PolicyBook, plain: PlainPolicy
) -> None:
    stored = some_decisions(book, 3_000, seed=11)

    found = Counter(agree(book, plain, one.facts, one.order_date, one.decision_date) for one in stored)

    assert set(found) == set(Outcome)
    assert {one.facts.action for one in stored} == set(Action)


def test_plain_python_decides_at_every_edge_of_every_table_as_the_documents_do(
    book: PolicyBook, plain: PlainPolicy, ordinary: MakeFacts
) -> None:
    draw, count = Random(5), 0
    for decision_date in (DAYS[0], DAYS[-1]):
        edges = at_the_edges(book, ordinary, decision_date)
        for facts in proposals(ordinary, edges, single=None, mixed=40):
            if not facts.unknown:
                agree(book, plain, facts, draw.choice(DAYS), decision_date)
                count += 1
    assert count >= 2_000


@settings(max_examples=500, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    otherwise=some_facts(),
    action=st.sampled_from(list(Action)),
    order_date=st.sampled_from(DAYS),
    decision_date=st.sampled_from(DAYS),
    facility=st.sampled_from([None, "RNO1", "CMH1"]),
)
def test_plain_python_decides_anything_as_the_documents_do(
    book: PolicyBook,
    plain: PlainPolicy,
    ordinary: MakeFacts,
    otherwise: dict[str, object],
    action: Action,
    order_date: date,
    decision_date: date,
    facility: str | None,
) -> None:
    facts = build(ordinary, {**otherwise, "action": action.value}, [])
    agree(book, plain, facts, order_date, decision_date, facility=facility)


def test_the_backtest_that_is_measured_moves_figures_that_matter(book: PolicyBook) -> None:
    after = PolicyBook.load(changed(read_documents(SHIPPED)))

    found = backtest(some_decisions(book, 1_500, seed=3), book, after)

    assert (found.decisions, found.drifted) == (1_500, 0)
    assert {tally.direction for tally in found.by_kind()} == {"looser", "tighter"}
