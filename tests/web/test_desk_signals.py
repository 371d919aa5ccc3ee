"""Reviewers read the signals of a case in words with their figures; the customer never sees them."""

from typing import Any

import pytest

from backhaul.store import reviews
from backhaul.store.signal_tables import FraudScoreRow
from backhaul.workflows import facility_advice


@pytest.fixture
def rita(visitor: Any) -> Any:
    visitor.is_staff("reviewer")
    return visitor


def test_the_case_page_shows_score_ceiling_buildings_and_the_place_in_the_queue(
    rita: Any, house: Any
) -> None:
    review = house.review()
    facility_advice.advise_all(house.worker)

    page = rita.opens(f"/desk/{review}").text

    assert '<h2 id="signals">Signals</h2>' in page
    assert "fraud score, ceiling" in page
    assert "It only sends to a person, it never denies." in page
    assert "Nothing speaks for fraud." in page
    assert "Unknown: How often accounts of this tier return is not known yet" in page
    assert "Halden Columbus" in page
    assert "Advice; the policy routes." in page
    assert "chance of a no times $9,000.00 at stake" in page


def test_findings_are_told_with_points_and_what_they_were_compared_with(rita: Any, house: Any) -> None:
    review = house.review()
    with house.store.begin() as uow:
        row = reviews.review(uow, review)
        score = uow.session.get(FraudScoreRow, reviews.newest_verdict(uow, row).id)
        score.score_permille = 990
        score.findings = [
            {"code": "X", "points": 990, "sentence": "Serial <S1> came before.", "against": "every serial"}
        ]

    page = rita.opens(f"/desk/{review}").text

    assert "above it, so a person looks" in page
    assert "Serial &lt;S1&gt; came before." in page
    assert "compared with every serial" in page


def test_the_queue_says_in_short_what_a_look_is_worth(rita: Any, house: Any) -> None:
    house.review()

    assert "worth about $1,8" in rita.opens("/desk").text
