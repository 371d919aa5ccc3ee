"""What lies at the dock, on the case page of whoever decides about it."""

from datetime import timedelta
from typing import Any

from backhaul.domain.receiving import Grade
from backhaul.store import cases, reviews, rmas
from tests.web.dock_goods import announced, inspected


def task(house: Any, rma_id: str) -> str:
    """A person is to look at a return."""
    with house.store.begin() as uow:
        case = cases.case(uow, rmas.rma(uow, rma_id).case_id)
        row = reviews.open_review(
            uow,
            house.doors.desk.ids,
            case_id=case.id,
            thread_id=case.thread_id,
            why="Look at the receipt and decide.",
            due_at=uow.clock.now() + timedelta(days=1),
        )
        return str(row.id)


def test_a_case_leads_to_its_goods_and_says_what_was_found(visitor: Any, house: Any) -> None:
    rma_id = announced(house)
    receipt_id, _ = inspected(house, rma_id, grade=Grade.B)
    review = task(house, rma_id)
    visitor.is_staff("reviewer")

    page = visitor.opens(f"/desk/{review}").text

    assert f'href="/dock/receipt/{receipt_id}"' in page
    assert "2 inspected: grade B, as the customer says" in page


def test_a_case_without_goods_says_nothing_of_the_dock(visitor: Any, house: Any) -> None:
    review = task(house, announced(house))
    visitor.is_staff("reviewer")

    assert "At the dock" not in visitor.opens(f"/desk/{review}").text
