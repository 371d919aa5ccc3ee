"""What every ERP must do with goods that come back: receive, move at a value, put a mispick right."""

from typing import Any

import pytest

from backhaul.domain.codes import QualityStatus
from backhaul.domain.errors import ConnectorRejected
from backhaul.domain.money import Money
from tests.connectors.returned_goods import (
    arrival,
    booked_rma,
    mispick,
    out_of_quarantine,
    pieces,
    repair,
    sku_of,
    vendor_credit,
    worth,
)

AVAILABLE, QUARANTINE, B_STOCK = QualityStatus.AVAILABLE, QualityStatus.QUARANTINE, QualityStatus.B_STOCK


def test_goods_that_came_lie_in_quarantine_at_their_cost(erp_under_test: Any) -> None:
    sku = erp_under_test.sent_instead
    before, value = pieces(erp_under_test, sku, QUARANTINE), worth(erp_under_test, sku, QUARANTINE)

    number = erp_under_test.writes.receive_goods(arrival(erp_under_test, sku, 3), key="g1")

    cost = erp_under_test.reads.item(sku).cost
    assert pieces(erp_under_test, sku, QUARANTINE) == before + 3
    assert worth(erp_under_test, sku, QUARANTINE) == value + 3 * cost.minor
    assert erp_under_test.reads.booked_under("g1").number == number


def test_an_rma_takes_its_pieces_in_several_parcels_and_not_one_more(erp_under_test: Any) -> None:
    sku = sku_of(erp_under_test, erp_under_test.paid_line)
    number = booked_rma(erp_under_test, erp_under_test.paid_line, 5)
    for parcel, quantity in (("RC-1", 2), ("RC-2", 2)):
        goods = arrival(erp_under_test, sku, quantity, reference=parcel, rma_number=number)
        erp_under_test.writes.receive_goods(goods, key=parcel)

    too_many = arrival(erp_under_test, sku, 2, reference="RC-3", rma_number=number)
    with pytest.raises(ConnectorRejected, match=r"2 of .* received, 1 expected"):
        erp_under_test.writes.receive_goods(too_many, key="RC-3")


def test_another_article_takes_the_place_of_one_that_was_expected(erp_under_test: Any) -> None:
    number = booked_rma(erp_under_test, erp_under_test.open_line, 2)
    wrong = arrival(erp_under_test, erp_under_test.sent_instead, 2, rma_number=number)

    erp_under_test.writes.receive_goods(wrong, key="g1")

    sku = sku_of(erp_under_test, erp_under_test.open_line)
    one_more = arrival(erp_under_test, sku, 1, reference="RC-2", rma_number=number)
    with pytest.raises(ConnectorRejected, match="0 expected"):
        erp_under_test.writes.receive_goods(one_more, key="g2")


def test_a_cancelled_rma_expects_nothing(erp_under_test: Any) -> None:
    number = booked_rma(erp_under_test, erp_under_test.open_line, 2)
    erp_under_test.writes.cancel_rma(number, key="c1")
    late = arrival(erp_under_test, sku_of(erp_under_test, erp_under_test.open_line), rma_number=number)

    with pytest.raises(ConnectorRejected, match="no RMA"):
        erp_under_test.writes.receive_goods(late, key="g1")


def test_a_receipt_sent_anew_under_another_key_is_not_booked_twice(erp_under_test: Any) -> None:
    goods = arrival(erp_under_test, erp_under_test.sent_instead)
    erp_under_test.writes.receive_goods(goods, key="g1")

    with pytest.raises(ConnectorRejected, match="RC-1 already stands on"):
        erp_under_test.writes.receive_goods(goods, key="g2")


def test_a_serial_that_was_never_ours_comes_in_only_without_papers(erp_under_test: Any) -> None:
    owner = (erp_under_test.account_id, erp_under_test.serial_order)
    sku = sku_of(erp_under_test, owner)
    number = booked_rma(erp_under_test, owner, 1)
    foreign = arrival(erp_under_test, sku, 1, serials=("NOT-OURS-7",))

    with pytest.raises(ConnectorRejected, match="NOT-OURS-7 is not one of ours"):
        erp_under_test.writes.receive_goods(
            arrival(erp_under_test, sku, 1, serials=("NOT-OURS-7",), rma_number=number), key="g1"
        )
    erp_under_test.writes.receive_goods(foreign, key="g2")

    assert erp_under_test.reads.unit("NOT-OURS-7").purchase_order is None


def test_a_serial_comes_in_once_and_moves_with_its_piece(erp_under_test: Any) -> None:
    owner = (erp_under_test.account_id, erp_under_test.serial_order)
    line = erp_under_test.reads.order_line(erp_under_test.serial_order, 1)
    serial = line.serials[0]
    writes = erp_under_test.writes
    number = booked_rma(erp_under_test, owner, 1, serials=(serial,))
    writes.receive_goods(
        arrival(erp_under_test, line.sku, 1, serials=(serial.lower(),), rma_number=number), key="g1"
    )

    again = arrival(erp_under_test, line.sku, 1, reference="RC-2", serials=(serial,))
    with pytest.raises(ConnectorRejected, match="lies in quarantine"):
        writes.receive_goods(again, key="g2")
    unnamed = pieces(erp_under_test, line.sku, QUARANTINE)
    with pytest.raises(ConnectorRejected, match="name the serials that move"):
        writes.move_stock(out_of_quarantine(erp_under_test, line.sku, unnamed), key="m1")
    writes.move_stock(out_of_quarantine(erp_under_test, line.sku, 1, serials=(serial,)), key="m2")
    with pytest.raises(ConnectorRejected, match="does not lie there"):
        writes.move_stock(
            out_of_quarantine(
                erp_under_test, line.sku, 1, reference="DI-9", serials=(serial,), source=AVAILABLE
            ),
            key="m3",
        )

    path = [move.target for move in erp_under_test.reads.stock_moves(line.sku) if serial in move.serials]
    assert path == [QUARANTINE, B_STOCK]


def test_a_move_revalues_its_pieces_and_posts_what_was_written_down(erp_under_test: Any) -> None:
    sku = erp_under_test.sent_instead
    erp_under_test.writes.receive_goods(arrival(erp_under_test, sku), key="g1")
    held, lower = pieces(erp_under_test, sku, QUARANTINE), worth(erp_under_test, sku, B_STOCK)

    erp_under_test.writes.move_stock(out_of_quarantine(erp_under_test, sku), key="m1")

    assert pieces(erp_under_test, sku, QUARANTINE) == held - 2
    assert worth(erp_under_test, sku, B_STOCK) == lower + 2 * 500
    assert erp_under_test.reads.stock_moves(sku)[-1] == out_of_quarantine(erp_under_test, sku)
    assert len(erp_under_test.reads.stock_moves(sku, since=erp_under_test.today)) == 2


def test_goods_leave_the_house_and_turn_up_in_it(erp_under_test: Any) -> None:
    sku = erp_under_test.sent_instead
    start = pieces(erp_under_test, sku, AVAILABLE)
    out = out_of_quarantine(
        erp_under_test, sku, source=AVAILABLE, target=None, unit_value=Money(0), write_down=Money(0)
    )
    found = out_of_quarantine(erp_under_test, sku, source=None, target=AVAILABLE, write_down=Money(0))

    erp_under_test.writes.move_stock(out, key="m1")
    assert pieces(erp_under_test, sku, AVAILABLE) == start - 2
    erp_under_test.writes.move_stock(found, key="m2")
    assert pieces(erp_under_test, sku, AVAILABLE) == start


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"quantity": 10_000}, "10000 pieces asked"),
        ({"quantity": 0}, "at least one piece"),
        ({"target": QUARANTINE}, "is no move"),
        ({"write_down": Money(10**9)}, "cannot be written down"),
        ({"unit_value": Money(-1)}, "of zero or more"),
        ({"unit_value": Money(1, "CAD")}, "not an amount in USD"),
        ({"serials": ("NO-SUCH",)}, "not one of ours"),
        ({"lots": ("NO-SUCH",)}, "not one of ours"),
        ({"facility_id": "NOWHERE"}, "no facility"),
    ],
)
def test_a_move_that_the_books_do_not_bear_is_rejected_and_changes_nothing(
    erp_under_test: Any, changes: dict[str, Any], why: str
) -> None:
    sku = erp_under_test.sent_instead
    erp_under_test.writes.receive_goods(arrival(erp_under_test, sku), key="g1")
    before = erp_under_test.reads.inventory(sku)

    with pytest.raises(ConnectorRejected, match=why):
        erp_under_test.writes.move_stock(out_of_quarantine(erp_under_test, sku, **changes), key="m1")

    assert erp_under_test.reads.inventory(sku) == before
    assert erp_under_test.reads.booked_under("m1") is None


def test_after_a_mispick_both_stocks_are_right(erp_under_test: Any) -> None:
    wrong = mispick(erp_under_test)
    ordered = pieces(erp_under_test, wrong.ordered_sku, AVAILABLE)
    sent = pieces(erp_under_test, wrong.sent_sku, AVAILABLE)

    erp_under_test.writes.correct_mispick(wrong, key="p1")

    assert pieces(erp_under_test, wrong.ordered_sku, AVAILABLE) == ordered + 2
    assert pieces(erp_under_test, wrong.sent_sku, AVAILABLE) == sent - 2
    for sku in (wrong.ordered_sku, wrong.sent_sku):
        assert erp_under_test.reads.stock_moves(sku)[-1].reference == wrong.reference


@pytest.mark.parametrize("changes", [{"quantity": 10_000}, {"quantity": 0}, {"sent_sku": "NO-SUCH"}])
def test_a_mispick_of_more_than_is_there_corrects_neither_stock(
    erp_under_test: Any, changes: dict[str, Any]
) -> None:
    wrong = mispick(erp_under_test, **changes)

    with pytest.raises(ConnectorRejected):
        erp_under_test.writes.correct_mispick(wrong, key="p1")

    assert len(erp_under_test.reads.stock_moves(wrong.ordered_sku)) == 0


def test_a_lot_is_followed_from_its_purchase_to_the_supplier(erp_under_test: Any) -> None:
    line = erp_under_test.reads.order_line(erp_under_test.lot_line[1], 1)
    (lot,) = line.lots
    number = booked_rma(erp_under_test, erp_under_test.lot_line, 3)
    goods = arrival(erp_under_test, line.sku, 3, lots=(lot,), rma_number=number)
    erp_under_test.writes.receive_goods(goods, key="g1")
    staged = out_of_quarantine(
        erp_under_test, line.sku, 3, lots=(lot,), target=QualityStatus.VENDOR_STAGING, write_down=Money(0)
    )
    elsewhere = out_of_quarantine(erp_under_test, line.sku, 1, lots=(lot,), source=B_STOCK, target=AVAILABLE)

    erp_under_test.writes.move_stock(staged, key="m1")
    with pytest.raises(ConnectorRejected):
        erp_under_test.writes.move_stock(elsewhere, key="m2")

    bought = erp_under_test.reads.purchase_order(erp_under_test.reads.unit(lot).purchase_order)
    assert bought.sku == line.sku
    path = [
        (move.source, move.target) for move in erp_under_test.reads.stock_moves(line.sku) if lot in move.lots
    ]
    assert path == [(None, QUARANTINE), (QUARANTINE, QualityStatus.VENDOR_STAGING)]


def test_a_repair_is_promised_in_ten_working_days_and_not_for_more_than_was_shipped(
    erp_under_test: Any,
) -> None:
    order = erp_under_test.writes.order_repair(repair(erp_under_test), key="r1")

    # From a Wednesday, ten working days are two weeks.
    assert (order.promised_on - erp_under_test.today).days == 14
    assert erp_under_test.reads.booked_under("r1").number == order.number
    with pytest.raises(ConnectorRejected, match="2 pieces to repair, 1 shipped and not repaired"):
        erp_under_test.writes.order_repair(repair(erp_under_test, 2, reference="DI-4"), key="r2")
    wrong = repair(erp_under_test, sku=erp_under_test.sent_instead, reference="DI-5")
    with pytest.raises(ConnectorRejected, match="was sold, not"):
        erp_under_test.writes.order_repair(wrong, key="r3")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"amount": Money(10**9)}, "cost and the allowance"),
        ({"amount": Money(0)}, "between nothing and"),
        ({"quantity": 10_000}, "bought and not credited"),
        ({"purchase_order": "PO-0"}, "did not deliver"),
        ({"supplier_id": "S-0"}, "did not deliver"),
    ],
)
def test_a_supplier_credits_what_it_delivered_and_agreed_to_and_no_more(
    erp_under_test: Any, changes: dict[str, Any], why: str
) -> None:
    with pytest.raises(ConnectorRejected, match=why):
        erp_under_test.writes.post_vendor_credit(vendor_credit(erp_under_test, **changes), key="v1")

    number = erp_under_test.writes.post_vendor_credit(vendor_credit(erp_under_test), key="v2")
    assert erp_under_test.reads.booked_under("v2").number == number


def test_goods_without_papers_are_put_under_the_rma_that_expects_them(erp_under_test: Any) -> None:
    owner = erp_under_test.open_line
    sku, writes = sku_of(erp_under_test, owner), erp_under_test.writes
    first, other = booked_rma(erp_under_test, owner, 1), "RMA-NONE"
    receipt = writes.receive_goods(arrival(erp_under_test, sku, 1), key="g1")

    for _ in range(2):
        assert writes.match_receipt(receipt, first, key="m1") == receipt
    assert writes.match_receipt(receipt, first, key="m2") == receipt, "it is there already"

    assert erp_under_test.reads.booked_under("m1").number == receipt
    with pytest.raises(ConnectorRejected, match=f"belongs to {first}"):
        writes.match_receipt(receipt, other, key="m3")
    more = writes.receive_goods(arrival(erp_under_test, sku, 1, reference="RC-2"), key="g2")
    with pytest.raises(ConnectorRejected, match="0 expected"):
        writes.match_receipt(more, first, key="m4")
    with pytest.raises(ConnectorRejected, match="no RMA RMA-NONE"):
        writes.match_receipt(more, other, key="m5")
    with pytest.raises(ConnectorRejected, match="no goods receipt GR-0"):
        writes.match_receipt("GR-0", first, key="m6")


def test_what_was_put_under_an_rma_counts_when_the_rest_is_given_up(erp_under_test: Any) -> None:
    owner = erp_under_test.open_line
    sku, writes = sku_of(erp_under_test, owner), erp_under_test.writes
    number = booked_rma(erp_under_test, owner, 2)
    left = erp_under_test.reads.order_line(owner[1], 1).quantity_returnable
    receipt = writes.receive_goods(arrival(erp_under_test, sku, 1), key="g1")
    writes.match_receipt(receipt, number, key="m1")

    writes.close_rma(number, key="c1")

    assert erp_under_test.reads.order_line(owner[1], 1).quantity_returnable == left + 1
