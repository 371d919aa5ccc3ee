"""However a line is credited, the parts add up to what was invoiced: goods, tax, and in either currency."""

from datetime import date
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from backhaul.domain.money import ExchangeRate, Money
from backhaul.domain.orders import InvoiceLine
from backhaul.domain.settlement import CreditMemo
from backhaul.store.credited import Credited
from tools.billed import Billed, billed_facts

DAY = date(2026, 11, 27)
CUTS = st.lists(st.integers(1, 60), min_size=1, max_size=8)


def invoiced(currency: str, parts: list[tuple[int, int]], price: int) -> Billed:
    """A line that was invoiced in parts of so many pieces with so much tax."""
    lines = [
        InvoiceLine(1, pieces, Money(price * pieces, currency), Money(tax, currency)) for pieces, tax in parts
    ]
    return Billed(tuple(lines), ())


def memo(case_id: str, pieces: int, cents: int) -> CreditMemo:
    goods, nothing = Money(cents), Money(0)
    return CreditMemo(
        "CM-1", "r", "A", case_id, "SO-1", 1, pieces, goods, Money(7), nothing, nothing, goods, DAY, ()
    )


@given(
    parts=st.lists(st.tuples(st.integers(1, 40), st.integers(0, 9_999)), min_size=1, max_size=3),
    price=st.integers(1, 10**6),
    cuts=CUTS,
    millionths=st.integers(200_000, 2_000_000),
)
def test_credits_of_all_pieces_are_the_invoice_to_the_cent(
    parts: list[tuple[int, int]], price: int, cuts: list[int], millionths: int
) -> None:
    billed, rate = invoiced("CAD", parts, price), ExchangeRate("CAD", DAY, millionths)
    ends = sorted({min(cut, billed.pieces) for cut in cuts} | {0, billed.pieces})
    tax = credit = 0
    for before, end in pairwise(ends):
        ours = Credited(before, Money(credit), frozenset({"RC-1"}))
        facts = billed_facts(billed, ours, rate, price=Money(price, "CAD"), pieces=end - before)
        share = billed.tax_of(end - before, before=before)
        assert share is not None
        assert share.minor >= 0
        tax, credit = tax + share.minor, credit + facts["credit_usd_minor"]
        assert facts["line_credited_usd_minor"] + facts["credit_usd_minor"] == credit
        assert credit <= facts["line_invoiced_usd_minor"]
    assert tax == sum(of for _, of in parts)
    assert credit == rate.in_ledger_currency(billed.total or Money(0, "CAD")).minor


def test_one_piece_more_than_invoiced_is_beyond_the_invoice() -> None:
    billed, rate = invoiced("USD", [(3, 100)], 1_000), ExchangeRate("USD", DAY, 1_000_000)
    ours = Credited(3, Money(3_100), frozenset({"RC-1"}))
    facts = billed_facts(billed, ours, rate, price=Money(1_000), pieces=1)
    assert (facts["line_credited_usd_minor"], facts["credit_usd_minor"]) == (3_100, 1_000)
    assert facts["line_invoiced_usd_minor"] == 3_100


def test_what_cannot_be_told_is_unknown_and_nothing_is_assumed() -> None:
    rate, ours = ExchangeRate("USD", DAY, 1_000_000), Credited(0, Money(0), frozenset())
    no_invoice = billed_facts(Billed((), ()), ours, rate, price=Money(1_000), pieces=1)
    assert (no_invoice["line_invoiced_usd_minor"], no_invoice["credit_usd_minor"]) == (None, None)
    billed = invoiced("CAD", [(3, 100)], 1_000)
    no_rate = billed_facts(billed, ours, None, price=Money(1_000, "CAD"), pieces=1)
    assert (no_rate["line_invoiced_usd_minor"], no_rate["credit_usd_minor"]) == (None, None)
    assert billed_facts(billed, ours, None, price=None, pieces=None)["credit_usd_minor"] == 0


def test_a_credit_that_both_books_know_counts_once() -> None:
    lines = invoiced("USD", [(9, 90)], 1_000).charged
    billed = Billed(lines, (memo("RC-OURS", 2, 2_000), memo("", 3, 3_000)))
    ours = Credited(2, Money(2_020), frozenset({"RC-OURS"}))
    facts = billed_facts(billed, ours, ExchangeRate("USD", DAY, 1_000_000), price=Money(1_000), pieces=1)
    assert billed.pieces_credited(ours) == 5
    assert facts["line_credited_usd_minor"] == 2_020 + 3_007
