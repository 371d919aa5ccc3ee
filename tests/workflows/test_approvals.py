"""What an approval is good for: one command, by somebody else, until somebody says no."""

from typing import Any

import pytest

from backhaul.domain.codes import Reason, Resolution
from backhaul.store import cases, reviews, rmas, staff
from backhaul.store.conversation import Speaker
from backhaul.store.tables import ReviewRow, VerdictRow
from tests.house import House

pytestmark = pytest.mark.bypass

ARNE, RITA = "arne.approver@halden.example", "rita.reviewer@halden.example"


def drives(house: House, requested_by: str = "contact:C-1001-1") -> tuple[str, str]:
    """Nine thousand dollars of drives that wait for a person: proposal and review."""
    sent = house.propose(
        "SO-15093",
        1,
        2,
        Reason.NO_LONGER_NEEDED,
        words="the project is cancelled, we no longer need the two drives",
        serials=("KX4-50-118803", "KX4-50-118804"),
        speaker=Speaker("A-1001", "Harbor Mechanical", requested_by),
    )
    with house.store.read() as uow:
        (proposal,) = cases.proposals(uow, consent_id=sent.consent_id)
        review = reviews.review_of_proposal(uow, proposal.id)
    assert review is not None
    return proposal.id, review.id


def exchange(house: House) -> tuple[str, str]:
    """An RMA whose replacement waits for a person: RMA and review of the replacement."""
    words = "two of the contactors are the wrong size for our rail, please exchange them"
    sent = house.propose("SO-15122", 1, 2, Reason.WRONG_SIZE, words=words, resolution=Resolution.REPLACEMENT)
    with house.store.read() as uow:
        (rma,) = rmas.rmas_of_case(uow, sent.case_id)
        (review,) = [row for row in reviews.reviews_of_case(uow, sent.case_id) if row.action == "replacement"]
    return rma.id, review.id


def decide(house: House, review_id: str, who: str, *, yes: bool = True, resume: bool = True) -> ReviewRow:
    """What the desk does: say yes to the newest command or no, and let the worker act on it."""
    with house.store.begin() as uow:
        person = staff.staff_by_email(uow, who)
        assert person is not None
        row = reviews.at_version(uow, review_id, reviews.review(uow, review_id).version, event="decision")
        verdict = reviews.newest_verdict(uow, row)
        assert verdict is not None
        if yes:
            command = verdict.command_digest
            reviews.approve(uow, house.desk.ids, row, user_id=person.id, command_digest=command, note="")
        else:
            reviews.reject(uow, row, user_id=person.id, note="the seals are broken")
        if resume:
            name = f"resume-{review_id}-{row.version}"
            house.engine.start(uow, workflow="resume-review", workflow_id=name, args=[review_id])
    return looked_at(house, review_id)


def looked_at(house: House, review_id: str) -> ReviewRow:
    with house.store.read() as uow:
        return reviews.review(uow, review_id)


def newest_verdict(house: House, review_id: str) -> VerdictRow:
    with house.store.read() as uow:
        found = reviews.newest_verdict(uow, reviews.review(uow, review_id))
    assert found is not None
    return found


def failed_rules(verdict: VerdictRow) -> list[Any]:
    return [one["rule"] for one in verdict.decision["results"] if one["status"] == "failed"]


def test_an_operator_who_asked_for_a_customer_cannot_approve_it_under_the_staff_account(
    sqlite_house: House,
) -> None:
    _, review_id = drives(sqlite_house, requested_by="cli:arne.approver for A-1001")

    decide(sqlite_house, review_id, ARNE)

    assert "SEG-DUTIES" in failed_rules(newest_verdict(sqlite_house, review_id))
    with sqlite_house.store.read() as uow:
        assert rmas.live_rmas_on_line(uow, "SO-15093", 1) == []


def test_a_rejected_replacement_stays_rejected_whoever_approved_it_before(sqlite_house: House) -> None:
    rma_id, review_id = exchange(sqlite_house)
    decide(sqlite_house, review_id, ARNE, resume=False)
    decide(sqlite_house, review_id, RITA, yes=False, resume=False)

    with sqlite_house.store.begin() as uow:
        line = rmas.rma_lines(uow, rma_id)[0].line_id
        go = {"kind": "effect_reviewed", "action": "replacement", "line_id": line, "go": True}
        sqlite_house.engine.send(
            uow, workflow_id=f"return-{rma_id}", topic="return", message=go, key="forged"
        )

    assert "REVIEW-REJECTED" in failed_rules(newest_verdict(sqlite_house, review_id))
    with sqlite_house.store.read() as uow:
        assert rmas.replacements(uow, rma_id) == []
