from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from backhaul.domain.claims import (
    NO_RECORD,
    Bought,
    SupplierRecord,
    days_left,
    expected_minor,
    is_genuine,
    kept_as,
    link_token,
    parts_of_credit,
    worth_per_day,
)
from backhaul.domain.discretion import REMOVED, without_persons

DAY = date(2026, 3, 18)


def test_a_supplier_without_a_record_is_expected_to_pay_half() -> None:
    assert expected_minor(10_000, NO_RECORD) == 5_000
    assert NO_RECORD.rate_permille is None


def test_one_denial_makes_nobody_hopeless_and_one_payment_nobody_certain() -> None:
    denied = SupplierRecord(1, 10_000, 0, 0)
    paid = SupplierRecord(1, 10_000, 10_000, 1_000)

    assert (denied.rate_permille, denied.expected_permille) == (0, 333)
    assert (paid.rate_permille, paid.expected_permille) == (1_000, 666)


def test_the_last_day_counts_and_what_has_no_clock_ranks_as_ending_today() -> None:
    assert days_left(DAY, DAY) == 1
    assert days_left(date(2026, 3, 17), DAY) == 0
    assert days_left(None, DAY) is None
    assert worth_per_day(9_000, 3) == 3_000
    assert worth_per_day(9_000, None) == worth_per_day(9_000, 0) == 9_000


purchases = st.lists(
    st.builds(
        Bought,
        st.just("PO-1"),
        st.integers(1, 9),
        st.integers(1, 10_000),
        st.just(DAY),
    ),
    min_size=1,
    max_size=4,
)


@given(purchases, st.integers(0, 5_000), st.data())
def test_a_credit_is_booked_whole_and_no_purchase_takes_more_than_it_cost(
    bought: list[Bought], allowance: int, data: st.DataObject
) -> None:
    most = sum(one.cost_minor for one in bought) + allowance
    amount = data.draw(st.integers(0, most))

    parts = parts_of_credit(amount, bought, allowance)

    assert sum(parts) == amount
    extra = [allowance] + [0] * len(bought)
    assert all(
        0 <= part <= one.cost_minor + more for part, one, more in zip(parts, bought, extra, strict=False)
    )


@given(st.text(max_size=80))
def test_a_token_that_was_not_made_with_the_key_is_not_genuine(guess: str) -> None:
    made = link_token("key", "PM-1")

    assert is_genuine("key", made)
    assert is_genuine("key", guess) == (guess == made)


def test_the_same_sending_has_the_same_link_and_another_one_has_not() -> None:
    assert link_token("key", "PM-1") == link_token("key", "PM-1")
    assert link_token("key", "PM-1") != link_token("key", "PM-2")
    assert kept_as("key", "x") != kept_as("other", "x")


def test_what_leads_to_a_person_is_taken_out_and_what_describes_the_goods_stays() -> None:
    words = (
        "Dana Whitfield here (dana.w@tri-river.example, +1 614-555-0142, https://tri-river.example/x): the 2 "
        "of SO-15090, serial TAM24-330418, failed on 2026-08-04 at 24 V. Whitfield, Tri River Packaging"
    )

    clean = without_persons(words, people=["Dana Whitfield"], companies=["Tri River Packaging"])

    assert clean == (
        f"{REMOVED} here ({REMOVED}, {REMOVED}, {REMOVED} the 2 of "
        f"SO-15090, serial TAM24-330418, failed on 2026-08-04 at 24 V. {REMOVED}, {REMOVED}"
    )
