"""Our books and the ERP's, compared once a day: what differs is found, and clean books show nothing."""

import sqlite3
from datetime import date

import pytest
import sqlalchemy as sa

from backhaul.connectors.ports import CreditRequest
from backhaul.domain.clock import today
from backhaul.domain.codes import Reason
from backhaul.domain.errors import ConnectorUnavailable
from backhaul.domain.money import Money
from backhaul.domain.receiving import Disposition
from backhaul.store import reviews
from backhaul.store.effect_tables import CommandRow, RmaRow
from backhaul.store.money_tables import ReconciliationRow
from backhaul.workflows.daily import once_a_business_day
from backhaul.workflows.reconcile import reconcile
from tests.dock import counts, settles
from tests.house import House
from tests.workflows.test_closing import a_return
from tests.workflows.test_stuck import pass_by


def compare(house: House, day: date | None = None) -> ReconciliationRow:
    return reconcile(house.store, house.world.erp, house.world.ids, day or today(house.store.clock))


def credited(house: House) -> RmaRow:
    rma = a_return(house, quantity=2)
    assert settles(house, counts(house, rma, 2), Disposition.RESTOCK).settled_at is not None
    return rma


def in_the_erp(house: House, statement: str) -> None:
    """Somebody changes the ERP's books behind its back."""
    with sqlite3.connect(house.settings.erp_path) as books:
        assert books.execute(statement).rowcount > 0


def found(row: ReconciliationRow) -> list[str]:
    return [str(one["what"]) for one in row.differences]


def test_clean_books_show_nothing(house: House) -> None:
    credited(house)

    row = compare(house)

    assert (row.compared, row.differences) == (1, [])


def test_a_credit_posted_in_the_erp_directly_is_found(house: House) -> None:
    credited(house)
    direct = CreditRequest(
        reference="by hand",
        account_id="A-1001",
        case_id="",
        order_number="SO-15086",
        line=1,
        quantity=1,
        goods=Money(500),
        tax=Money(0),
        restocking_fee=Money(0),
        return_freight=Money(0),
        reason=Reason.OTHER,
    )
    memo = house.world.erp_writes.post_credit_memo(direct, key="by hand")

    (one,) = compare(house).differences

    assert one["what"] == "credit posted in the ERP directly"
    assert (one["ours"], one["amount_minor"]) == ("nothing", 500)
    assert memo.number in one["theirs"]


@pytest.mark.parametrize(
    ("fault", "what"),
    [
        ("DELETE FROM credit_memo WHERE order_number = 'SO-15086'", "credit missing in the ERP"),
        ("UPDATE credit_memo SET amount_minor = amount_minor - 100", "credit differs"),
        ("DELETE FROM stock_entry WHERE reference LIKE 'DI-%'", "moved goods missing in the ERP"),
        ("DELETE FROM stock_entry WHERE source IS NULL", "received goods missing in the ERP"),
        ("UPDATE stock_entry SET quantity = 1 WHERE reference LIKE 'DI-%'", "moved pieces differ"),
        ("DELETE FROM command_key WHERE operation = 'create_rma'", "return missing in the ERP"),
        ("UPDATE rma_line SET quantity = 1 WHERE order_number = 'SO-15086'", "pieces to come back differ"),
        ("UPDATE rma SET cancelled = 1 WHERE reference LIKE 'RMA-%'", "pieces to come back differ"),
    ],
)
def test_each_planted_difference_is_found_and_nothing_else(
    sqlite_house: House, fault: str, what: str
) -> None:
    rma = credited(sqlite_house)
    in_the_erp(sqlite_house, fault)

    row = compare(sqlite_house)

    assert found(row) == [what]
    assert row.differences[0]["case_id"] == rma.case_id


def test_a_day_has_one_row_and_one_task_however_often_it_is_compared(sqlite_house: House) -> None:
    rma = credited(sqlite_house)
    in_the_erp(sqlite_house, "DELETE FROM credit_memo")
    in_the_erp(sqlite_house, "DELETE FROM stock_entry WHERE reference LIKE 'DI-%'")

    for _ in range(3):
        row = compare(sqlite_house)

    assert len(row.differences) == 2
    with sqlite_house.store.read() as uow:
        assert len(uow.session.scalars(sa.select(ReconciliationRow)).all()) == 1
        tasks = [one.why for one in reviews.reviews_of_case(uow, rma.case_id) if "books" in one.why]
    assert len(tasks) == 1
    assert "1 x credit missing in the ERP" in tasks[0]


def test_a_credit_that_is_still_on_its_way_is_no_difference(sqlite_house: House) -> None:
    """Posted, and the worker has not heard the answer yet."""
    house = sqlite_house
    credited(house)
    with house.store.begin() as uow:
        uow.session.execute(sa.text("DELETE FROM credit_memo"))
        uow.session.execute(sa.update(CommandRow).where(CommandRow.op == "credit_memo").values(state="sent"))

    assert compare(house).differences == []


def test_the_worker_compares_once_a_business_day(sqlite_house: House) -> None:
    credited(sqlite_house)

    days: list[date] = []
    world = sqlite_house.world

    first, second = (once_a_business_day(world, "reconciliation", days.append) for _ in range(2))
    pass_by(sqlite_house, days=4)
    third = once_a_business_day(world, "reconciliation", days.append)

    assert (first, second, third) == (True, False, True)
    assert len(days) == 2


def test_a_day_whose_comparison_failed_is_tried_again(sqlite_house: House) -> None:
    def fails(_day: date) -> None:
        raise ConnectorUnavailable("ERP", "no answer")

    with pytest.raises(ConnectorUnavailable):
        once_a_business_day(sqlite_house.world, "reconciliation", fails)

    assert once_a_business_day(sqlite_house.world, "reconciliation", lambda _day: None)
