"""What lies at the dock, on the case page of whoever decides about it."""

from typing import Any

from backhaul.domain.codes import Action
from backhaul.domain.receiving import DISPOSITION_PREFIX, Grade
from backhaul.store import reviews, rmas
from tests.web.dock_goods import announced, inspected, task
from tests.web.test_desk import decides, review_row


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


def to_exchange(house: Any, rma_id: str, action: Action = Action.REPLACEMENT) -> str:
    """What is owed for inspected goods waits for a person."""
    with house.store.read() as uow:
        proposal_id = rmas.rma_lines(uow, rma_id)[0].proposal_id
    return task(
        house,
        rma_id,
        "The inspection does not bear the reason out.",
        proposal_id=proposal_id,
        action=action,
        subject=house.doors.desk.ids.new(DISPOSITION_PREFIX),
    )


def test_in_place_of_an_exchange_a_credit_is_asked_for_with_a_note(visitor: Any, house: Any) -> None:
    review = to_exchange(house, announced(house))
    visitor.is_staff("reviewer")
    assert "Ask for a credit instead" in visitor.opens(f"/desk/{review}").text

    assert decides(visitor, review, "credit-instead").status_code == 422
    assert review_row(house, review).state == "open"
    decides(visitor, review, "credit-instead", "none are left in stock")

    row = review_row(house, review)
    assert (row.state, row.marked, row.note) == (
        "rejected",
        reviews.CREDIT_INSTEAD,
        "none are left in stock",
    )


def test_a_credit_cannot_be_asked_for_in_place_of_a_credit(visitor: Any, house: Any) -> None:
    review = to_exchange(house, announced(house), Action.CREDIT_MEMO)
    visitor.is_staff("reviewer")
    assert "Ask for a credit instead" not in visitor.opens(f"/desk/{review}").text

    decides(visitor, review, "credit-instead", "none are left in stock")

    assert review_row(house, review).state == "open"
