from collections.abc import Iterator

import pytest

from backhaul.bootstrap.doors import WebSide, build_web_side
from backhaul.cli import deciding
from backhaul.domain.codes import Reason
from backhaul.store import reviews
from tests.house import House
from tests.workflows.test_approvals import ARNE, exchange, resume


@pytest.fixture
def side(sqlite_house: House) -> Iterator[WebSide]:
    """The terminal's web side on a house where no worker runs."""
    built = build_web_side(sqlite_house.settings)
    yield built
    built.close()


def test_a_decision_that_no_worker_has_carried_out_yet_is_said_to_be_kept(
    sqlite_house: House, side: WebSide
) -> None:
    asked = sqlite_house.propose(
        "SO-15093",
        1,
        2,
        Reason.NO_LONGER_NEEDED,
        words="The project was cancelled, we no longer need the two drives.",
        serials=("KX4-50-118803", "KX4-50-118804"),
    )
    with sqlite_house.store.read() as uow:
        (review,) = reviews.reviews_of_case(uow, asked.case_id)
    doors = deciding.desk_doors(side)
    case = deciding.take_up(doors, review.id, act="approve", email=None, password=None)
    deciding.decide(doors, case, act="approve", note="")

    said = deciding.what_followed(side, case, act="approve", patience_seconds=0.3)

    assert "Your decision is kept" in said
    assert review.id not in said


def test_what_became_of_an_approved_replacement_is_told_at_the_terminal(
    sqlite_house: House, side: WebSide
) -> None:
    _, review_id = exchange(sqlite_house)
    doors = deciding.desk_doors(side)
    case = deciding.take_up(doors, review_id, act="approve", email=ARNE, password=None)
    deciding.decide(doors, case, act="approve", note="")
    resume(sqlite_house, review_id)

    said = deciding.what_followed(side, case, act="approve", patience_seconds=0.3)

    assert f"{review_id} is approved." in said
    assert "Your replacement, 2 " in said
