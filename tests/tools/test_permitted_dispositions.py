"""The policy is asked about each disposition, and its own words come back."""

from collections.abc import Callable, Mapping
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
  actions: [move_stock, vendor_claim]
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
OF_THIS_TEST = {"bench-2026a.yaml": RULES}
DAY = date(2026, 6, 1)


@pytest.fixture(scope="module")
def two_pieces() -> Callable[..., Facts]:
    baseline = PolicyBook.load(shipped()).bundle.baseline

    def make(**otherwise: object) -> Facts:
        assert baseline is not None
        move = {**baseline.facts, **baseline.actions["move_stock"], "action": "move_stock"}  # type: ignore[index]
        return Facts.from_record({**move, "quantity": 2, "quantity_received": 2, **otherwise})

    return make


def shipped() -> dict[str, str]:
    folder = files("policies") / "documents"
    return {file.name: file.read_text("utf-8") for file in folder.iterdir() if file.name.endswith(".yaml")}


def asked(
    facts: Facts, cost: Money | None, *, approved: bool = False, texts: Mapping[str, str] = OF_THIS_TEST
) -> dict[Disposition, str | None]:
    ask = permitted_by(
        PolicyBook.load(texts),
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


def test_the_demo_lets_goods_as_new_back_on_the_shelf_and_wants_a_person_before_they_are_scrapped(
    two_pieces: Callable[..., Facts],
) -> None:
    as_new = asked(two_pieces(grade="A"), Money.of("20.00"), texts=shipped())
    approved = asked(two_pieces(grade="A"), Money.of("20.00"), texts=shipped(), approved=True)

    assert (as_new[Disposition.RESTOCK], approved[Disposition.SCRAP]) == (None, None)
    assert "second look" in str(as_new[Disposition.SCRAP])


def test_the_demo_never_sells_what_is_broken_as_new(two_pieces: Callable[..., Facts]) -> None:
    broken = asked(two_pieces(grade="C"), Money.of("20.00"), texts=shipped(), approved=True)

    assert "grade C" in str(broken[Disposition.RESTOCK])


@pytest.mark.parametrize(
    ("otherwise", "said"),
    [
        ({"reason": "defective", "unit_cost_usd_minor": 1_250}, None),
        ({"reason": "defective", "unit_cost_usd_minor": 1_249}, "claims are filed from"),
        ({"reason": "damaged_in_transit", "unit_cost_usd_minor": 1_250}, "takes nothing back"),
    ],
)
def test_nothing_is_sent_to_a_supplier_who_cannot_be_claimed_from(
    two_pieces: Callable[..., Facts], otherwise: dict[str, object], said: str | None
) -> None:
    faulty = two_pieces(grade="D", quantity_shipped=2, quantity_already_authorised=2, **otherwise)
    answer = asked(faulty, Money.of("12.50"), texts=shipped())[Disposition.RETURN_TO_VENDOR]

    assert (answer is None) is (said is None)
    assert (said or "") in (answer or "")
