"""Decisions of a running house in shadow, with what people then did, on both databases."""

import re
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from backhaul.bootstrap.policy_shelf import SHIPPED
from backhaul.domain.codes import Outcome, Reason
from backhaul.store import cases, reviews, staff
from backhaul.store.tables import VerdictRow
from policies.shadow_report import Comparison, segments_in_shadow, shadow_report
from tests.house import House
from tools.history import watched

ROW = re.compile(r"^      create_rma: +\{consumable: live.*$", re.MULTILINE)


@pytest.fixture
def watching(house: House, tmp_path: Path) -> House:
    """A house whose documents have it only watch where an RMA is asked for."""
    return only_watch(house, tmp_path / "documents")


def only_watch(house: House, folder: Path) -> House:
    """Put RMAs of every class into shadow, in a copy of the documents."""
    shutil.copytree(SHIPPED, folder)
    for file in folder.glob("controls-*.yaml"):
        text, changed = ROW.subn(lambda row: row[0].replace(": live", ": shadow"), file.read_text())
        assert changed == 1
        file.write_text(text)
    house.shelf.folder = folder
    return house


def ask(house: House, order: str, line: int, quantity: int, *, serials: tuple[str, ...] = ()) -> str:
    """Propose a line that is no longer needed; the review it waits in."""
    sent = house.propose(
        order, line, quantity, Reason.NO_LONGER_NEEDED, words=f"no longer needed, {quantity}", serials=serials
    )
    with house.store.read() as uow:
        (proposal,) = cases.proposals(uow, consent_id=sent.consent_id)
        review = reviews.review_of_proposal(uow, proposal.id)
    assert review is not None, "in shadow a person decides"
    return review.id


def answer(house: House, review_id: str, *, yes: bool) -> None:
    with house.store.begin() as uow:
        person = staff.staff_by_email(uow, "arne.approver@halden.example")
        assert person is not None
        row = reviews.at_version(uow, review_id, reviews.review(uow, review_id).version, event="answer")
        verdict = reviews.newest_verdict(uow, row)
        assert verdict is not None
        digest = verdict.command_digest
        if yes:
            reviews.approve(uow, house.desk.ids, row, user_id=person.id, command_digest=digest, note="")
        else:
            reviews.reject(uow, row, user_id=person.id, note="We want to see these first.")
        house.engine.start(
            uow, workflow="resume-review", workflow_id=f"resume-{review_id}-{row.version}", args=[review_id]
        )


def test_guard_and_people_are_compared_as_they_decided(watching: House) -> None:
    answer(watching, ask(watching, "SO-15086", 1, 1), yes=True)
    answer(watching, ask(watching, "SO-15086", 2, 2), yes=False)
    answer(watching, ask(watching, "SO-14174", 1, 1), yes=True)
    drives = ("KX4-50-118803", "KX4-50-118804")
    answer(watching, ask(watching, "SO-15093", 1, 2, serials=drives), yes=False)
    ask(watching, "SO-15086", 1, 2)

    with watching.store.read() as uow:
        found = list(watched(uow))
        later = list(watched(uow, since=found[-1].decided_at + timedelta(seconds=1)))

    assert [one.comparison for one in found] == [
        Comparison.AGREED,
        Comparison.PERSON_REFUSED,
        Comparison.PERSON_APPROVED,
        Comparison.HANDED_ON,
        Comparison.UNDECIDED,
    ]
    assert [one.would for one in found[2:4]] == [Outcome.DENY, Outcome.ESCALATE]
    assert all(one.amount_usd_minor for one in found)
    assert later == []
    report = shadow_report(found, segments_in_shadow(watching.shelf.current(), found[0].decided_at.date()))
    assert sum(one.standing.cases for one in report.segments) == 5
    assert {(one.segment.rule, one.segment.table, one.segment.action) for one in report.segments} == {
        ("SHADOW", "automation", "create_rma")
    }
    assert all(one.in_shadow for one in report.segments)


def test_where_the_guard_decides_by_itself_nothing_is_watched(house: House) -> None:
    house.propose("SO-15086", 1, 1, Reason.NO_LONGER_NEEDED, words="no longer needed, one of them")

    with house.store.read() as uow:
        assert list(watched(uow)) == []


def test_what_is_decided_anew_after_an_answer_waits_for_an_answer_of_its_own(watching: House) -> None:
    answer(watching, ask(watching, "SO-15086", 2, 2), yes=False)
    with watching.store.read() as uow:
        (first,) = list(watched(uow))
        row = uow.session.get(VerdictRow, first.id)
        assert row is not None
        record = {column.key: getattr(row, column.key) for column in VerdictRow.__table__.columns}
    assert first.comparison is Comparison.PERSON_REFUSED

    later = {"decided_at": first.decided_at + timedelta(hours=1)}
    knew = {"facts": {**record["facts"], "review_status": "rejected"}}
    with watching.store.begin() as uow:
        uow.session.add(VerdictRow(**{**record, **later, **knew, "id": "VD-KNEW"}))
    with watching.store.read() as uow:
        assert [one.id for one in watched(uow)] == [first.id], "it knew what the person had said"

    with watching.store.begin() as uow:
        uow.session.add(VerdictRow(**{**record, **later, "id": "VD-ANEW"}))
    with watching.store.read() as uow:
        (anew,) = list(watched(uow))
    assert (anew.id, anew.comparison) == ("VD-ANEW", Comparison.UNDECIDED)
