"""Goods that no return claims leave again: held, unannounced or too many, on the word of two people."""

from typing import Any

import pytest

from backhaul.domain.codes import QualityStatus
from backhaul.domain.receiving import Disposition, Grade, ReceiptKind
from backhaul.store import dock, ledger, reviews, staff
from backhaul.store.audit import faults
from backhaul.store.dock_tables import ReceiptRow
from backhaul.store.leaks import leaks
from backhaul.workflows.attest import attest_confirmed
from backhaul.workflows.sweep import tick
from tests.dock import counts, line_of, receipt, settles, staff_id
from tests.house import House
from tests.stories.test_closed_loop import PARTIAL, comes_back, state, stock, told
from tests.workflows.test_approvals import RITA
from tests.workflows.test_closing import days_pass

DORA = "dora.dock@halden.example"
WITH = "FedEx 7712 9931"


def sends_back(
    house: House, goods: ReceiptRow, by: str = RITA, attempt: int = 1, how: str = WITH
) -> ReceiptRow:
    with house.store.begin() as uow:
        args = [goods.id, staff_id(house, by), how]
        house.engine.start(
            uow, workflow="send-back", workflow_id=f"send-back-{goods.id}-{attempt}", args=args
        )
    return receipt(house, goods.id)


def everything(house: House) -> list[Any]:
    with house.store.read() as uow:
        return leaks(uow)


def test_another_article_goes_back_to_the_customer_and_nothing_is_left_open(house: House) -> None:
    rma = comes_back(house, 2)
    before = stock(house, "VBT-BX54", QualityStatus.QUARANTINE, rma.facility_id)
    held = counts(house, rma, 2, kind=ReceiptKind.WRONG_ITEM, sku="VBT-BX54")
    assert stock(house, "VBT-BX54", QualityStatus.QUARANTINE, rma.facility_id) == before + 2

    gone = sends_back(house, held)

    assert (gone.state, gone.why) == ("sent_back", WITH)
    assert stock(house, "VBT-BX54", QualityStatus.QUARANTINE, rma.facility_id) == before
    assert [(one["quantity"], one["how"]) for one in told(house, rma, "goods_sent_back")] == [(2, WITH)]
    assert state(house, rma) == "labelled", "the right goods may still come"
    with house.store.read() as uow:
        of_case = [(one.state, one.note) for one in reviews.reviews_of_case(uow, rma.case_id)]
    assert of_case == [("rejected", f"sent back: {WITH}")], "nobody need look at it any more"
    attest_confirmed(house.world)
    with house.store.read() as uow:
        assert faults(uow, rma.case_id) == []
    assert [one for one in everything(house) if not one.under_way] == []

    settles(house, counts(house, rma, 2), Disposition.SCRAP, grade=Grade.D)
    assert state(house, rma) == "closed"
    days_pass(house, 60)
    tick(house.world)
    assert everything(house) == []


def test_what_came_without_papers_or_beyond_the_rma_leaks_until_it_is_sent_back(sqlite_house: House) -> None:
    house, rma = sqlite_house, comes_back(sqlite_house, 2)
    came = counts(house, rma, 5)
    settles(house, came, Disposition.SCRAP, grade=Grade.D)
    with house.store.read() as uow:
        (surplus,) = dock.parts_of(uow, came.id)
    stray = counts(house, None, 1, kind=ReceiptKind.UNANNOUNCED, sku="", described="a blue pump")
    days_pass(house, 60)
    assert {one.about for one in everything(house)} == {surplus.id, stray.id}

    assert sends_back(house, surplus).state == "sent_back"
    assert sends_back(house, stray).state == "sent_back"

    assert everything(house) == []
    assert stock(house, PARTIAL.sku, QualityStatus.SCRAP, rma.facility_id) == 2


@pytest.mark.parametrize(
    ("by", "why"), [(DORA, "the desk decides that"), ("nobody", "the desk decides that")]
)
def test_it_takes_somebody_of_the_desk(sqlite_house: House, by: str, why: str) -> None:
    stray = counts(sqlite_house, None, 1, kind=ReceiptKind.UNANNOUNCED, sku=PARTIAL.sku)
    who = by if by == "nobody" else staff_id(sqlite_house, by)

    with sqlite_house.store.begin() as uow:
        sqlite_house.engine.start(uow, workflow="send-back", workflow_id="sb", args=[stray.id, who, WITH])

    kept = receipt(sqlite_house, stray.id)
    assert (kept.state, kept.why, kept.version) == (
        "unmatched",
        f"came without papers; not sent back: {why}",
        stray.version + 1,
    )
    assert stock(sqlite_house, PARTIAL.sku, QualityStatus.QUARANTINE, "CMH1") >= 1


def test_who_counted_goods_does_not_send_them_off(sqlite_house: House) -> None:
    stray = counts(sqlite_house, None, 1, kind=ReceiptKind.UNANNOUNCED, sku=PARTIAL.sku)
    with sqlite_house.store.begin() as uow:
        dora = staff.staff_by_email(uow, DORA)
        assert dora is not None
        dora.roles = [*dora.roles, "reviewer"]

    kept = sends_back(sqlite_house, stray, by=DORA)

    assert (kept.state, kept.why) == (
        "unmatched",
        "came without papers; not sent back: who counted goods does not send them off",
    )


def test_goods_leave_once_and_never_when_a_return_claims_them(sqlite_house: House) -> None:
    house, rma = sqlite_house, comes_back(sqlite_house, 2)
    stray = counts(house, None, 2, kind=ReceiptKind.UNANNOUNCED, sku=PARTIAL.sku, facility_id=rma.facility_id)
    before = stock(house, PARTIAL.sku, QualityStatus.QUARANTINE, rma.facility_id)

    for attempt in (1, 2):
        assert sends_back(house, stray, attempt=attempt).state == "sent_back"
    assert stock(house, PARTIAL.sku, QualityStatus.QUARANTINE, rma.facility_id) == before - 2

    with house.store.begin() as uow:
        args = [stray.id, line_of(house, rma).id, staff_id(house)]
        house.engine.start(uow, workflow="match-receipt", workflow_id=f"match-{stray.id}", args=args)
    assert receipt(house, stray.id).state == "sent_back"
    with house.store.read() as uow:
        assert ledger.on_rma_line(uow, line_of(house, rma).id)[ledger.RECEIVED] == 0

    right = counts(house, rma, 2)
    assert sends_back(house, right).state == "booked"
    assert stock(house, PARTIAL.sku, QualityStatus.QUARANTINE, rma.facility_id) == before


def test_a_forged_start_sends_nothing(sqlite_house: House) -> None:
    with sqlite_house.store.begin() as uow:
        args = ["RE-NOSUCH", staff_id(sqlite_house, RITA), WITH]
        sqlite_house.engine.start(uow, workflow="send-back", workflow_id="sb", args=args)

    assert everything(sqlite_house) == []
