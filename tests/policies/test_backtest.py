"""What a changed document would have decided, over decisions with their facts as seen."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from backhaul.domain.codes import Outcome
from backhaul.domain.errors import PolicyError
from policies.backtest import StoredDecision, backtest
from policies.book import PolicyBook
from policies.facts import Facts

MakeFacts = Callable[..., Facts]
TODAY = date(2026, 6, 1)
CONTROLS = "controls-2020a.yaml"


def stored(book: PolicyBook, number: int, facts: Facts) -> StoredDecision:
    outcome = book.outcome(facts, order_date=TODAY, decision_date=TODAY)
    return StoredDecision.of(
        facts.record(),
        id=f"VD-{number}",
        case_id=f"RC-{number}",
        order_date=TODAY,
        decision_date=TODAY,
        facility=None,
        outcome=outcome.value,
        decided_at=datetime(2026, 6, 1, 12, tzinfo=UTC),
    )


def changed(texts: dict[str, str], old: str, new: str, file: str = CONTROLS) -> PolicyBook:
    assert texts[file].count(old) == 1
    return PolicyBook.load({**texts, file: texts[file].replace(old, new)})


@pytest.fixture
def history(book: PolicyBook, ordinary: MakeFacts) -> list[StoredDecision]:
    values = (30_000, 50_000, 55_000, 70_000)
    facts = [ordinary(unit_price_usd_minor=value) for value in values] + [ordinary(days_since_delivery=31)]
    return [stored(book, number, one) for number, one in enumerate(facts, 1)]


def test_the_same_documents_flip_nothing(book: PolicyBook, history: list[StoredDecision]) -> None:
    found = backtest(history, book, book)

    assert (found.decisions, found.flips, found.drifted) == (5, (), 0)


def test_a_higher_limit_lets_through_what_waited_for_a_person(
    book: PolicyBook, texts: dict[str, str], history: list[StoredDecision]
) -> None:
    after = changed(texts, '{standard: "500.00", silver', '{standard: "600.00", silver')

    found = backtest(history, book, after)

    (kind,) = found.by_kind()
    assert (kind.name, kind.direction, kind.cases) == ("escalate -> permit", "looser", 1)
    assert (kind.amount_usd_minor, kind.decision_ids) == (55_000, ("VD-3",))
    assert [rule.name for rule in found.by_rule()] == ["AUTO-LIMIT no longer refuses"]


def test_a_lower_limit_and_a_shorter_window_are_told_apart(
    book: PolicyBook, texts: dict[str, str], history: list[StoredDecision]
) -> None:
    limit = texts[CONTROLS].replace('{standard: "500.00", silver', '{standard: "400.00", silver')
    window = texts["terms-2020a.yaml"].replace(
        "hand_tool:         {standard: 30", "hand_tool:         {standard: 9"
    )
    after = PolicyBook.load({**texts, CONTROLS: limit, "terms-2020a.yaml": window})

    found = backtest(history, book, after)

    assert {(kind.name, kind.cases) for kind in found.by_kind()} == {
        ("permit -> deny", 2),
        ("escalate -> deny", 2),
    }
    assert {rule.name: rule.cases for rule in found.by_rule()} == {
        "RET-WINDOW now refuses": 4,
        "AUTO-LIMIT now refuses": 1,
    }


def test_a_decision_that_today_answers_otherwise_is_counted_as_drifted(
    book: PolicyBook, history: list[StoredDecision]
) -> None:
    first = history[0]
    then = StoredDecision.of(
        first.facts.record(),
        id=first.id,
        case_id=first.case_id,
        order_date=TODAY,
        decision_date=TODAY,
        facility=None,
        outcome=Outcome.DENY.value,
        decided_at=first.decided_at,
    )

    assert backtest([then], book, book).drifted == 1


def test_a_record_without_a_fact_that_rules_read_cannot_be_decided_again(
    history: list[StoredDecision],
) -> None:
    record = history[0].facts.record()
    del record["photos"]

    with pytest.raises(PolicyError, match="photos"):
        Facts.from_record(record)
