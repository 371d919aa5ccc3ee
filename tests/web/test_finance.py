"""The finance page over a whole house: every table with its CSV, and who may credit in words."""

import csv
import io
from typing import Any

import pytest

from backhaul.domain.clock import today
from backhaul.domain.codes import Action, Reason
from backhaul.domain.receiving import Disposition
from backhaul.store import cases, reviews, staff
from backhaul.workflows.reconcile import reconcile
from tests.dock import counts, settles
from tests.house import House
from tests.web.test_stuck import DOCK, FINANCE, come
from tests.workflows.test_closing import a_return
from tests.workflows.test_reconcile import in_the_erp
from web.finance_tables import TABLES, Cell, Table, as_csv

__all__ = ["come"]
ARNE = "arne.approver@halden.example"


@pytest.fixture
def credited(sqlite_house: House) -> House:
    rma = a_return(sqlite_house, quantity=2)
    assert settles(sqlite_house, counts(sqlite_house, rma, 2), Disposition.RESTOCK).settled_at
    return sqlite_house


def rows_of(page: Any) -> list[dict[str, str]]:
    assert page.headers["content-type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(page.text)))


def test_credits_show_where_each_share_went_and_add_up(credited: House, come: Any) -> None:
    finance = come(FINANCE)
    (memo,) = credited.world.erp.credit_memos("SO-15086")

    page = finance.opens("/finance")
    (row,) = rows_of(finance.client.get("/finance/credits.csv"))
    (total,) = rows_of(finance.client.get("/finance/totals.csv"))

    assert memo.number in page.text
    assert (row["Credit"], row["Goods"], row["Tax"]) == (memo.number, str(memo.goods), str(memo.tax))
    assert row["Credited"] == total["Credited"] == str(memo.amount)
    for share in memo.shares:
        assert f"{share.goes_to.value.replace('_', ' ')}" in row["Went to"]
        assert str(share.amount) in row["Went to"]


def test_reconciliation_of_the_day_shows_each_difference_with_its_case(credited: House, come: Any) -> None:
    in_the_erp(credited, "DELETE FROM credit_memo WHERE order_number = 'SO-15086'")
    reconcile(credited.store, credited.world.erp, credited.world.ids, today(credited.store.clock))

    (row,) = rows_of(come(FINANCE).client.get("/finance/reconciliation.csv"))

    assert (row["What"], row["Theirs"]) == ("Credit missing in the ERP", "nothing")
    assert row["Case"].startswith("RC-")


def test_open_deductions_say_what_is_possible(credited: House, come: Any) -> None:
    rows = rows_of(come(FINANCE).client.get("/finance/deductions.csv"))

    open_ones = [
        one
        for account in credited.world.erp.accounts()
        for one in credited.world.erp.deductions(account.account_id)
    ]
    assert {row["Deduction"] for row in rows} == {one.deduction_id for one in open_ones}
    assert rows
    assert all(row["What it matches"].endswith(".") for row in rows)


def test_who_authorised_reads_why_the_credit_is_not_theirs(sqlite_house: House, come: Any) -> None:
    house = sqlite_house
    let_in = house.propose("SO-15086", 1, 1, Reason.NO_LONGER_NEEDED, words="no longer needed, 1 of them")
    with house.store.begin() as uow:
        person = staff.staff_by_email(uow, ARNE)
        assert person is not None
        plant_waiting_credit(uow, house, let_in.case_id, person.id)

    own = come(ARNE).opens("/finance?show=waiting")
    other = come(FINANCE).opens("/finance?show=waiting")

    assert "Not you: you let these goods in" in own.text
    assert f"{person.name} let these goods in and may not" in other.text


def plant_waiting_credit(uow: Any, house: House, case_id: str, let_in_by: str) -> None:
    """A review that let the goods in, decided, and one of their credit, open."""
    case = cases.case(uow, case_id)
    (proposal,) = cases.proposals(uow, case_id=case_id)
    told = {"case_id": case_id, "thread_id": case.thread_id, "due_at": uow.clock.now()}
    first = reviews.open_review(
        uow, house.desk.ids, why="photos", proposal_id=proposal.id, action=Action.CREATE_RMA, **told
    )
    first.state, first.decided_by = "approved", let_in_by
    reviews.open_review(
        uow, house.desk.ids, why="above the limit", proposal_id=proposal.id, action=Action.CREDIT_MEMO, **told
    )


@pytest.mark.parametrize("show", TABLES)
def test_an_empty_table_says_what_that_means(sqlite_house: House, come: Any, show: str) -> None:
    del sqlite_house
    page = come(FINANCE).opens(f"/finance?show={show}")

    assert page.status_code == 200


def test_the_dock_has_no_business_here(come: Any) -> None:
    assert come(DOCK).opens("/finance").status_code == 403


def test_a_spreadsheet_calculates_nothing_of_ours() -> None:
    table = Table(("A", "B"), [(Cell("=1+1"), Cell("-5.00 USD", is_number=True))], "")

    assert as_csv(table).splitlines()[1] == "'=1+1,-5.00 USD"
