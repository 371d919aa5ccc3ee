import pytest

from backhaul.domain.codes import Reason, Resolution
from backhaul.domain.errors import NotFound
from backhaul.store.conversation import Speaker
from tests.house import SPEAKER, House
from tools import eligibility, reads
from tools.toolbelt import for_model
from tools.writes import create_label

SCOPED = Speaker("A-1001", "Packing slip", "contact:C-1001-1", order_scope="SO-15086")


@pytest.mark.parametrize("reference", ["SO-15086", "HM-7702", "BRG-6205-2RS"], ids=["order", "PO", "part"])
def test_an_order_is_found_by_what_is_printed_on_the_papers(sqlite_house: House, reference: str) -> None:
    found = reads.find_orders(sqlite_house.desk, SPEAKER, reference)

    assert "SO-15086" in {order.order for order in found}


def test_an_order_of_another_account_does_not_exist(sqlite_house: House) -> None:
    assert reads.find_orders(sqlite_house.desk, SPEAKER, "SO-15100") == ()
    with pytest.raises(NotFound, match="no order SO-15100"):
        reads.order_lines(sqlite_house.desk, SPEAKER, "SO-15100")
    with pytest.raises(NotFound, match="no order SO-99999"):
        reads.order_lines(sqlite_house.desk, SPEAKER, "SO-99999")


def test_who_proved_one_order_finds_no_other(sqlite_house: House) -> None:
    assert [order.order for order in reads.find_orders(sqlite_house.desk, SCOPED)] == ["SO-15086"]
    assert reads.find_orders(sqlite_house.desk, SCOPED, "SO-15122") == ()
    with pytest.raises(NotFound):
        reads.order_lines(sqlite_house.desk, SCOPED, "SO-15122")


def test_a_line_says_what_can_still_come_back_and_which_rma_it_is_on(sqlite_house: House) -> None:
    tom = Speaker("A-1002", "Tom Day", "contact:C-1002-1")

    (lights,) = reads.order_lines(sqlite_house.desk, tom, "SO-14915")

    assert (lights.shipped, lights.returnable) == (4, 0)
    assert lights.already_rma.startswith("RMA-")


def test_eligibility_names_clause_window_and_what_would_change_it(sqlite_house: House) -> None:
    late = eligibility.check_eligibility(
        sqlite_house.desk, SPEAKER, "SO-14174", 1, 1, Reason.NO_LONGER_NEEDED, Resolution.CREDIT
    )

    assert late.outcome == "deny"
    assert late.clauses == ("RET-4.1",)
    assert late.window_days == 60
    assert "60 days after delivery" in late.would_change


def test_status_shows_the_return_to_its_account_only(sqlite_house: House) -> None:
    sqlite_house.propose("SO-15086", 1, 4, Reason.NO_LONGER_NEEDED, words="4 bearings are no longer needed")

    (mine,) = reads.return_status(sqlite_house.desk, SPEAKER, "SO-15086")

    assert mine.state == "labelled"
    assert mine.tracking_number
    assert reads.return_status(sqlite_house.desk, Speaker("A-1002", "Tom", "contact:C-1002-1")) == ()


def test_a_verb_that_writes_is_never_handed_to_a_model(sqlite_house: House) -> None:
    with pytest.raises(ValueError, match="create_label"):
        for_model(sqlite_house.desk, SPEAKER, (create_label,))


def test_a_tool_tells_the_model_of_a_missing_order_instead_of_failing(sqlite_house: House) -> None:
    tool = next(one for one in for_model(sqlite_house.desk, SPEAKER) if one.name == "order_lines")

    assert "not_found" in tool.invoke({"order": "SO-15100"})
    assert "BRG-6205-2RS" in tool.invoke({"order": "SO-15086"})
