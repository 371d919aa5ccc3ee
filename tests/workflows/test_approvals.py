"""What an approval is good for: one command, by somebody else, until somebody says no."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from backhaul.bootstrap.policy_shelf import SHIPPED, read_documents
from backhaul.domain.audit import Tag
from backhaul.domain.codes import Reason, Resolution
from backhaul.store import cases, reviews, rmas, staff
from backhaul.store.audit import events, faults
from backhaul.store.conversation import Speaker
from backhaul.store.tables import ReviewRow, VerdictRow
from backhaul.workflows.decide import decide_group
from backhaul.workflows.settle_steps import send_replacement
from policies.book import PolicyBook
from tests.house import House

PRAIRIE = Speaker("A-1002", "Prairie State Conveyor", "contact:C-1002-1")
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
    words = "two of the sensors are defective, they do not switch at all, please replace them"
    sent = house.propose(
        "SO-15100", 1, 2, Reason.DEFECTIVE, words=words, resolution=Resolution.REPLACEMENT, speaker=PRAIRIE
    )
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


def resume(house: House, review_id: str, name: str = "resume") -> ReviewRow:
    """Let the worker act on what was decided before."""
    with house.store.begin() as uow:
        house.engine.start(uow, workflow="resume-review", workflow_id=name, args=[review_id])
    return looked_at(house, review_id)


MORE_LABELS = ("    values: 6\n", "    values: 7\n")
"""A change of policy that has nothing to say about drives"""
TWO_FOR_FIFTY_DOLLARS = ('    values: "5000.00"\n', '    values: "50.00"\n')
TWO_PEOPLE = ("auto_limit_usd_minor || approvals >= 1", "auto_limit_usd_minor || approvals >= 2")


def publish(house: House, folder: Path, change: tuple[str, str]) -> None:
    """Change every edition of the controls, in a folder from which the worker reads from now on."""
    folder.mkdir(exist_ok=True)
    for name, text in read_documents(SHIPPED).items():
        changed = text.replace(*change) if name.startswith("controls") else text
        assert (changed != text) == name.startswith("controls"), name
        (folder / name).write_text(changed, encoding="utf-8")
    house.shelf.folder, house.shelf.settle_seconds = folder, 0


def reprice(house: House, cents: int) -> None:
    """Somebody corrects the price of the drives in the ERP."""
    with closing(sqlite3.connect(house.settings.erp_path)) as erp, erp:
        changed = erp.execute(
            "UPDATE order_line SET unit_price_minor = ? WHERE order_number = 'SO-15093'", (cents,)
        )
        assert changed.rowcount == 1


def rmas_of(house: House, proposal_id: str) -> list[str]:
    with house.store.read() as uow:
        found = rmas.rma_of_proposal(uow, proposal_id)
    return [found.id] if found else []


def standing_approvals(house: House, proposal_id: str) -> int:
    with house.store.read() as uow:
        return len(reviews.approvals(uow, proposal_id))


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


def test_what_sends_a_cheap_replacement_to_the_desk_is_its_reason_and_no_limit(sqlite_house: House) -> None:
    """Seventy dollars of sensors stay far below the limit of five hundred: it is not named."""
    _, review_id = exchange(sqlite_house)

    why = looked_at(sqlite_house, review_id).why

    assert why == (
        "A replacement for 'defective' before the goods are back needs an approval, whatever it is worth."
    )


def test_a_rejected_replacement_stays_rejected_whoever_approved_it_before(sqlite_house: House) -> None:
    rma_id, review_id = exchange(sqlite_house)
    decide(sqlite_house, review_id, ARNE, resume=False)
    decide(sqlite_house, review_id, RITA, yes=False, resume=False)

    with sqlite_house.store.read() as uow:
        line = rmas.rma_lines(uow, rma_id)[0].line_id
    assert send_replacement(sqlite_house.world, rma_id, line)["state"] == "denied"

    assert "REVIEW-REJECTED" in failed_rules(newest_verdict(sqlite_house, review_id))
    with sqlite_house.store.read() as uow:
        assert rmas.replacements(uow, rma_id) == []


def test_an_approval_survives_a_new_policy_that_permits_the_same_command(
    sqlite_house: House, tmp_path: Path
) -> None:
    proposal_id, review_id = drives(sqlite_house)
    decide(sqlite_house, review_id, ARNE, resume=False)
    publish(sqlite_house, tmp_path / "policies", MORE_LABELS)

    row = resume(sqlite_house, review_id)

    assert (row.state, row.marked) == ("approved", None)
    assert len(rmas_of(sqlite_house, proposal_id)) == 1


def test_an_approval_dies_with_the_policy_it_was_given_under_when_the_new_one_wants_more(
    sqlite_house: House, tmp_path: Path
) -> None:
    proposal_id, review_id = drives(sqlite_house)
    decide(sqlite_house, review_id, ARNE, resume=False)
    publish(sqlite_house, tmp_path / "policies", TWO_PEOPLE)

    row = resume(sqlite_house, review_id)

    assert (row.state, row.marked) == ("open", "policy changed")
    assert standing_approvals(sqlite_house, proposal_id) == 0
    row = decide(sqlite_house, review_id, ARNE)
    assert (row.state, row.marked) == ("open", "needs another approval")
    assert standing_approvals(sqlite_house, proposal_id) == 1
    assert rmas_of(sqlite_house, proposal_id) == []
    row = decide(sqlite_house, review_id, RITA)
    assert row.state == "approved"
    assert len(rmas_of(sqlite_house, proposal_id)) == 1


def test_an_approval_dies_with_the_price_it_was_given_for(sqlite_house: House) -> None:
    proposal_id, review_id = drives(sqlite_house)
    decide(sqlite_house, review_id, ARNE, resume=False)
    reprice(sqlite_house, 470_000)

    row = resume(sqlite_house, review_id)

    assert (row.state, row.marked) == ("open", "facts changed")
    assert standing_approvals(sqlite_house, proposal_id) == 0
    assert rmas_of(sqlite_house, proposal_id) == []


def test_what_would_now_go_through_by_itself_is_still_not_what_was_approved(sqlite_house: House) -> None:
    proposal_id, review_id = drives(sqlite_house)
    decide(sqlite_house, review_id, ARNE, resume=False)
    reprice(sqlite_house, 100)

    row = resume(sqlite_house, review_id)

    assert (row.state, row.marked) == ("open", "facts changed")
    assert rmas_of(sqlite_house, proposal_id) == []


def test_a_review_says_when_both_policy_and_facts_have_changed(sqlite_house: House, tmp_path: Path) -> None:
    _, review_id = drives(sqlite_house)
    decide(sqlite_house, review_id, ARNE, resume=False)
    publish(sqlite_house, tmp_path / "policies", MORE_LABELS)
    reprice(sqlite_house, 470_000)

    assert resume(sqlite_house, review_id).marked == "policy and facts changed"


def test_a_replacement_comes_back_when_the_policy_changed_under_its_approval(
    sqlite_house: House, tmp_path: Path
) -> None:
    rma_id, review_id = exchange(sqlite_house)
    decide(sqlite_house, review_id, ARNE, resume=False)
    publish(sqlite_house, tmp_path / "policies", TWO_FOR_FIFTY_DOLLARS)

    row = resume(sqlite_house, review_id)

    assert (row.state, row.marked) == ("open", "policy changed")
    with sqlite_house.store.read() as uow:
        assert rmas.replacements(uow, rma_id) == []


@dataclass
class ChangesInBetween:
    """The policy in force is replaced right after somebody was judged under it."""

    books: list[PolicyBook]
    asked: int = 0

    def __call__(self) -> PolicyBook:
        self.asked += 1
        return self.books[0] if self.asked == 1 else self.books[1]


def test_a_permit_of_the_policy_before_is_refused_and_the_return_decided_anew(
    house: House, tmp_path: Path
) -> None:
    before = house.shelf.current()
    publish(house, tmp_path / "policies", MORE_LABELS)
    now = house.shelf.current()
    guard = replace(house.world.guard, book=ChangesInBetween([before, now]))
    house.engine.world = replace(house.world, guard=guard)

    sent = house.propose("SO-15086", 1, 4, Reason.NO_LONGER_NEEDED, words="no longer needed, four of them")

    with house.store.read() as uow:
        (proposal,) = cases.proposals(uow, consent_id=sent.consent_id)
        (verdict,) = [row for row in cases.verdicts(uow, proposal.id) if row.action == "create_rma"]
        refused = [event.facts for event in events(uow, tag=Tag.PERMIT_REFUSED)]
        assert rmas.rma_of_proposal(uow, proposal.id) is not None
    assert verdict.bundle_hash == now.bundle_hash
    assert refused == [{"check": "policy changed"}]
    again = decide_group(house.world, proposal.id)
    assert again["decided"] == "before"


def test_who_approved_pieces_that_are_gone_by_then_is_not_taken_for_one_who_said_no(house: House) -> None:
    """The customer asked twice; the pieces of the second request went with the first."""
    first, second = drives(house), drives(house)
    assert decide(house, first[1], ARNE).state == "approved"

    row = decide(house, second[1], ARNE)

    assert (row.state, row.marked) == ("rejected", reviews.OVERTAKEN)
    assert "Approved, but refused when it was to be carried out" in row.note
    assert rmas_of(house, second[0]) == []
    with house.store.read() as uow:
        assert faults(uow, row.case_id) == []
