"""The policy is asked about each disposition, and its own words come back."""

from collections.abc import Callable
from datetime import date
from importlib.resources import files

import pytest

from backhaul.domain.money import Money
from backhaul.domain.receiving import Disposition
from policies.book import PolicyBook
from policies.facts import Facts
from tools.permitted_dispositions import permitted_by

RULES = """
kind: Policy
id: bench
edition: 2026a
basis: decision_date
effective: {from: 2020-01-01, until: null}
rules:
- id: T-GRADE
  clause: T-1
  owner: operations
  title: Only grade A is sold as new
  actions: [move_stock]
  require: "disposition != 'restock' || grade == 'A'"
  on_fail: deny
  say: "Grade {grade} is not sold as new."
  examples: [{given: {grade: A}, expect: permit}, {given: {grade: C}, expect: deny}]
- id: T-READ
  clause: T-3
  owner: operations
  title: What a proposal says is read
  actions: [move_stock]
  require: >-
    quantity + serials_given <= 500 && reason != 'late_or_missing' && resolution != 'keep_with_allowance'
  claims: {quantity: Counted, serials_given: Scanned, reason: Of no use, resolution: Of no use}
  on_fail: deny
  say: "Nothing came back."
  examples: [{given: {}, expect: permit}, {given: {reason: late_or_missing}, expect: deny}]
- id: T-LOSS
  clause: T-2
  owner: finance
  title: A large loss is approved
  actions: [move_stock]
  require: "write_down_usd_minor <= 10000"
  on_fail: escalate
  say: "This writes {write_down_usd_minor} off the books."
  examples: [{given: {}, expect: permit}, {given: {write_down_usd_minor: 10001}, expect: escalate}]
"""
DAY = date(2026, 6, 1)


@pytest.fixture(scope="module")
def two_pieces() -> Callable[..., Facts]:
    folder = files("policies") / "documents"
    shipped = {file.name: file.read_text("utf-8") for file in folder.iterdir() if file.name.endswith(".yaml")}
    baseline = PolicyBook.load(shipped).bundle.baseline

    def make(**otherwise: object) -> Facts:
        assert baseline is not None
        move = {**baseline.facts, **baseline.actions["move_stock"], "action": "move_stock"}  # type: ignore[index]
        return Facts.from_record({**move, "quantity": 2, "quantity_received": 2, **otherwise})

    return make


def asked(facts: Facts, cost: Money | None, *, approved: bool = False) -> dict[Disposition, str | None]:
    ask = permitted_by(
        PolicyBook.load({"bench-2026a.yaml": RULES}),
        facts,
        unit_cost=cost,
        order_date=DAY,
        decision_date=DAY,
        facility_id="CMH1",
        approved=approved,
    )
    return {one: ask(one) for one in (Disposition.RESTOCK, Disposition.RETURN_TO_VENDOR, Disposition.SCRAP)}


def test_each_disposition_is_judged_by_its_own_facts(two_pieces: Callable[..., Facts]) -> None:
    assert asked(two_pieces(grade="C"), Money.of("50.01")) == {
        Disposition.RESTOCK: "Grade C is not sold as new.",
        Disposition.RETURN_TO_VENDOR: None,
        Disposition.SCRAP: "This writes 100.02 USD off the books.",
    }


def test_at_the_limit_nothing_is_refused(two_pieces: Callable[..., Facts]) -> None:
    assert set(asked(two_pieces(grade="A"), Money.of("50.00")).values()) == {None}


def test_what_a_person_may_approve_counts_once_one_is_asked(two_pieces: Callable[..., Facts]) -> None:
    with_a_person = asked(two_pieces(grade="C"), Money.of("50.01"), approved=True)

    assert with_a_person[Disposition.SCRAP] is None
    assert with_a_person[Disposition.RESTOCK] == "Grade C is not sold as new."


@pytest.mark.parametrize("cost", [None, Money(5_000, "CAD")])
def test_without_a_cost_in_the_ledger_currency_the_loss_is_unknown(
    two_pieces: Callable[..., Facts], cost: Money | None
) -> None:
    answers = asked(two_pieces(grade="C"), cost)

    assert answers[Disposition.RESTOCK] == "Grade C is not sold as new."
    for disposition in (Disposition.RETURN_TO_VENDOR, Disposition.SCRAP):
        assert "cannot tell" in str(answers[disposition])
