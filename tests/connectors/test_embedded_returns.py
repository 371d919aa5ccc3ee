"""What the embedded ERP promises beyond the port for returned goods: races, store credit, currencies."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from backhaul.connectors.embedded import erp_schema
from backhaul.connectors.embedded.erp_reads import EmbeddedErpReads
from backhaul.connectors.embedded.erp_writes import EmbeddedErpWrites
from backhaul.connectors.embedded.sqlite import writing_engine
from backhaul.connectors.ports import CreditRequest, GoodsReceipt, StockMove
from backhaul.domain.clock import MovedClock
from backhaul.domain.codes import QualityStatus, Reason
from backhaul.domain.errors import ConnectorRejected
from backhaul.domain.money import Money
from backhaul.domain.settlement import CreditGoesTo

NOW = datetime(2026, 3, 18, 15, 0, tzinfo=UTC)
RACERS = 8


def credit(
    account_id: str, order_number: str, goods: Money, *, quantity: int = 1, reference: str = "RMA/DI-1"
) -> CreditRequest:
    nothing = Money(0, goods.currency)
    return CreditRequest(
        reference=reference,
        account_id=account_id,
        case_id="RC-1",
        order_number=order_number,
        line=1,
        quantity=quantity,
        goods=goods,
        tax=nothing,
        restocking_fee=nothing,
        return_freight=nothing,
        reason=Reason.NO_LONGER_NEEDED,
    )


def test_an_account_that_prepays_and_keeps_its_credit_gets_store_credit(
    erp: EmbeddedErpReads, erp_writes: EmbeddedErpWrites
) -> None:
    order = next(one for one in erp.orders_of("A-1009") if one.lines[0].delivered_on)
    price = order.lines[0].unit_price

    memo = erp_writes.post_credit_memo(credit("A-1009", order.number, price), key="c1")

    assert [(share.goes_to, share.amount) for share in memo.shares] == [(CreditGoesTo.STORE_CREDIT, price)]


def test_no_payment_is_paid_back_beyond_what_it_brought(erp_writes: EmbeddedErpWrites) -> None:
    paid_back: Counter[str] = Counter()
    for number in (1, 2):
        request = credit("A-1007", "SO-15087", Money(16_720), quantity=4, reference=f"RMA/DI-{number}")
        memo = erp_writes.post_credit_memo(request, key=f"c{number}")
        paid_back.update({share.reference: share.amount.minor for share in memo.shares})

    # Each of the two bills over four boxes was paid with 6 % of tax.
    assert sorted(paid_back.values()) == [2 * 16_720 - 17_723, 17_723]


def test_a_deduction_on_a_bill_that_was_paid_since_takes_up_no_credit(
    erp: EmbeddedErpReads, erp_writes: EmbeddedErpWrites, erp_path: Path
) -> None:
    (bill,) = erp.invoices("SO-14998")
    late = {"payment_id": "PAY-LATE", "invoice_number": bill.number, "received_on": NOW.date()}
    engine = writing_engine(erp_path)
    with engine.begin() as connection:
        connection.execute(sa.insert(erp_schema.payment).values(late | {"amount_minor": bill.open.minor}))
    engine.dispose()

    memo = erp_writes.post_credit_memo(credit("A-1045", "SO-14998", Money(4_700)), key="c1")

    assert CreditGoesTo.DEDUCTION not in {share.goes_to for share in memo.shares}


def test_a_lot_does_not_leave_a_shelf_it_was_never_put_on(erp_writes: EmbeddedErpWrites) -> None:
    erp_writes.receive_goods(GoodsReceipt("RC-1", "", "CMH1", "BRG-6308-2RS", 2), key="g1")
    source, target = QualityStatus.QUARANTINE, QualityStatus.SCRAP
    move = StockMove(
        "DI-1", "CMH1", "BRG-6308-2RS", 1, source, target, "scrap", Money(0), Money(0), (), ("L6308-0917",)
    )

    with pytest.raises(ConnectorRejected, match="nothing of lot L6308-0917 lies there"):
        erp_writes.move_stock(move, key="m1")


def test_a_credit_in_another_currency_goes_to_bills_in_that_currency(erp_writes: EmbeddedErpWrites) -> None:
    price = Money(23_800, "CAD")

    memo = erp_writes.post_credit_memo(credit("A-1060", "SO-15106", price), key="c1")

    assert memo.amount == price
    assert {share.amount.currency for share in memo.shares} == {"CAD"}
    assert sum(share.amount.minor for share in memo.shares) == price.minor


def test_of_many_threads_no_more_is_credited_than_was_invoiced(erp_path: Path, erp: EmbeddedErpReads) -> None:
    def try_for_it(number: int) -> str:
        writes = EmbeddedErpWrites(erp_path, MovedClock(NOW))
        request = credit("A-1045", "SO-15117", Money(8_650), reference=f"RMA/DI-{number}")
        try:
            return writes.post_credit_memo(request, key=f"k{number}").number
        except ConnectorRejected:
            return "rejected"
        finally:
            writes.close()

    with ThreadPoolExecutor(RACERS) as racers:
        results = list(racers.map(try_for_it, range(RACERS)))

    assert results.count("rejected") == RACERS - 2
    assert sum(memo.goods.minor for memo in erp.credit_memos("SO-15117")) == 2 * 8_650


def test_of_many_threads_no_piece_is_moved_twice(erp_path: Path, erp: EmbeddedErpReads) -> None:
    writes = EmbeddedErpWrites(erp_path, MovedClock(NOW))
    writes.receive_goods(GoodsReceipt("RC-1", "", "RNO1", "LED-HB-100", 3), key="g1")
    writes.close()
    held = sum(
        one.quantity
        for one in erp.inventory("LED-HB-100")
        if (one.bin.facility_id, one.bin.quality_status) == ("RNO1", QualityStatus.QUARANTINE)
    )

    def try_for_it(number: int) -> bool:
        writes = EmbeddedErpWrites(erp_path, MovedClock(NOW))
        source, target = QualityStatus.QUARANTINE, QualityStatus.SCRAP
        move = StockMove(
            f"DI-{number}", "RNO1", "LED-HB-100", 1, source, target, "scrap", Money(0), Money(100)
        )
        try:
            writes.move_stock(move, key=f"k{number}")
        except ConnectorRejected:
            return False
        else:
            return True
        finally:
            writes.close()

    with ThreadPoolExecutor(RACERS) as racers:
        results = list(racers.map(try_for_it, range(held + 4)))

    assert results.count(True) == held


def test_the_books_refuse_a_bin_below_nothing_even_without_the_code_above_them(erp_path: Path) -> None:
    engine = writing_engine(erp_path)
    with pytest.raises(IntegrityError, match="no_less_than_nothing"), engine.begin() as connection:
        connection.execute(sa.update(erp_schema.inventory_balance).values(quantity=-1))
    engine.dispose()


def test_pieces_of_two_values_lie_in_two_bins(erp: EmbeddedErpReads, erp_writes: EmbeddedErpWrites) -> None:
    for number, value in enumerate((500, 700, 500)):
        found = StockMove(
            f"DI-{number}",
            "ATL1",
            "CTR-018-120",
            2,
            None,
            QualityStatus.SCRAP,
            "turned up",
            Money(value),
            Money(0),
        )
        erp_writes.move_stock(found, key=f"k{number}")

    scrap = [one for one in erp.inventory("CTR-018-120") if one.bin.quality_status is QualityStatus.SCRAP]

    assert [(one.bin.bin_id, one.quantity, one.unit_cost.minor) for one in scrap] == [
        ("S-00-1", 4, 500),
        ("S-00-2", 2, 700),
    ]
