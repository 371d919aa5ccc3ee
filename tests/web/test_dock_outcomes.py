"""What the dock found goes back to the desk of whoever had decided."""

from typing import Any

import pytest

from backhaul.store import dock, rmas
from backhaul.store import staff as people
from backhaul.store.dock_tables import OutcomeRow
from tests.web.conftest import STAFF
from tests.web.dock_goods import announced, inspected


@pytest.fixture
def rita(visitor: Any) -> Any:
    visitor.is_staff("reviewer")
    return visitor


@pytest.fixture
def outcome(house: Any) -> str:
    """Rita let it in as no longer needed; the dock found it defective."""
    rma = announced(house)
    _, inspection = inspected(house, rma)
    with house.store.begin() as uow:
        line = rmas.rma_lines(uow, rma)[0]
        uow.session.add(
            OutcomeRow(
                id="OC-1",
                case_id=rmas.rma(uow, rma).case_id,
                proposal_id=line.proposal_id,
                review_id=None,
                decided_by=user_id(uow, "reviewer"),
                inspection_id=inspection,
                reason_said="no_longer_needed",
                reason_found="defective",
                finding="differs",
                grade="D",
                created_at=uow.clock.now(),
                seen_at=None,
            )
        )
    return "OC-1"


def user_id(uow: Any, role: str) -> str:
    found = people.staff_by_email(uow, STAFF[role][0])
    assert found is not None
    return found.id


def unseen(house: Any) -> int:
    with house.store.read() as uow:
        return len(dock.outcomes_for(uow, user_id(uow, "reviewer")))


@pytest.mark.usefixtures("outcome")
def test_whoever_decided_sees_what_was_found(rita: Any) -> None:
    page = rita.opens("/desk").text

    assert "What the dock found of your decisions" in page
    assert "approved as no longer needed, found defective, grade D" in page


@pytest.mark.usefixtures("outcome")
def test_nobody_else_sees_it(another: Any) -> None:
    another.is_staff("approver")

    assert "What the dock found" not in another.opens("/desk").text


def test_what_was_seen_is_shown_no_more_and_a_second_click_changes_nothing(
    rita: Any, house: Any, outcome: str
) -> None:
    rita.opens("/desk")

    for _ in range(2):
        assert rita.sends(f"/desk/outcomes/{outcome}/seen").url.path == "/desk"

    assert unseen(house) == 0
    assert "What the dock found" not in rita.opens("/desk").text


def test_somebody_elses_outcome_cannot_be_put_away(another: Any, house: Any, outcome: str) -> None:
    another.is_staff("approver")
    another.opens("/desk")

    assert another.sends(f"/desk/outcomes/{outcome}/seen").status_code == 404
    assert unseen(house) == 1
