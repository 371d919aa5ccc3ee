from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from backhaul.domain.cases import Review, Rma, RmaLine
from backhaul.domain.codes import Action
from backhaul.domain.money import Money
from backhaul.domain.receiving import ParcelStatus
from backhaul.domain.returns import ReviewState, RmaState

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ISSUED = Rma(
    rma_id="RMA-1",
    case_id="RC-1",
    account_id="A-1",
    facility_id="F-1",
    erp_number="RMA-70001",
    return_by=date(2026, 4, 1),
    lines=(
        RmaLine("RL-1", "PM-1", "SO-1", 1, "BRG-6205", 3),
        RmaLine("RL-2", "PM-2", "SO-1", 2, "PRX-12", 1),
    ),
)
WAITING = Review(
    review_id="RV-1",
    case_id="RC-1",
    proposal_id="PR-1",
    action=Action.CREATE_RMA,
    state=ReviewState.OPEN,
    why="above the limit",
    value=Money(900_000),
    due_at=NOON,
)


def test_an_rma_is_closed_when_every_piece_of_all_its_lines_that_came_is_settled() -> None:
    delivered = replace(ISSUED, parcel=ParcelStatus.DELIVERED, received=4)

    assert (ISSUED.quantity, ISSUED.state) == (4, RmaState.ISSUED)
    assert replace(delivered, settled=3).state is RmaState.RECEIVED
    assert replace(delivered, settled=4).state is RmaState.CLOSED


def test_an_rma_that_was_cancelled_says_so_whatever_number_it_has() -> None:
    assert replace(ISSUED, cancelled_at=NOON).state is RmaState.CANCELLED


@pytest.mark.parametrize(
    ("state", "late"),
    [(ReviewState.OPEN, True), (ReviewState.WAITING_FOR_CUSTOMER, False), (ReviewState.APPROVED, False)],
)
def test_only_what_waits_for_us_can_be_late(state: ReviewState, late: bool) -> None:
    review = replace(WAITING, state=state)

    assert review.is_late(NOON + timedelta(minutes=1)) is late
    assert not review.is_late(NOON)
