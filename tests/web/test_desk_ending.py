"""The panel that ends a return whose goods will not come."""

from typing import Any

import pytest

from backhaul.domain.codes import Action
from backhaul.domain.receiving import ReceiptState
from backhaul.store import dock, reviews, rmas
from tests.web.dock_goods import announced, received, task

BUTTON = "End the return without them"
WHY = "The carrier lost it."


@pytest.fixture
def looked_at(house: Any) -> tuple[str, str]:
    """A task in a case with an open return: the review and the RMA."""
    rma_id = announced(house)
    house.later.started.clear()
    return task(house, rma_id), rma_id


def ends(visitor: Any, review: str, rma_id: str, why: str = WHY) -> Any:
    return visitor.sends(f"/desk/{review}/end-return", rma_id=rma_id, why=why)


def test_what_is_missing_is_named_and_a_second_click_is_the_first(
    visitor: Any, house: Any, looked_at: tuple[str, str]
) -> None:
    review, rma_id = looked_at
    visitor.is_staff("reviewer")
    page = visitor.opens(f"/desk/{review}").text
    with house.store.read() as uow:
        sku = rmas.rma_lines(uow, rma_id)[0].sku
    assert BUTTON in page
    assert f"still awaits 2 \N{MULTIPLICATION SIGN} {sku}." in page

    for _ in range(2):
        page = ends(visitor, review, rma_id)

    assert page.url.path == f"/desk/{review}"
    assert BUTTON not in page.text
    assert "Asked for. It ends in a moment" in page.text
    (first, second) = house.later.started
    assert first == second
    assert (first[0], first[2][0], first[2][2]) == ("end-return", rma_id, WHY)


def test_it_needs_a_reason(visitor: Any, house: Any, looked_at: tuple[str, str]) -> None:
    visitor.is_staff("reviewer")

    page = ends(visitor, *looked_at, why="  ")

    assert page.status_code == 422
    assert "Say why its goods do not come" in page.text
    assert house.later.started == []


def test_while_goods_of_it_are_held_the_panel_says_what_to_do_first(
    visitor: Any, house: Any, looked_at: tuple[str, str]
) -> None:
    review, rma_id = looked_at
    held = received(house, rma_id, 1)
    with house.store.begin() as uow:
        dock.receipt(uow, held).state = ReceiptState.HELD.value
    visitor.is_staff("reviewer")

    page = visitor.opens(f"/desk/{review}").text

    assert BUTTON not in page
    assert f"{held} is held: match it or have it sent back first." in page
    assert ends(visitor, review, rma_id).status_code == 422
    assert house.later.started == []


def test_while_another_person_decides_it_is_not_asked_again(
    visitor: Any, house: Any, looked_at: tuple[str, str]
) -> None:
    review, rma_id = looked_at
    with house.store.read() as uow:
        proposal_id = rmas.rma_lines(uow, rma_id)[0].proposal_id
    waits = task(house, rma_id, "Credited.", proposal_id=proposal_id, action=Action.CANCEL_RMA)
    with house.store.begin() as uow:
        reviews.review(uow, waits).asked_by = "SF-1"
        rmas.rma(uow, rma_id).end_why = WHY
    visitor.is_staff("reviewer")

    page = visitor.opens(f"/desk/{review}").text
    ends(visitor, review, rma_id)

    assert BUTTON not in page
    assert f"asks to end it: “{WHY}”" in page
    assert house.later.started == []


def test_a_cancellation_that_waits_is_decided_first_and_a_click_after_it_is_a_new_one(
    visitor: Any, house: Any, looked_at: tuple[str, str]
) -> None:
    review, rma_id = looked_at
    visitor.is_staff("reviewer")
    ends(visitor, review, rma_id)
    with house.store.read() as uow:
        proposal_id = rmas.rma_lines(uow, rma_id)[0].proposal_id
    waits = task(house, rma_id, "Replaced.", proposal_id=proposal_id, action=Action.CANCEL_RMA)

    page = visitor.opens(f"/desk/{review}").text
    assert BUTTON not in page
    assert "Its cancellation waits for a decision." in page
    ends(visitor, review, rma_id)
    assert len(house.later.started) == 1

    with house.store.begin() as uow:
        reviews.reject(uow, reviews.review(uow, waits), user_id="SF-1", note="The goods are on their way.")
    ends(visitor, review, rma_id)

    (first, second) = house.later.started
    assert first[1] != second[1]


def test_a_return_of_another_case_and_one_that_has_its_goods_are_not_found(
    visitor: Any, house: Any, looked_at: tuple[str, str]
) -> None:
    review, rma_id = looked_at
    visitor.is_staff("reviewer")
    assert "a second person approves" not in visitor.opens(f"/desk/{review}").text
    received(house, rma_id, 1)
    assert "A part has come, so a second person approves." in visitor.opens(f"/desk/{review}").text
    other = house.review()
    assert ends(visitor, other, rma_id).status_code == 404

    received(house, rma_id, 1)

    assert BUTTON not in visitor.opens(f"/desk/{review}").text
    assert ends(visitor, review, rma_id).status_code == 404


def test_the_dock_may_not_end_returns(visitor: Any, house: Any, looked_at: tuple[str, str]) -> None:
    visitor.is_staff("dock")

    assert ends(visitor, *looked_at).status_code == 403
    assert house.later.started == []
