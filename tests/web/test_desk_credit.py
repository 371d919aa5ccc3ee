"""The button that asks for a credit before receipt."""

from typing import Any

import pytest

from backhaul.domain.codes import Action
from backhaul.store import reviews, rmas
from tests.web.dock_goods import announced, task

BUTTON = "Credit now, before the goods are back"


@pytest.fixture
def asked_for(house: Any) -> tuple[str, str, str]:
    """A person was asked for in a case with an open return: the review, the RMA and its line."""
    rma_id = announced(house)
    house.later.started.clear()
    with house.store.read() as uow:
        (held,) = rmas.rma_lines(uow, rma_id)
    return task(house, rma_id, "Asks for the credit now."), rma_id, held.line_id


def test_a_reviewer_asks_for_it_once_and_another_person_is_to_approve(
    visitor: Any, house: Any, asked_for: tuple[str, str, str]
) -> None:
    review, rma_id, line_id = asked_for
    visitor.is_staff("reviewer")
    assert BUTTON in visitor.opens(f"/desk/{review}").text

    for _ in range(2):
        page = visitor.sends(f"/desk/{review}/credit-early", line_id=line_id)

    assert page.url.path == f"/desk/{review}"
    assert BUTTON not in page.text
    assert "Asked for. In a moment somebody else finds it on the desk." in page.text
    (first, second) = house.later.started
    assert first == second
    assert first[:2] == ("credit-early", f"credit-early-{rma_id}-{line_id}-0")
    assert first[2][:2] == [rma_id, line_id]


def test_while_somebody_decides_it_cannot_be_asked_again_and_not_approved_by_the_same_person(
    visitor: Any, house: Any, asked_for: tuple[str, str, str]
) -> None:
    review, rma_id, line_id = asked_for
    visitor.is_staff("reviewer")
    visitor.opens(f"/desk/{review}")
    visitor.sends(f"/desk/{review}/credit-early", line_id=line_id)
    ((_, _, (_, _, staff_id)),) = house.later.started
    house.later.started.clear()
    waiting = waits_for_approval(house, rma_id, staff_id)

    page = visitor.opens(f"/desk/{review}")
    visitor.sends(f"/desk/{review}/credit-early", line_id=line_id)

    assert BUTTON not in page.text
    assert "Somebody else has to approve it." in page.text
    assert house.later.started == []
    assert "You asked for this yourself." in visitor.opens(f"/desk/{waiting}").text


def test_a_line_of_another_case_is_not_found(
    visitor: Any, house: Any, asked_for: tuple[str, str, str]
) -> None:
    other = house.review()
    house.later.started.clear()
    visitor.is_staff("reviewer")
    assert BUTTON not in visitor.opens(f"/desk/{other}").text

    page = visitor.sends(f"/desk/{other}/credit-early", line_id=asked_for[2])

    assert page.status_code == 404
    assert house.later.started == []


def waits_for_approval(house: Any, rma_id: str, staff_id: str) -> str:
    """The worker was asked, and the policy wants a person."""
    with house.store.read() as uow:
        (held,) = rmas.rma_lines(uow, rma_id)
    waits = task(
        house,
        rma_id,
        "Before receipt.",
        proposal_id=held.proposal_id,
        action=Action.CREDIT_MEMO,
        subject=rma_id,
    )
    with house.store.begin() as uow:
        reviews.review(uow, waits).asked_by = staff_id
    return waits
