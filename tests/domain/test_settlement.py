"""A credit is put where it belongs, to the last cent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backhaul.domain.errors import CurrencyMismatch
from backhaul.domain.money import Money
from backhaul.domain.settlement import CreditGoesTo, CreditShare, share_out

cents = st.integers(0, 100_000)
places = st.lists(
    st.builds(
        CreditShare,
        st.sampled_from([CreditGoesTo.DEDUCTION, CreditGoesTo.INVOICE, CreditGoesTo.REFUND]),
        st.text(min_size=1, max_size=3),
        cents.map(Money),
    ),
    max_size=6,
)


@given(amount=cents, places=places)
def test_the_shares_add_up_and_no_place_gets_more_than_it_has_room_for(
    amount: int, places: list[CreditShare]
) -> None:
    shares = share_out(Money(amount), places)

    assert sum(share.amount.minor for share in shares) == amount
    assert all(share.amount.minor > 0 for share in shares)
    room = sum(place.amount.minor for place in places)
    kept = sum(one.amount.minor for one in shares if one.goes_to is CreditGoesTo.STORE_CREDIT)
    assert kept == max(0, amount - room)


def test_places_are_filled_in_their_order_and_the_rest_stays_on_the_account() -> None:
    deduction = CreditShare(CreditGoesTo.DEDUCTION, "DED-1", Money(300))
    bill = CreditShare(CreditGoesTo.INVOICE, "INV-1", Money(500))

    assert share_out(Money(200), [deduction, bill]) == (
        CreditShare(CreditGoesTo.DEDUCTION, "DED-1", Money(200)),
    )
    assert share_out(Money(1_000), [deduction, bill]) == (
        deduction,
        bill,
        CreditShare(CreditGoesTo.STORE_CREDIT, "", Money(200)),
    )


def test_a_place_in_another_currency_takes_nothing() -> None:
    with pytest.raises(CurrencyMismatch):
        share_out(Money(100), [CreditShare(CreditGoesTo.INVOICE, "INV-1", Money(100, "CAD"))])
