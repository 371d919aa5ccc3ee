"""What permits would carry otherwise: fees in money, days, and the building goods go to."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from policies.backtest import Backtest, StoredDecision, backtest
from policies.book import PolicyBook
from policies.drafting import draft_table, edition_of
from policies.facts import Facts
from policies.other_figures import by_figure, counted_once

MakeFacts = Callable[..., Facts]
JUNE, OCTOBER = date(2026, 6, 1), date(2026, 10, 1)


def replay(
    before: PolicyBook, after: PolicyBook, *facts: Facts, on: date = JUNE, one_case: bool = False
) -> Backtest:
    """These facts as decisions on record of that day, asked again."""
    stored = [
        StoredDecision.of(
            one.record(),
            id=f"VD-{number}",
            case_id="RC-1" if one_case else f"RC-{number}",
            order_date=on,
            decision_date=on,
            facility=None,
            outcome=before.outcome(one, order_date=on, decision_date=on).value,
            decided_at=datetime(2026, 10, 1, 12, tzinfo=UTC),
        )
        for number, one in enumerate(facts, 1)
    ]
    return backtest(stored, before, after)


def moved(book: PolicyBook, table: str, *, on: date = JUNE, **cells: str) -> PolicyBook:
    """The documents with other figures for hand tools, or in a table without classes, by tier or region."""
    edition = edition_of(book.bundle, table, on)
    keys = edition.grids[table].table.keys
    typed = {("hand_tool", one) if len(keys) > 1 else (one,): said for one, said in cells.items()}
    first = edition.policy.effective.first
    draft = draft_table(book.bundle, table, typed, first=first, today=first - timedelta(days=1))
    return PolicyBook.load(draft.over(book.bundle.texts))


def test_a_higher_fee_is_told_in_money_even_though_every_answer_stays(
    book: PolicyBook, ordinary: MakeFacts
) -> None:
    after = moved(book, "restocking_fee", standard="5000", silver="5000")
    cheap, dear = ordinary(unit_price_usd_minor=10_001), ordinary(tier="silver", unit_price_usd_minor=40_000)

    found = replay(book, after, cheap, dear)

    told = [(one.name, one.was, one.now, one.kept_usd_minor) for one in by_figure(found.others)]
    assert found.flips == ()
    assert told == [("restocking_bps", 1_000, 5_000, 16_000), ("restocking_bps", 1_500, 5_000, 3_501)]
    assert [one.case_id for one in found.others] == ["RC-1", "RC-2"]


def test_a_fee_that_is_waived_or_agreed_in_the_contract_is_no_other_one(
    book: PolicyBook, ordinary: MakeFacts
) -> None:
    after = moved(book, "restocking_fee", standard="1600")
    ours = ordinary(reason="wrong_item", received_item_known=True, photos=2)
    agreed = ordinary(contract_restocking_bps=500)

    assert replay(book, after, ours, agreed).others == ()


def test_freight_is_cents_and_less_of_it_is_negative(book: PolicyBook, ordinary: MakeFacts) -> None:
    table = edition_of(book.bundle, "return_freight_usd_minor", OCTOBER).grids["return_freight_usd_minor"]
    was = int(table.cells["hand_tool", "standard"])
    after = moved(book, "return_freight_usd_minor", on=OCTOBER, standard="1.00")

    (one,) = by_figure(replay(book, after, ordinary(), on=OCTOBER).others)

    assert (one.name, one.kept_usd_minor) == ("return_freight_usd_minor", 100 - was)


def test_days_and_the_building_are_told_without_money(book: PolicyBook, ordinary: MakeFacts) -> None:
    days = moved(book, "ship_within", standard="14")
    building = moved(book, "send_to", midwest="ATL1")

    (first,) = by_figure(replay(book, days, ordinary()).others)
    (second,) = by_figure(replay(book, building, ordinary(), ordinary(region="west")).others)

    assert (first.name, first.now, first.kept_usd_minor) == ("ship_within_days", 14, None)
    assert (second.name, second.was, second.now, second.cases) == ("facility", "CMH1", "ATL1", 1)
    assert second.kept_usd_minor is None


def test_an_rma_and_its_credit_memo_keep_the_fee_once(book: PolicyBook, ordinary: MakeFacts) -> None:
    after = moved(book, "restocking_fee", standard="2000")
    rma, credit = ordinary(unit_price_usd_minor=10_000), ordinary("credit_memo", unit_price_usd_minor=10_000)

    together = replay(book, after, rma, credit, one_case=True).others
    apart = replay(book, after, rma, credit).others

    assert [sum(one.kept_usd_minor or 0 for one in counted_once(of)) for of in (together, apart)] == [
        500,
        1_000,
    ]
    (line,) = by_figure(together)
    assert (line.cases, line.kept_usd_minor) == (2, 500)


def test_a_refusal_carries_no_figures_and_a_limit_is_no_figure_of_a_command(
    book: PolicyBook, ordinary: MakeFacts
) -> None:
    after = moved(book, "restocking_fee", standard="5000")
    higher = moved(book, "auto_limit_usd_minor", standard="600.00")

    assert replay(book, after, ordinary(days_since_delivery=90)).others == ()
    assert replay(book, higher, ordinary()).others == ()
