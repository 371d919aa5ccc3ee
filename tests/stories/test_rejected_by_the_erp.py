"""What was permitted for the customer and rejected by the ERP is still owed: no return closes on it."""

from backhaul.connectors.embedded.staged import staged_order
from backhaul.domain.codes import Reason, Resolution
from backhaul.domain.errors import ConnectorRejected
from backhaul.domain.receiving import Disposition, Grade
from backhaul.domain.stuck import StuckDeed, StuckStage
from backhaul.store import reviews, rmas
from backhaul.store.audit import faults
from tests.dock import counts, line_of, settles, staff_id
from tests.house import House
from tests.stories.test_closed_loop import comes_back, state
from tests.stories.test_sent_back import everything
from tests.workflows.test_approvals import ARNE, RITA, decide
from tests.workflows.test_stuck import asks, standing, with_fault


def test_a_return_stays_open_for_its_replacement_until_that_is_issued_anew(house: House) -> None:
    supply = staged_order("advance_replacement")
    erp = with_fault(house, "order_replacement", ConnectorRejected("ERP", "the article is blocked"))
    rma = comes_back(
        house, 1, Reason.DEFECTIVE, Resolution.REPLACEMENT, of=supply, serials=supply.serials[:1]
    )
    with house.store.read() as uow:
        of_case = reviews.reviews_of_case(uow, rma.case_id)
    for one in of_case:
        if one.action == "replacement":
            decide(house, one.id, ARNE)

    settles(house, counts(house, rma, 1, serials=supply.serials[:1]), Disposition.SCRAP, grade=Grade.D)

    assert state(house, rma) == "received"
    (stuck,) = standing(house, StuckStage.COMMAND_REJECTED)
    assert "the article is blocked" in stuck.what
    erp.fault = None
    asks(house, stuck, StuckDeed.REISSUE, why="the article is free again")
    assert state(house, rma) == "closed"
    with house.store.read() as uow:
        assert len(rmas.replacements(uow, rma.id)) == 1
        assert faults(uow, rma.case_id) == []
    assert everything(house) == []


def test_a_credit_before_receipt_that_was_rejected_goes_to_a_person_and_is_still_owed(house: House) -> None:
    sensors = staged_order("credit_before_receipt")
    rma = comes_back(house, 3, of=sensors)
    erp = with_fault(house, "post_credit_memo", ConnectorRejected("ERP", "the period is closed"))
    with house.store.begin() as uow:
        args = [rma.id, line_of(house, rma).line_id, staff_id(house, RITA)]
        house.engine.start(uow, workflow="credit-early", workflow_id="early", args=args)
    with house.store.read() as uow:
        (waits,) = [one for one in reviews.reviews_of_case(uow, rma.case_id) if one.action == "credit_memo"]
    decide(house, waits.id, ARNE)

    settles(house, counts(house, rma, 3), Disposition.SCRAP, grade=Grade.D)

    assert state(house, rma) == "received"
    with house.store.read() as uow:
        said = [one.why for one in reviews.reviews_of_case(uow, rma.case_id) if one.state == "open"]
    assert any("the period is closed" in why for why in said)
    (stuck,) = standing(house, StuckStage.COMMAND_REJECTED)
    erp.fault = None
    asks(house, stuck, StuckDeed.REISSUE, why="the books are open again")
    assert state(house, rma) == "closed"
    assert [one.quantity for one in house.world.erp.credit_memos(sensors.order_number)] == [3]
    assert everything(house) == []
