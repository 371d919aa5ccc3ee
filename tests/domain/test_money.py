from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backhaul.domain.errors import CurrencyMismatch
from backhaul.domain.money import ExchangeRate, Money

AMOUNTS = st.integers(-(10**12), 10**12).map(Money)


def test_an_amount_is_read_and_written_to_the_cent() -> None:
    assert (Money.of("4500.10").minor, str(Money.of("4500.10")), str(Money(-5))) == (
        450010,
        "4,500.10 USD",
        "-0.05 USD",
    )


def test_a_fraction_of_a_cent_is_no_amount() -> None:
    with pytest.raises(ValueError, match="fraction"):
        Money.of("0.005")


@pytest.mark.parametrize("minor", [19.99, "1999", True])
def test_only_whole_numbers_of_the_smallest_coin_are_money(minor: object) -> None:
    with pytest.raises(TypeError):
        Money(minor)  # type: ignore[arg-type]


@pytest.mark.parametrize("operation", ["__add__", "__sub__", "__lt__", "__le__"])
def test_two_currencies_never_meet_in_one_sum_or_comparison(operation: str) -> None:
    with pytest.raises(CurrencyMismatch):
        getattr(Money(1), operation)(Money(1, "EUR"))


@pytest.mark.parametrize(("minor", "basis_points", "share"), [(1999, 1500, 300), (10, 500, 1), (10, 499, 0)])
def test_a_share_is_rounded_half_up_to_the_cent(minor: int, basis_points: int, share: int) -> None:
    assert Money(minor).share(basis_points) == Money(share)


@given(AMOUNTS, AMOUNTS, st.integers(0, 1_000))
def test_sums_and_multiples_are_exact(one: Money, other: Money, quantity: int) -> None:
    assert one + other - other == one
    assert (one + other) * quantity == one * quantity + other * quantity


@pytest.mark.parametrize(
    ("minor", "millionths", "in_dollars"),
    [(10_000, 731_000, 7_310), (1, 731_000, 1), (3, 333_333, 1), (3, 333_334, 2), (0, 731_000, 0)],
)
def test_another_currency_is_converted_and_rounded_up_to_the_cent(
    minor: int, millionths: int, in_dollars: int
) -> None:
    rate = ExchangeRate("CAD", date(2026, 3, 18), millionths)
    assert rate.in_ledger_currency(Money(minor, "CAD")) == Money(in_dollars)


@given(minor=st.integers(0, 10**12), millionths=st.integers(1, 10**8))
def test_a_converted_value_is_never_below_its_worth_nor_a_cent_above(minor: int, millionths: int) -> None:
    rate = ExchangeRate("CAD", date(2026, 3, 18), millionths)
    converted = rate.in_ledger_currency(Money(minor, "CAD")).minor
    assert 0 <= converted * 1_000_000 - minor * millionths < 1_000_000


def test_a_rate_is_for_one_currency() -> None:
    with pytest.raises(CurrencyMismatch):
        ExchangeRate("CAD", date(2026, 3, 18), 731_000).in_ledger_currency(Money(1, "MXN"))


def test_what_is_kept_in_another_currency_is_rounded_down_and_never_more_than_the_dollars() -> None:
    rate = ExchangeRate("CAD", date(2026, 8, 3), 731_000)

    kept = rate.from_ledger_currency(Money(1250))

    assert kept == Money(1709, "CAD")
    assert rate.in_ledger_currency(kept) <= Money(1250)
    with pytest.raises(CurrencyMismatch):
        rate.from_ledger_currency(kept)
