"""What every ERP must do with a credit: never above what was invoiced, and put where the customer owes."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backhaul.domain.codes import QualityStatus
from backhaul.domain.errors import ConnectorRejected
from backhaul.domain.money import Money
from backhaul.domain.settlement import CreditGoesTo
from tests.connectors.returned_goods import (
    arrival,
    bill_of,
    credit_of,
    mispick,
    out_of_quarantine,
    pieces,
    repair,
    vendor_credit,
)

OPEN, PAID = "open_line", "paid_line"


def goes(memo: Any) -> list[tuple[CreditGoesTo, str, int]]:
    return [(share.goes_to, share.reference, share.amount.minor) for share in memo.shares]


def test_a_credit_takes_goods_and_tax_less_fees_off_the_open_bill(erp_under_test: Any) -> None:
    owner = erp_under_test.open_line
    before = bill_of(erp_under_test, owner)
    request = credit_of(erp_under_test, owner, restocking_fee=Money(1_300), return_freight=Money(820))

    memo = erp_under_test.writes.post_credit_memo(request, key="c1")

    after = bill_of(erp_under_test, owner)
    # One wall light at 86.50, 7 % of tax on it rounded down from 6.055, less 13.00 and 8.20.
    assert (memo.goods.minor, memo.tax.minor, memo.amount.minor) == (8650, 605, 7135)
    assert goes(memo) == [(CreditGoesTo.INVOICE, before.number, 7135)]
    assert (after.credited, after.open) == (memo.amount, before.open - memo.amount)
    assert erp_under_test.reads.credit_memos(owner[1]) == (memo,)
    assert memo.posted_on == erp_under_test.today


def test_what_was_paid_is_paid_back_by_the_payment_it_came_with(erp_under_test: Any) -> None:
    owner = erp_under_test.paid_line
    before = bill_of(erp_under_test, owner)

    memo = erp_under_test.writes.post_credit_memo(credit_of(erp_under_test, owner, 12), key="c1")

    ((to, payment, amount),) = goes(memo)
    assert (to, amount) == (CreditGoesTo.REFUND, before.total.minor)
    assert payment
    # The bill was met by money that came in; that it went out again opens nothing.
    assert bill_of(erp_under_test, owner).open.minor == 0
    assert bill_of(erp_under_test, owner).credited.minor == 0


def test_what_the_customer_withheld_is_matched_first_and_not_granted_twice(erp_under_test: Any) -> None:
    owner = erp_under_test.withheld_line
    (taken,) = erp_under_test.reads.deductions(owner[0])
    bill = bill_of(erp_under_test, owner)
    assert (taken.invoice_number, taken.amount) == (bill.number, bill.open)
    part = credit_of(erp_under_test, owner, 0, goods=Money(2_000), tax=Money(0))
    rest = credit_of(erp_under_test, owner, 1, reference="RMA/DI-2")

    first = erp_under_test.writes.post_credit_memo(part, key="c1")
    (left,) = erp_under_test.reads.deductions(owner[0])
    second = erp_under_test.writes.post_credit_memo(rest, key="c2")

    assert goes(first) == [(CreditGoesTo.DEDUCTION, taken.deduction_id, 2_000)]
    assert left.amount == taken.amount - first.amount
    assert goes(second)[0] == (CreditGoesTo.DEDUCTION, taken.deduction_id, left.amount.minor)
    assert len(erp_under_test.reads.deductions(owner[0])) == 0
    assert bill_of(erp_under_test, owner).open.minor == 0
    assert bill_of(erp_under_test, owner).credited == taken.amount


def test_what_no_bill_of_the_order_takes_up_goes_to_other_open_bills_oldest_first(
    erp_under_test: Any,
) -> None:
    owner = erp_under_test.withheld_line
    request = credit_of(erp_under_test, owner, 10)

    memo = erp_under_test.writes.post_credit_memo(request, key="c1")

    (_, *others) = goes(memo)
    days = [_issued(erp_under_test, owner[0], number) for to, number, _ in others]
    assert {to for to, _, _ in others} == {CreditGoesTo.INVOICE}
    assert len(days) > 1
    assert days == sorted(days)


def _issued(system: Any, account_id: str, number: str) -> Any:
    (order,) = system.reads.find_orders(account_id, number)
    return next(bill.issued_on for bill in system.reads.invoices(order.number) if bill.number == number)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"quantity": 3}, "3 pieces to credit, 2 invoiced and not credited"),
        ({"goods": Money(17_301)}, r"173.01 USD of goods to credit, 173.00 USD invoiced"),
        ({"tax": Money(1_212)}, r"12.12 USD of tax to credit, 12.11 USD invoiced"),
        ({"goods": Money(0), "tax": Money(0)}, "nothing to credit"),
        ({"quantity": -1, "goods": Money(100), "tax": Money(0)}, "nothing to credit"),
        ({"tax": Money(-1)}, "less than nothing"),
        ({"restocking_fee": Money(9_256)}, r"the fees are 0.01 USD above the goods"),
        ({"goods": Money(100, "CAD")}, "was sold in USD, not in CAD"),
        ({"account_id": "A-1003"}, "has no order line"),
        ({"line": 9}, "has no order line"),
    ],
)
def test_a_credit_above_what_was_invoiced_is_rejected(
    erp_under_test: Any, changes: dict[str, Any], why: str
) -> None:
    request = credit_of(erp_under_test, erp_under_test.open_line, **{"quantity": 1} | changes)

    with pytest.raises(ConnectorRejected, match=why):
        erp_under_test.writes.post_credit_memo(request, key="c1")

    assert len(erp_under_test.reads.credit_memos(request.order_number)) == 0


def test_earlier_credits_count(erp_under_test: Any) -> None:
    owner = erp_under_test.open_line
    erp_under_test.writes.post_credit_memo(credit_of(erp_under_test, owner, 1), key="c1")
    one_too_many = credit_of(erp_under_test, owner, 2, reference="RMA/DI-2")

    with pytest.raises(ConnectorRejected, match="2 pieces to credit, 1 invoiced and not credited"):
        erp_under_test.writes.post_credit_memo(one_too_many, key="c2")


def test_a_credit_sent_anew_under_another_key_is_not_granted_twice(erp_under_test: Any) -> None:
    request = credit_of(erp_under_test, erp_under_test.open_line)
    memo = erp_under_test.writes.post_credit_memo(request, key="c1")

    with pytest.raises(ConnectorRejected, match=f"already stands on {memo.number}"):
        erp_under_test.writes.post_credit_memo(request, key="c2")


def test_every_write_is_obeyed_once_and_found_by_its_key(erp_under_test: Any) -> None:
    system, sku = erp_under_test, erp_under_test.sent_instead
    commands: dict[str, tuple[Any, Any]] = {
        "receive_goods": (arrival(system, sku), arrival(system, sku, 3)),
        "move_stock": (out_of_quarantine(system, sku), out_of_quarantine(system, sku, 1)),
        "correct_mispick": (mispick(system), mispick(system, 1)),
        "post_credit_memo": (credit_of(system, system.open_line), credit_of(system, system.open_line, 2)),
        "order_repair": (repair(system), repair(system, 2)),
        "post_vendor_credit": (vendor_credit(system), vendor_credit(system, 3)),
    }
    for op, (request, other) in commands.items():
        act = getattr(system.writes, op)
        first = act(request, key=f"key of {op}")
        quarantined = pieces(system, sku, QualityStatus.QUARANTINE)

        assert act(request, key=f"key of {op}") == first, op
        with pytest.raises(ConnectorRejected, match="stands for another request"):
            act(other, key=f"key of {op}")

        booked = system.reads.booked_under(f"key of {op}")
        assert (booked.op, booked.number) == (op, getattr(first, "number", first))
        assert pieces(system, sku, QualityStatus.QUARANTINE) == quarantined, op
    assert system.reads.booked_under("nobody used this") is None


amounts = st.integers(0, 6_000)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), which=st.sampled_from([OPEN, PAID, "withheld_line"]))
def test_whatever_is_credited_the_shares_add_up_and_no_bill_is_overdrawn(
    erp_under_test: Any, data: st.DataObject, which: str
) -> None:
    # The books are not emptied between examples: each one credits on top of all before it.
    owner = getattr(erp_under_test, which)
    reference = f"try {len(erp_under_test.reads.credit_memos(owner[1]))}"
    request = credit_of(
        erp_under_test,
        owner,
        data.draw(st.integers(0, 2)),
        reference=f"{which} {reference}",
        goods=Money(data.draw(amounts)),
        tax=Money(data.draw(st.integers(0, 300))),
        restocking_fee=Money(data.draw(st.integers(0, 500))),
    )
    try:
        memo = erp_under_test.writes.post_credit_memo(request, key=repr(request))
    except ConnectorRejected:
        memo = None

    bill = bill_of(erp_under_test, owner)
    granted = erp_under_test.reads.credit_memos(owner[1])
    billed = next(line for line in bill.lines if line.order_line == 1)
    assert memo is None or sum(share.amount.minor for share in memo.shares) == request.amount.minor
    assert sum(one.goods.minor for one in granted) <= billed.amount.minor
    assert sum(one.tax.minor for one in granted) <= billed.tax.minor
    assert sum(one.quantity for one in granted) <= billed.quantity
    assert 0 <= bill.open.minor <= bill.total.minor - bill.paid.minor
    assert bill.paid.minor + bill.credited.minor + bill.open.minor == bill.total.minor
